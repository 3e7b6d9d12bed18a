// The directories of organizations of several sizes, through their SCIM services in
// the built Worker, one request at a time: what is asked most, what changes most, and
// whether it takes longer where more people are. See scripts/bench.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { start, stopAfter } from "./bench-runtime.mjs";
import { figure, quantile, table } from "./bench-table.mjs";

/** How often each question is asked, after a first time. */
const REPEATS = 100;
/** How often what changes a whole group or makes many users. */
const FEW_REPEATS = 5;
const PAGE = 100;
/** A lookup among the most users may take so many times as long as among the fewest. */
const MAX_RATIO = 1.5;
const REALM = "/realms/travel0";
const SECRET = "bench-scim-shared-secret-of-some-length";
const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

const { sizes, users, bulk } = settings();
const server = await start();

function settings() {
  const options = {
    sizes: { type: "string", default: "1000,10000,100000" },
    users: { type: "string", default: "10000" },
    bulk: { type: "string", default: "1000" },
  };
  const number = (name, text, least) => {
    const asked = Number(text);
    if (Number.isInteger(asked) && asked >= least && asked <= 1_000_000) return asked;
    throw new Error(`--${name} wants whole numbers from ${least} to 1000000`);
  };
  try {
    const { values } = parseArgs({ options });
    const sizes = values.sizes.split(",").map((size) => number("sizes", size, PAGE));
    return {
      sizes: sizes.sort((a, b) => a - b),
      users: number("users", values.users, 10),
      bulk: number("bulk", values.bulk, 1),
    };
  } catch (error) {
    console.error(`!!! ${error.message}\nusage: scripts/bench scim [--sizes N,N,...] [--users N] [--bulk N]`);
    process.exit(2);
  }
}

// --- asking

async function send(method, path, { headers, json, form } = {}) {
  const type = json && { "content-type": "application/scim+json" };
  const body = json ? JSON.stringify(json) : form && new URLSearchParams(form);
  const response = await fetch(server.url + path, { method, headers: { ...type, ...headers }, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answers ${response.status}: ${text.slice(0, 1000)}`);
  return text ? JSON.parse(text) : null;
}

/** An organization's service. */
class Service {
  #base;
  #headers = { authorization: `Bearer ${SECRET}` };

  constructor(id) {
    this.#base = `${REALM}/scim/v2/organizations/${id}`;
  }

  static async open(name) {
    const form = { grant_type: "client_credentials", client_id: "admin-service", client_secret: server.serviceSecret };
    const { access_token } = await send("POST", "/realms/master/protocol/openid-connect/token", { form });
    const headers = { authorization: `Bearer ${access_token}`, "content-type": "application/json" };
    const id = crypto.randomUUID();
    await post(`${REALM}/orgs`, headers, { id, name });
    await post(`${REALM}/orgs/${id}/scim`, headers, { auth: { type: "EXTERNAL_SECRET", shared_secret: SECRET } });
    return new Service(id);
  }

  ask(method, path, json) {
    return send(method, this.#base + path, { headers: this.#headers, json });
  }
}

async function post(path, headers, json) {
  const response = await fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(json) });
  if (!response.ok) throw new Error(`POST ${path} answers ${response.status}: ${await response.text()}`);
}

/** A user as Okta sends it. */
function user(prefix, number) {
  const email = `${prefix}-${number}@bench.example`;
  return {
    schemas: [USER],
    userName: email,
    name: { givenName: "Bench", familyName: `${prefix} ${number}` },
    emails: [{ primary: true, value: email, type: "work" }],
    displayName: `Bench ${number}`,
    externalId: `00u-${prefix}-${number}`,
    active: true,
  };
}

function progress(what, made, all, began) {
  const elapsed = (performance.now() - began) / 1000;
  console.log(`    ${what}: ${made} of ${all} after ${elapsed.toFixed(0)} s, ${(made / elapsed).toFixed(0)}/s`);
}

/** Makes users `from` to `to` of `service` by one bulk, and answers their ids. */
async function makeBulk(service, prefix, from, to) {
  const numbers = Array.from({ length: to - from }, (_, it) => from + it);
  const Operations = numbers.map((number) => ({
    method: "POST",
    path: "/Users",
    bulkId: `u${number}`,
    data: user(prefix, number),
  }));
  const answer = await service.ask("POST", "/Bulk", { schemas: [BULK], Operations });
  const failed = answer.Operations.find((operation) => operation.status !== "201");
  if (failed || answer.Operations.length !== to - from) throw new Error(`bulk: ${JSON.stringify(failed ?? answer)}`);
  return answer.Operations.map((operation) => operation.location.split("/").at(-1));
}

/** Fills `service` as fast as it takes them, and answers the ids of all. */
async function fill(service, prefix, count) {
  const { bulk: limits } = await service.ask("GET", "/ServiceProviderConfig");
  const step = Math.min(limits.maxOperations, Math.floor(limits.maxPayloadSize / 600), 1_000);
  const began = performance.now();
  const ids = [];
  for (let made = 0, told = 0; made < count; made += step) {
    ids.push(...(await makeBulk(service, prefix, made, Math.min(count, made + step))));
    if (ids.length - told >= count / 10) progress(`${count} users`, (told = ids.length), count, began);
  }
  return ids;
}

// --- measuring

const rows = [];

/** Asks `question(turn)` again and again; `check` looks at each answer. */
async function measure(name, beside, question, check = () => true, repeats = REPEATS) {
  const latencies = [];
  for (let turn = 0; turn <= repeats; turn++) {
    const began = performance.now();
    const answer = await question(turn);
    if (turn) latencies.push(performance.now() - began);
    if (!check(answer)) throw new Error(`${name} among ${beside}: ${JSON.stringify(answer).slice(0, 1000)} came`);
  }
  return note(name, beside, latencies);
}

function note(name, beside, latencies) {
  latencies.sort((a, b) => a - b);
  const p50 = quantile(latencies, 0.5);
  rows.push([name, String(beside), figure(p50), figure(quantile(latencies, 0.99)), figure(latencies.at(-1))]);
  console.log(`    ${name}, among ${beside}: ${figure(p50)} ms`);
  return p50;
}

/** Users made one by one: the last must not take longer than the first. */
async function createOneByOne() {
  console.log(`==> Making ${users} users one by one`);
  const service = await Service.open("bench-one-by-one");
  const began = performance.now();
  const latencies = [];
  for (let number = 0; number < users; number++) {
    const before = performance.now();
    await service.ask("POST", "/Users", user("one", number));
    latencies.push(performance.now() - before);
    if ((number + 1) % Math.ceil(users / 10) === 0) progress("one by one", number + 1, users, began);
  }
  const tenth = Math.max(1, Math.floor(users / 10));
  const first = note("create, the first tenth", 0, latencies.slice(0, tenth));
  const last = note("create, the last tenth", users - tenth, latencies.slice(-tenth));
  return { "create, the last to the first": last / first };
}

const isOne = (list) => list.totalResults === 1 && list.Resources.length === 1;

/** What a directory asks before it writes, and what it reads when it imports. */
async function lookUp(service, prefix, count) {
  const any = () => user(prefix, Math.floor(Math.random() * count));
  const found = (filter) => service.ask("GET", `/Users?filter=${encodeURIComponent(filter)}`);
  const page = (from) => service.ask("GET", `/Users?startIndex=${from}&count=${PAGE}`);
  const isPage = (list) => list.totalResults === count && list.Resources.length === PAGE;
  const userName = await measure("userName eq", count, () => found(`userName eq "${any().userName}"`), isOne);
  const externalId = await measure("externalId eq", count, () => found(`externalId eq "${any().externalId}"`), isOne);
  await measure("the first page", count, () => page(1), isPage);
  await measure("a page in the middle", count, () => page(Math.max(1, Math.floor((count - PAGE) / 2))), isPage);
  await measure("the last page", count, () => page(count - PAGE + 1), isPage);
  let cursor = "";
  const next = async () => {
    const list = await service.ask("GET", `/Users?count=${PAGE}&cursor=${encodeURIComponent(cursor)}`);
    cursor = list.nextCursor ?? "";
    return list;
  };
  await measure("the next page, by cursor", count, next, (list) => list.Resources.length > 0);
  return { userName, externalId };
}

/** One member more or less of a group of all of them, and all of them at once. */
async function changeGroup(service, prefix, ids) {
  const count = ids.length;
  const members = ids.map((value) => ({ value }));
  const [{ value: stranger }] = members.splice(0, 1);
  const { id } = await service.ask("POST", "/Groups", { schemas: [GROUP], displayName: `All of ${prefix}` });
  const patch = (...Operations) => service.ask("PATCH", `/Groups/${id}?attributes=displayName`, { schemas: [PATCH], Operations });
  for (let at = 0; at < members.length; at += 1_000) {
    await patch({ op: "add", path: "members", value: members.slice(at, at + 1_000) });
  }
  const isGroup = (answer) => answer.id === id;
  await measure("PATCH: add a member and remove it", count, async () => {
    await patch({ op: "add", path: "members", value: [{ value: stranger }] });
    return patch({ op: "remove", path: `members[value eq "${stranger}"]` });
  }, isGroup);
  const put = (turn) =>
    service.ask("PUT", `/Groups/${id}?attributes=displayName`, { schemas: [GROUP], displayName: `All ${turn}`, members: turn % 2 ? members : members.slice(1) });
  await measure("PUT: replace the group", count, put, isGroup, FEW_REPEATS);
  const { totalResults } = await service.ask("GET", `/Groups?filter=${encodeURIComponent(`members eq "${ids.at(-1)}"`)}&attributes=id`);
  if (totalResults !== 1) throw new Error("the group lost its members");
}

async function bulkOf(count) {
  const service = await Service.open("bench-bulk");
  const made = (turn) => makeBulk(service, `bulk${turn}`, 0, count);
  await measure(`Bulk of ${count} users`, 0, made, (ids) => ids.length === count, FEW_REPEATS);
}

async function main() {
  await send("POST", "/dev/demo");
  const ratios = await createOneByOne();
  console.log(`==> A bulk of ${bulk}`);
  await bulkOf(bulk);
  const lookUps = [];
  for (const count of sizes) {
    console.log(`==> Filling an organization with ${count} users`);
    const service = await Service.open(`bench-${count}`);
    const ids = await fill(service, `size${count}`, count);
    lookUps.push(await lookUp(service, `size${count}`, count));
    if (ids.length === users || (count === sizes.at(-1) && !sizes.includes(users))) {
      await changeGroup(service, `size${count}`, ids.slice(0, users));
    }
  }
  for (const name of ["userName", "externalId"]) {
    ratios[`${name} eq, among ${sizes.at(-1)} to among ${sizes[0]}`] = lookUps.at(-1)[name] / lookUps[0][name];
  }
  report(ratios);
}

function report(ratios) {
  console.log(`\nworkerd on ${availableParallelism()} processors, one request at a time\n`);
  table([["request", "among", "p50 ms", "p99 ms", "longest ms"], ...rows]);
  console.log("");
  table([["ratio of p50", "times"], ...Object.entries(ratios).map(([name, ratio]) => [name, figure(ratio)])]);
  const grown = Object.entries(ratios).filter(([, ratio]) => ratio > MAX_RATIO);
  for (const [name, ratio] of grown) console.error(`!!! ${name}: ${figure(ratio)} times as long, more than ${MAX_RATIO}`);
  if (grown.length) process.exitCode = 1;
}

await stopAfter(server, main);
