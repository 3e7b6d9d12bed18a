// Authlib as a relying party: the folder authlib_client, run by the Python that
// scripts/test has furnished.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { start } from "./harness.mjs";

const SCRIPT = new URL("authlib_client", import.meta.url).pathname;
const PYTHON = process.env.GUILDHALL_PYTHON;

let server;

before(async () => {
  if (PYTHON) server = await start({ demo: true });
});
after(() => server?.stop());

test("Authlib logs people in", { skip: PYTHON ? false : "no Python on this machine" }, async () => {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  const child = spawn(PYTHON, [SCRIPT, server.url], { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const status = await new Promise((resolve) => child.once("close", resolve));
  assert.equal(status, 0, said);
  assert.match(said, /Authlib is served/);
});
