// What the document at /openapi.json says is what the built Worker does: asked
// without a credential, and by schemathesis, which makes requests from it, the
// same ones each time. schemathesis.mjs tells it who calls and what there is.
//
// With GUILDHALL_FUZZ=full it makes some ten thousand more and goes to the bounds
// of each schema (CONTRIBUTING.md).
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Client, start } from "./harness.mjs";
import { BRIEF, FULL, SCIM_SECRET, configure, furnish } from "./schemathesis.mjs";
import { Api } from "./travel0.mjs";

const PYTHON = process.env.GUILDHALL_PYTHON;
const EXTENT = process.env.GUILDHALL_FUZZ === "full" ? FULL : BRIEF;
const skip = PYTHON ? false : "no Python on this machine";
const FILE = new URL("../../schemas/openapi.json", import.meta.url);
/** Nobody answers there: no test looks anything up in the internet. */
const DNS_RESOLVER_URL = "http://127.0.0.1:9/";

/** Operations that no request of schemathesis can bring to a good end, and why. */
const NEVER = new Map([
  ["DELETE /admin/realms/{realm}/users/{user}/consents/{client}", "whoever asks, nobody has given one"],
  ["DELETE /realms/{realm}/clients-registrations/openid-connect/{client}", "is for the token of that client, of which each works once"],
  ["GET /realms/{realm}/clients-registrations/openid-connect/{client}", "likewise"],
  ["PUT /realms/{realm}/clients-registrations/openid-connect/{client}", "likewise"],
  ["POST /admin/realms/{realm}/organizations/{org}/identity-providers", "the body is one word, which no configuration can give"],
  ["POST /admin/realms/{realm}/organizations/{org}/members", "likewise"],
  ["GET /realms/{realm}/scim/v2/organizations/{org}/Me", "whoever presents a directory's secret is nobody"],
  ["PUT /realms/{realm}/scim/v2/organizations/{org}/Me", "likewise"],
  ["PATCH /realms/{realm}/scim/v2/organizations/{org}/Me", "likewise"],
  ["DELETE /realms/{realm}/scim/v2/organizations/{org}/Me", "likewise"],
  ["POST /realms/{realm}/device", "takes the form of a page, in the browser that has the page's cookie"],
  ["POST /realms/{realm}/login-actions/consent", "likewise"],
  ["POST /realms/{realm}/login-actions/action-token", "takes the form of a page, in the browser that has the page's cookie"],
  ["POST /realms/{realm}/login-actions/authenticate", "likewise"],
  ["POST /realms/{realm}/login-actions/organization", "likewise"],
  ["POST /realms/{realm}/login-actions/registration", "likewise"],
  ["POST /realms/{realm}/login-actions/required-action", "likewise"],
]);

let server;
let folder;
let document;
let things;
/** The statuses of every answer to schemathesis, by operation. */
const answered = new Map();

before(async () => {
  server = await start({ demo: true, vars: { DNS_RESOLVER_URL } });
  folder = await mkdtemp(join(tmpdir(), "guildhall-openapi-"));
  document = (await new Client(server.url).get("/openapi.json")).json;
  things = await furnish(server.url);
});
after(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Every operation: its name as schemathesis has it, and its description. */
const operations = () =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => method !== "parameters")
      .map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, method, path, operation })),
  );

test("the document is the one that is committed, for programs of any origin", async () => {
  for (const path of ["/openapi.json", "/auth/openapi.json"]) {
    const answer = await new Client(server.url).get(path);
    assert.equal(answer.text, await readFile(FILE, "utf8"), path);
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    assert.equal(answer.headers.get("cache-control"), "public, max-age=3600");
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  }
});

test("an operation that asks for a credential answers 401 without one, and with garbage", async () => {
  const guarded = operations().filter(({ operation }) => operation.security.some((one) => "token" in one || "scimSecret" in one));
  assert.ok(guarded.length > 150, `${guarded.length} operations`);
  for (const { name, method, path } of guarded) {
    const place = path.replace(/{(\w+)}/g, (_, variable) => (things[variable] ?? ["x"])[0]);
    const nobody = await new Client(server.url).send(method.toUpperCase(), place);
    const garbage = await new Api(server.url, "garbage").send(method.toUpperCase(), place);
    assert.deepEqual([nobody.status, garbage.status], [401, 401], name);
    // A right credential clears the address, which would have to wait after ten wrong ones.
    if (path.includes("/scim/v2/")) await new Api(server.url, SCIM_SECRET).send("GET", place);
  }
});

describe("schemathesis finds nothing that is not described", { skip }, () => {
  test("in the examples, and in a full run at the bounds of each schema", (t) => run(EXTENT.first, t));
  test("in what it makes up", (t) => run("fuzzing", t));

  test("and brings every operation to a good end", () => {
    const good = (statuses) => statuses.some((status) => status < 400);
    const bad = operations().filter(({ name }) => !good(answered.get(name) ?? []));
    assert.deepEqual(bad.map(({ name }) => name).sort(), [...NEVER.keys()].sort());
  });
});

/** Runs phases of schemathesis, and keeps what was answered. */
async function run(phases, t) {
  const [config, report] = [join(folder, "schemathesis.toml"), join(folder, "report.ndjson")];
  await writeFile(config, configure(document, things, phases, EXTENT));
  const options = ["--url", server.url, "--phases", phases, "--report", "ndjson", "--report-ndjson-path", report];
  const { status, said } = await schemathesis(["--config-file", config, "run", FILE.pathname, ...options]);
  assert.equal(status, 0, said);
  let requests = 0;
  for (const line of (await readFile(report, "utf8")).split("\n").filter(Boolean)) {
    const { recorder } = JSON.parse(line).ScenarioFinished ?? {};
    const statuses = Object.values(recorder?.interactions ?? {}).map(({ response }) => response?.status_code);
    requests += statuses.length;
    if (recorder) answered.set(recorder.label, [...(answered.get(recorder.label) ?? []), ...statuses]);
  }
  t.diagnostic(`${requests} requests`);
}

async function schemathesis(options) {
  const child = spawn(PYTHON, ["-m", "schemathesis.cli", ...options], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const status = await new Promise((resolve) => child.once("close", resolve));
  return { status, said };
}
