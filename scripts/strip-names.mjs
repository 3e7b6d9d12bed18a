// Takes the names of functions out of a WebAssembly module, in place:
//
//   node scripts/strip-names.mjs FILE.wasm
//
// They are a fifth of it and only stack traces show them. worker-build always keeps
// them, and wasm-opt, asked to take them out, writes the rest a tenth larger.
// The form of a module: WebAssembly core specification 2.0, §5.5.
import { readFileSync, writeFileSync } from "node:fs";

const [, , file] = process.argv;
/** "\0asm" and the version. */
const HEAD_BYTES = 8;
const CUSTOM_SECTION = 0;

const bytes = readFileSync(file);
const kept = [bytes.subarray(0, HEAD_BYTES)];
for (let start = HEAD_BYTES; start < bytes.length; ) {
  const size = number(start + 1);
  const end = size.end + size.value;
  if (!isNames(start, size.end)) kept.push(bytes.subarray(start, end));
  start = end;
}
writeFileSync(file, Buffer.concat(kept));

/** Whether the section at `start`, of which the content is at `content`, is that of the names. */
function isNames(start, content) {
  if (bytes[start] !== CUSTOM_SECTION) return false;
  const length = number(content);
  return bytes.toString("utf8", length.end, length.end + length.value) === "name";
}

/** The unsigned LEB128 at `at`, and where it ends. */
function number(at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, end: at };
  }
}
