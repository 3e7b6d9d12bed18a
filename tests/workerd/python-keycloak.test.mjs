// Keycloak's Python client: python_keycloak.py, run by the Python that
// scripts/setup has furnished.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { start } from "./harness.mjs";

const SCRIPT = new URL("python_keycloak.py", import.meta.url).pathname;
const PYTHON = process.env.GUILDHALL_PYTHON;

let server;

before(async () => {
  if (PYTHON) server = await start();
});
after(() => server?.stop());

test("python-keycloak administers a realm", { skip: PYTHON ? false : "no Python on this machine" }, async () => {
  const child = spawn(PYTHON, [SCRIPT, server.url], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const status = await new Promise((resolve) => child.once("close", resolve));
  assert.equal(status, 0, said);
  assert.match(said, /python-keycloak is served/);
});
