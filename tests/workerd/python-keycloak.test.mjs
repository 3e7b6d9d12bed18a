// Keycloak's Python client: the folder python_keycloak, run by the Python that
// scripts/test has furnished. Its synchronous and its asynchronous calls are two
// halves of one client, and go through the same scenario.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { start } from "./harness.mjs";
import { leftOut, supported } from "./operations.mjs";

const SCRIPT = new URL("python_keycloak", import.meta.url).pathname;
const PYTHON = process.env.GUILDHALL_PYTHON;

/** Fewer, and the client's source is not understood any more. */
const AT_LEAST = 150;

/** What is answered for something else, and refused to these calls: they are made, too. */
const REFUSED = {
  "KeycloakAdmin.revoke_consent": 404,
  "KeycloakOpenID.uma_permissions": 400,
  "KeycloakOpenID.has_uma_access": 400,
};

let server;

before(async () => {
  if (PYTHON) server = await start();
});
after(() => server?.stop());

/** Runs the scenario, and gives what it wrote: what is offered, what was asked. */
async function run(...options) {
  const report = join(server.state, `report${options.join("-")}.json`);
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  const child = spawn(PYTHON, [SCRIPT, server.url, report, ...options], { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const status = await new Promise((resolve) => child.once("close", resolve));
  assert.equal(status, 0, said);
  assert.match(said, /python-keycloak is served/);
  return JSON.parse(await readFile(report, "utf8"));
}

const asynchronous = ([call, status]) => [call.replace(".", ".a_"), status];

describe("python-keycloak administers a realm", { skip: PYTHON ? false : "no Python on this machine" }, () => {
  for (const [half, options, refused] of [
    ["synchronous", [], REFUSED],
    ["asynchronous", ["async"], Object.fromEntries(Object.entries(REFUSED).map(asynchronous))],
  ]) {
    test(`with every ${half} call that is answered here`, async () => {
      const { offered, requests } = await run(...options);
      assert.ok((await supported(offered)) >= AT_LEAST, `${await supported(offered)} supported calls`);
      assert.deepEqual(await leftOut(offered, requests, refused), []);
    });
  }
});
