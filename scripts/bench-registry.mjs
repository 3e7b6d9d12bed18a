// Very many organizations in one realm: written straight into the directory of the
// built Worker, with whatever its triggers keep, and asked for one by one over HTTP.
// See scripts/bench.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { start, stopAfter } from "./bench-runtime.mjs";
import { figure, quantile, table } from "./bench-table.mjs";

/** Organizations that one statement inserts: a fraction of D1's 30 seconds. */
const CHUNK = 1_000;
/** How often each question is asked, after a first time. */
const REPEATS = 20;
const PAGE = 100;
const REALM = "/realms/travel0";

/** The realm's organizations from number ?1 on: every tenth of one plan, every hundredth of one city. */
const INSERT = `
  WITH RECURSIVE numbers (n) AS (
    -- D1 binds a number as a floating one.
    SELECT CAST(?1 AS INTEGER) UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?1 + ?2
  )
  INSERT INTO organization (realm_id, id, name, alias, display_name, url, attributes, domains, created_at)
  SELECT realm.id, printf('bench-%06d', n), printf('Customer %06d', n), printf('customer-%06d', n),
         printf('%s %s %d', substr('NorthernSouthernEasternWestern', 1 + 8 * (n % 3), 8), hex(randomblob(3)), n), NULL,
         json_object('plan', json_array('plan-' || (n % 10)), 'city', json_array('city-' || (n % 100))),
         json_array(printf('customer-%06d.example', n)), unixepoch()
    FROM numbers JOIN realm ON realm.name = 'travel0'`;

const count = organizations();
const server = await start();

function organizations() {
  try {
    const { values } = parseArgs({ options: { organizations: { type: "string", default: "100000" } } });
    const asked = Number(values.organizations);
    if (!(Number.isInteger(asked) && asked >= CHUNK && asked <= 1_000_000)) {
      throw new Error(`--organizations wants a whole number from ${CHUNK} to 1000000`);
    }
    return asked;
  } catch (error) {
    console.error(`!!! ${error.message}\nusage: scripts/bench registry [--organizations N]`);
    process.exit(2);
  }
}

async function send(method, path, { headers, form } = {}) {
  const response = await fetch(server.url + path, { method, headers, body: form && new URLSearchParams(form) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answers ${response.status}: ${text}`);
  return { json: JSON.parse(text), batches: /d1;desc="(\d+)"/.exec(response.headers.get("server-timing"))?.[1] };
}

async function administrator() {
  const form = { grant_type: "client_credentials", client_id: "admin-service", client_secret: server.serviceSecret };
  const { json } = await send("POST", "/realms/master/protocol/openid-connect/token", { form });
  return { authorization: `Bearer ${json.access_token}` };
}

async function seed() {
  console.log(`==> Making ${count} organizations`);
  const began = performance.now();
  for (let made = 0; made < count; made += CHUNK) {
    await server.directory.prepare(INSERT).bind(made, Math.min(CHUNK, count - made)).run();
    if ((made / CHUNK) % 10 === 9) console.log(`    ${made + CHUNK} after ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
}

/** What is asked, and what must come: how many, or the number itself. */
function questions(all) {
  const number = String(Math.floor(count / 2)).padStart(6, "0");
  const last = all - (all % PAGE || PAGE);
  const page = Math.min(PAGE, Math.ceil(count / 100));
  return [
    ["first page", `orgs?first=0&max=${PAGE}`, PAGE],
    ["page in the middle", `orgs?first=${Math.floor(count / 2)}&max=${PAGE}`, PAGE],
    ["last page", `orgs?first=${last}&max=${PAGE}`, all - last],
    ["behind the last", `orgs?first=${all}&max=${PAGE}`, 0],
    ["search, one of them", `orgs?search=omer%20${number}&max=${PAGE}`, 1],
    ["search, all but the demo's", `orgs?search=customer&max=${PAGE}`, PAGE],
    ["search, two letters", `orgs?search=cu&max=${PAGE}`, PAGE],
    ["search, nobody", `orgs?search=no-such-name&max=${PAGE}`, 0],
    ["attribute of a hundredth", `orgs?q=city:city-42&max=${PAGE}`, page],
    ["count", "orgs/count", all],
    ["count of a search, all", "orgs/count?search=customer", count],
    ["count of a search, one", `orgs/count?search=omer%20${number}`, 1],
    ["count of an attribute", "orgs/count?q=city:city-42", Math.ceil((count - 42) / 100)],
  ];
}

async function measure([name, path, expected], headers) {
  const latencies = [];
  let batches;
  for (let turn = 0; turn <= REPEATS; turn++) {
    const began = performance.now();
    const answer = await send("GET", `${REALM}/${path}`, { headers });
    if (turn) latencies.push(performance.now() - began);
    const found = Array.isArray(answer.json) ? answer.json.length : answer.json;
    if (found !== expected) throw new Error(`${name}: ${JSON.stringify(found)} came, not ${expected}`);
    batches = answer.batches;
  }
  latencies.sort((a, b) => a - b);
  return [name, figure(quantile(latencies, 0.5)), figure(latencies.at(-1)), batches ?? "?"];
}

async function main() {
  await send("POST", "/dev/demo");
  await seed();
  const headers = await administrator();
  const all = (await send("GET", `${REALM}/orgs/count`, { headers })).json;
  const rows = [];
  for (const question of questions(all)) rows.push(await measure(question, headers));
  console.log(`\n${all} organizations, workerd on ${availableParallelism()} processors, ${REPEATS} requests each, one at a time\n`);
  table([["request", "p50 ms", "longest ms", "batches of D1"], ...rows]);
}

await stopAfter(server, main);
