// The public suites for SCIM service providers, scim2-tester and scim-sanity, each
// against a fresh organization, with each credential that a directory can hold. They
// run in the Python that scripts/test has furnished, by the folder scim_suites.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { start } from "./harness.mjs";
import { Api, REALM } from "./travel0.mjs";

const SCRIPT = new URL("scim_suites", import.meta.url).pathname;
const PYTHON = process.env.GUILDHALL_PYTHON;

const SECRET = "scim-suites-secret-of-a-directory";
const CREDENTIALS = {
  Bearer: {
    auth: { type: "EXTERNAL_SECRET", shared_secret: SECRET },
    env: { SCIM_TOKEN: SECRET },
  },
  Basic: {
    auth: { type: "EXTERNAL_BASIC", username: "directory", password: SECRET },
    env: { SCIM_USERNAME: "directory", SCIM_PASSWORD: SECRET },
  },
};

/** Resource types of a draft (draft-abbey-scim-agent-extension) which nobody announces here: no phase of theirs can run. */
const OF_A_DRAFT = [
  "Phase 4 — Agent CRUD Lifecycle: Agent CRUD Lifecycle",
  "Phase 5 — AgenticApplication CRUD Lifecycle: AgenticApplication CRUD Lifecycle",
  "Phase 5a — Agent Rapid Lifecycle: Agent Rapid Lifecycle",
];

/** What each suite calls a success, the fewest checks that are the whole of it, and what cannot run. */
const SUITES = {
  "scim2-tester": { success: "SUCCESS", atLeast: 125, leftOut: [] },
  "scim-sanity": { success: "pass", atLeast: 29, leftOut: OF_A_DRAFT },
};

let server;
let admin;

before(async () => {
  if (!PYTHON) return;
  server = await start({ demo: true });
  admin = await Api.admin(server.url);
});
after(() => server?.stop());

/** A new organization that `auth` opens; answers the URL of its service. */
async function organization(name, auth) {
  const made = await admin.post(`${REALM}/orgs`, { name });
  assert.equal(made.status, 201, made.text);
  const id = made.location.split("/").at(-1);
  const configured = await admin.post(`${REALM}/orgs/${id}/scim`, { auth });
  assert.equal(configured.status, 201, configured.text);
  return `${server.url}${REALM}/scim/v2/organizations/${id}`;
}

/** Runs a suite, and gives what it found. */
async function run(suite, url, credential) {
  const report = join(server.state, `${suite}-${url.split("/").at(-1)}.json`);
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1", ...credential };
  const child = spawn(PYTHON, [SCRIPT, suite, url, report], { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const status = await new Promise((resolve) => child.once("close", resolve));
  assert.equal(status, 0, said);
  return JSON.parse(await readFile(report, "utf8"));
}

/** The resource types that the service announces. */
async function announced(url, credential) {
  const { SCIM_TOKEN: token, SCIM_USERNAME: user, SCIM_PASSWORD: password } = credential;
  const authorization = token ? `Bearer ${token}` : `Basic ${btoa(`${user}:${password}`)}`;
  const { Resources } = await (await fetch(`${url}/ResourceTypes`, { headers: { authorization } })).json();
  return Resources.map((type) => type.name).sort();
}

describe("A fresh organization passes the public SCIM suites", { skip: PYTHON ? false : "no Python on this machine" }, () => {
  for (const [suite, { success, atLeast, leftOut }] of Object.entries(SUITES)) {
    for (const [scheme, { auth, env }] of Object.entries(CREDENTIALS)) {
      test(`${suite} with ${scheme}`, async () => {
        const url = await organization(`${suite}-${scheme.toLowerCase()}`, auth);
        assert.deepEqual(await announced(url, env), ["Group", "User"], "nothing else is announced, so nothing is left out");

        const results = await run(suite, url, env);

        // A warning or a skip is no success either.
        const bad = results.filter((one) => one.status !== success);
        const unexpected = bad.filter((one) => !(one.status === "skip" && leftOut.includes(one.name)));
        assert.deepEqual(unexpected, []);
        assert.deepEqual(bad.map((one) => one.name), leftOut);
        assert.ok(results.length >= atLeast, `only ${results.length} checks were made`);
      });
    }
  }
});
