// Seeds the built Worker, drives it with autocannon, and prints what came out:
// see scripts/bench. The load generator shares the machine with the Worker, so
// the ratios to the no-op are the figures to compare between machines.
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import autocannon from "autocannon";
import { FILES, start, stopAfter } from "./bench-runtime.mjs";
import { figure, quantile, table } from "./bench-table.mjs";

const CONNECTIONS = [1, 8];
/** How many requests are under way at once while the data is made. */
const SEEDERS = 8;
const WARM_UP_SECONDS = 1;
/** An answer that takes longer than this counts as failed. */
const TIMEOUT_SECONDS = 30;
/** The queue is empty when nothing came out of it for so long; its batches wait one second. */
const QUIET_MS = 3_000;
/** How long the queue may take to get empty. */
const PATIENCE_MS = 600_000;
/** A token is renewed when it is older: administrators' tokens live 5 minutes. */
const TOKEN_AGE_MS = 120_000;
/** The free plan's limit for a Worker, gzipped, and where we want to know. As in scripts/build. */
const [MAX_GZIPPED_KB, WARN_GZIPPED_KB] = [3072, 2752];

/** The demonstration data (src/app/demo.rs). */
const REALM = "/realms/travel0";
const TOKEN = `${REALM}/protocol/openid-connect/token`;
const [PASSWORD, CLIENT_SECRET] = ["travel0-demo", "travel0-demo-client-secret"];
const PEOPLE = [
  { username: "jonno", org: "rocky-mountain" },
  { username: "hiroko", org: "granite-outpost" },
  { username: "emilio", org: "granite-outpost" },
  { username: "sumana", org: "adventurez" },
];

const { quick, seconds, organizations, users } = settings();
const server = await start();
const people = (connection) => PEOPLE[connection % PEOPLE.length];
let token = { text: "", at: -Infinity };

async function main() {
  await send("POST", "/dev/demo");
  await seedOrganizations();
  const scim = await seedUsers();
  const rows = [];
  for (const scenario of scenarios(scim)) {
    for (const connections of CONNECTIONS) rows.push(await measure(scenario, connections));
  }
  report(rows);
  await reportSizes();
  const failed = rows.reduce((sum, row) => sum + row.failed, 0);
  if (failed) console.error(`!!! ${failed} requests failed: the figures are not to be trusted`);
  process.exitCode = failed ? 1 : 0;
}

function settings() {
  const options = { quick: { type: "boolean", default: false }, seconds: { type: "string" } };
  try {
    const { values } = parseArgs({ options });
    const asked = Number(values.seconds ?? (values.quick ? 2 : 5));
    if (!(Number.isInteger(asked) && asked >= 1 && asked <= 60)) {
      throw new Error("--seconds wants a whole number from 1 to 60");
    }
    const [organizations, users] = values.quick ? [100, 500] : [1_000, 10_000];
    return { quick: values.quick, seconds: asked, organizations, users };
  } catch (error) {
    console.error(`!!! ${error.message}\nusage: scripts/bench [--quick] [--seconds N]`);
    process.exit(2);
  }
}

// --- making the data

async function send(method, path, { headers, json, form } = {}) {
  const type = json && { "content-type": "application/json" };
  const body = json ? JSON.stringify(json) : form && new URLSearchParams(form);
  const response = await fetch(server.url + path, { method, headers: { ...type, ...headers }, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answers ${response.status}: ${text}`);
  return { headers: response.headers, json: () => JSON.parse(text) };
}

/** The header of an administrator. */
async function administrator() {
  if (performance.now() - token.at > TOKEN_AGE_MS) {
    const form = {
      grant_type: "client_credentials",
      client_id: "admin-service",
      client_secret: server.serviceSecret,
    };
    const answer = await send("POST", "/realms/master/protocol/openid-connect/token", { form });
    token = { text: answer.json().access_token, at: performance.now() };
  }
  return { authorization: `Bearer ${token.text}` };
}

/** Runs `make(0)` to `make(count - 1)`, some at once, and says how far it is. */
async function seed(what, count, make) {
  console.log(`==> Making ${count} ${what}`);
  const began = performance.now();
  let next = 0;
  let made = 0;
  const seeder = async () => {
    while (next < count) {
      await make(next++);
      if (++made % Math.ceil(count / 10) === 0) {
        const elapsed = (performance.now() - began) / 1000;
        console.log(`    ${made} of ${count} after ${elapsed.toFixed(0)} s, ${(made / elapsed).toFixed(0)}/s`);
      }
    }
  };
  await Promise.all(Array.from({ length: SEEDERS }, seeder));
}

function seedOrganizations() {
  return seed("organizations", organizations, async (number) => {
    const json = { id: crypto.randomUUID(), name: `bench-${number}`, displayName: `Bench ${number}` };
    await send("POST", `${REALM}/orgs`, { headers: await administrator(), json });
  });
}

/** Fills one organization through its SCIM endpoint, and says where that is. */
async function seedUsers() {
  const headers = await administrator();
  const id = crypto.randomUUID();
  await send("POST", `${REALM}/orgs`, { headers, json: { id, name: "bench-scim" } });
  const auth = { type: "EXTERNAL_SECRET", shared_secret: "bench-scim-shared-secret-of-some-length" };
  await send("POST", `${REALM}/orgs/${id}/scim`, { headers, json: { enabled: true, auth } });
  const scim = {
    path: `${REALM}/scim/v2/organizations/${id}/Users`,
    headers: { authorization: `Bearer ${auth.shared_secret}` },
  };
  await seed("SCIM users in one organization", users, (number) =>
    send("POST", scim.path, { headers: scim.headers, json: scimUser(`user-${number}`) }),
  );
  return scim;
}

/** A user as Okta sends it. */
function scimUser(name) {
  const email = `${name}@bench.example`;
  return {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    userName: email,
    name: { givenName: "Bench", familyName: name },
    emails: [{ primary: true, value: email, type: "work" }],
    displayName: `Bench ${name}`,
    locale: "en-US",
    externalId: `00u-${name}`,
    groups: [],
    active: true,
  };
}

// --- what is measured

/**
 * `next(connection)` is the request to send, `seen(connection, body)` gets the
 * answer, `prepare(connections)` runs before, and before the warm-up.
 */
function scenarios(scim) {
  const families = [];
  let admin;
  let created = 0;
  return [
    { name: "no-op (/health)", next: () => ({ method: "GET", path: "/health" }) },
    { name: "client_credentials", next: () => tokenRequest(MACHINE) },
    {
      name: "refresh, rotating",
      prepare: async (connections) => {
        for (let it = 0; it < connections; it++) {
          const answer = await send("POST", TOKEN, { form: loginForm(people(it)) });
          families[it] = answer.json().refresh_token;
        }
      },
      next: (connection) =>
        tokenRequest({
          grant_type: "refresh_token",
          client_id: "admin-cli",
          refresh_token: families[connection],
        }),
      seen: (connection, body) => (families[connection] = JSON.parse(body).refresh_token),
    },
    { name: "password login", next: (connection) => tokenRequest(loginForm(people(connection))) },
    {
      name: `list organizations, 100 of ${organizations}`,
      prepare: async () => (admin = await administrator()),
      next: () => ({ method: "GET", path: `${REALM}/orgs?first=0&max=100`, headers: admin }),
    },
    {
      name: `SCIM filter, 1 of ${users}`,
      next: () => {
        const name = `user-${Math.floor(Math.random() * users)}@bench.example`;
        const filter = encodeURIComponent(`userName eq "${name}"`);
        return { method: "GET", path: `${scim.path}?filter=${filter}`, headers: scim.headers };
      },
    },
    {
      name: `SCIM create, beside ${users}`,
      next: () => ({
        method: "POST",
        path: scim.path,
        headers: { ...scim.headers, "content-type": "application/scim+json" },
        body: JSON.stringify(scimUser(`more-${created++}`)),
      }),
    },
  ];
}

const MACHINE = {
  grant_type: "client_credentials",
  client_id: "travel0-machine",
  client_secret: CLIENT_SECRET,
};

const loginForm = ({ username, org }) => ({
  grant_type: "password",
  client_id: "admin-cli",
  username,
  password: PASSWORD,
  scope: `openid organization:${org}`,
});

const tokenRequest = (form) => ({
  method: "POST",
  path: TOKEN,
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams(form).toString(),
});

/** Waits until the queue is empty: what was made before would slow down what is measured. */
async function quiet() {
  const began = performance.now();
  let [events, since] = [-1, began];
  while (performance.now() - since < QUIET_MS) {
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS / 10));
    const now = await server.countEvents();
    if (now !== events) [events, since] = [now, performance.now()];
    if (performance.now() - began > PATIENCE_MS) throw new Error("the queue does not get empty");
  }
}

async function measure(scenario, connections) {
  console.log(`==> Measuring ${scenario.name}, ${connections} at once`);
  await scenario.prepare?.(connections);
  await drive(scenario, connections, WARM_UP_SECONDS);
  await scenario.prepare?.(connections);
  await quiet();
  const { result, latencies } = await drive(scenario, connections, seconds);
  const failed = result.non2xx + result.errors + result.timeouts;
  const row = {
    name: scenario.name,
    connections,
    rate: latencies.length / result.duration,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    failed,
  };
  console.log(`    ${figure(row.rate)}/s${failed ? `, ${failed} failed` : ""}`);
  return row;
}

async function drive(scenario, connections, duration) {
  const latencies = [];
  let connected = 0;
  const setupClient = (client) => {
    const connection = connected++;
    const request = {
      setupRequest: (request) => ({ ...request, ...scenario.next(connection) }),
      onResponse: (status, body) => status < 300 && scenario.seen?.(connection, body),
    };
    client.setRequests([request]);
  };
  // A first request of autocannon's own, which is replaced at once: it must be valid too.
  const first = { setupRequest: (request) => ({ ...request, ...scenario.next(0) }) };
  const options = { url: server.url, connections, duration, timeout: TIMEOUT_SECONDS, setupClient };
  const result = await new Promise((resolve, reject) => {
    const run = autocannon({ ...options, requests: [first] }, (error, result) =>
      error ? reject(error) : resolve(result),
    );
    // autocannon's own histogram knows whole milliseconds only.
    run.on("response", (_, status, __, latency) => status < 300 && latencies.push(latency));
  });
  return { result, latencies: latencies.sort((a, b) => a - b) };
}

// --- what is printed

function report(rows) {
  const noop = Object.fromEntries(rows.slice(0, CONNECTIONS.length).map((row) => [row.connections, row.rate]));
  console.log(`\nworkerd on ${availableParallelism()} processors, shared with the load generator; ${seconds} s each`);
  console.log(quick ? "A quick run, with little data\n" : "");
  const head = ["request", "at once", "requests/s", "p50 ms", "p99 ms", "no-ops"];
  table([
    head,
    ...rows.map((row) => [
      row.name,
      String(row.connections),
      figure(row.rate),
      figure(row.p50),
      figure(row.p99),
      figure(noop[row.connections] / row.rate),
    ]),
  ]);
  console.log("\nno-ops: as many of them are answered in the time of one such request");
}

async function reportSizes() {
  const whole = Buffer.concat(await Promise.all(FILES.map((file) => readFile(file))));
  const [raw, gzipped] = [whole.length, gzipSync(whole, { level: 9 }).length].map((bytes) => bytes / 1024);
  console.log(`\nsize: ${raw.toFixed(0)} kB, gzipped ${gzipped.toFixed(0)} kB of ${MAX_GZIPPED_KB} kB`);
  if (gzipped > MAX_GZIPPED_KB) throw new Error("the Worker is too large for the free plan");
  if (gzipped > WARN_GZIPPED_KB) console.error(`!!! gzipped it is larger than ${WARN_GZIPPED_KB} kB`);
  console.log(`start-up: ${server.startMs.toFixed(0)} ms more than an empty Worker, to the first answer`);
}

await stopAfter(server, main);
