// The README's tour, pasted into a shell as a reader would. README_SHOW=1 prints
// what each block answers, to be copied into the README.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { start } from "./harness.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MARK = "--- end of block ---";

let server;
let folder;
let answers;
let blocks;

before(async () => {
  blocks = commandsOf(await readFile(join(ROOT, "README.md"), "utf8"));
  folder = await mkdtemp(join(tmpdir(), "guildhall-readme-"));
  for (const name of ["tests", ".dev.vars"]) await symlink(join(ROOT, name), join(folder, name));
  server = await start({ demo: true });
  answers = await run(blocks.map((block) => block.command));
});

after(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The shell blocks of the tour, each with the output that the README shows behind it. */
function commandsOf(readme) {
  const tour = readme.slice(readme.indexOf("## The tour"), readme.indexOf("## Deploying"));
  const found = [...tour.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  const commands = [];
  for (const [, language, text] of found) {
    if (language === "sh") commands.push({ command: text, shown: null });
    else commands.at(-1).shown = text;
  }
  return commands;
}

/** Runs every block in one shell; answers what each printed. */
async function run(commands) {
  const script = commands.map((command) => `${command}\necho; echo '${MARK}'\n`).join("");
  const { stdout } = await promisify(execFile)("bash", ["-c", here(script)], { cwd: folder });
  return stdout.split(MARK).map((text) => text.replaceAll("\r", "").trim());
}

/** Text of the README, told of the server under test. */
function here(text) {
  const { host } = new URL(server.url);
  return text
    .replaceAll("localhost:8787", host)
    .replaceAll("localhost%3A8787", encodeURIComponent(host));
}

/** What the README shows, as a pattern: `...` is anything, an id or a time is another one. */
function pattern(shown) {
  const escaped = here(shown.trim()).replace(/[\\^$*+?()[\]{}|]/g, "\\$&");
  const source = escaped
    .replace(/[\w-]*\.\.\.\.?[\w-]*(\.\.\.)?/g, "[^]*?")
    .replace(/\d{10}/g, "\\d{10}")
    .replace(/\d{1,2} \w+ 20\d\d/g, "\\d{1,2} \\w+ 20\\d\\d");
  return new RegExp(`^${source}$`);
}

test("the tour has blocks to run", () => assert.ok(blocks.length > 15));

test("every block of the tour answers what the README shows", () => {
  for (const [number, { command, shown }] of blocks.entries()) {
    if (process.env.README_SHOW) console.log(`${command}\n>>>\n${answers[number]}\n`);
    else if (shown !== null) assert.match(essential(answers[number]), pattern(shown), command);
  }
});

/** An answer without the headers that every answer has. */
function essential(answer) {
  if (!answer.startsWith("HTTP/")) return answer;
  return answer.split("\n").filter((line) => /^(HTTP|location)/i.test(line)).join("\n");
}
