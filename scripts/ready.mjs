// Waits until a Worker that has just been started answers, has it make realm
// master and, unless --empty, the demo data, and prints what that answers.
//
//   node scripts/ready.mjs URL PID [--empty]

/** How long a runtime may take to answer, in milliseconds. A cold one on a busy machine needs ten seconds. */
const PATIENCE_MS = 90_000;
const PAUSE_MS = 100;

const [url, pid, empty] = process.argv.slice(2);

async function answers() {
  try {
    return await fetch(`${url}/health`);
  } catch {
    return null;
  }
}

function isAlive() {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

async function untilHealthy() {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const response = await answers();
    if (response?.ok) return;
    if (response) fail(`GET /health answers ${response.status}: ${await response.text()}`);
    if (!isAlive()) fail("the runtime is gone");
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  fail(`GET /health did not answer within ${PATIENCE_MS / 1000} s`);
}

async function ask(method, path) {
  const response = await fetch(url + path, { method });
  const text = await response.text();
  if (!response.ok) fail(`${method} ${path} answers ${response.status}: ${text}`);
  return text;
}

/** Prints nested JSON as indented lines, without the punctuation. */
function print(value, indent = "    ") {
  for (const [key, inner] of Object.entries(value)) {
    const label = Array.isArray(value) ? "-" : `${key}:`;
    if (typeof inner === "object" && inner !== null) {
      console.log(`${indent}${label}`);
      print(inner, `${indent}  `);
    } else {
      console.log(`${indent}${label} ${inner}`);
    }
  }
}

function fail(why) {
  console.error(`!!! ${why}`);
  process.exit(1);
}

await untilHealthy();
await ask("GET", "/realms/master");
if (!empty) print(JSON.parse(await ask("POST", "/dev/demo")));
