// Who owns a domain: the Worker asks a resolver of ours as it asks Cloudflare's,
// in JSON over HTTP.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { queryObject } from "./directory.mjs";
import { eventually, start } from "./harness.mjs";
import { Api, REALM } from "./travel0.mjs";

const CNAME = 5;
const TXT = 16;
const SERVER_FAILURE = 2;
const NO_SUCH_NAME = 3;
/** The longest answer that is read, in bytes (src/platform/fetch.rs). */
const MAX_FETCHED_BYTES = 1024 * 1024;

/** A resolver that answers what it is told the zone holds. */
class Resolver {
  /** The texts of each name. */
  zone = new Map();
  /** What every question gets instead, when it is set. */
  trouble;
  /** The questions, as they came. */
  asked = [];
  #server = createServer((request, response) => this.#answer(request, response));
  #port = 0;

  async listen() {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = this.#server.address().port;
    this.url = `http://127.0.0.1:${this.#port}/dns-query`;
  }

  async close() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #answer(request, response) {
    const question = Object.fromEntries(new URL(request.url, this.url).searchParams);
    this.asked.push({ ...question, accept: request.headers.accept });
    if (this.trouble) {
      this.trouble(response, question);
      return;
    }
    const texts = question.type === "TXT" ? this.zone.get(question.name) : undefined;
    const Answer = texts?.map((text) => record(question.name, TXT, text));
    send(response, { Status: texts ? 0 : NO_SUCH_NAME, Answer });
  }
}

const record = (name, type, text) => ({ name, type, TTL: 60, data: `"${text}"` });

function send(response, reply) {
  response.writeHead(200, { "content-type": "application/dns-json" });
  response.end(JSON.stringify(reply));
}

const resolver = new Resolver();
let server;
let admin;

const settings = () => ({ vars: { DNS_RESOLVER_URL: resolver.url } });

before(async () => {
  await resolver.listen();
  server = await start({ demo: true, ...settings() });
  admin = await Api.admin(server.url);
});
after(async () => {
  await server?.stop();
  await resolver.close();
});

/** An organization that says it owns `domains`. */
async function claim(name, ...domains) {
  const made = await admin.post(`${REALM}/orgs`, { name, domains });
  assert.equal(made.status, 201, made.text);
  const path = await admin.org(name);
  return { id: path.split("/").at(-1), path: (domain) => `${path}/domains/${domain}` };
}

const read = async (org, domain) => (await admin.get(org.path(domain))).json;

/** Has it checked, and gives what the answer says of it. */
async function verify(org, domain) {
  const answer = await admin.post(`${org.path(domain)}/verify`);
  assert.equal(answer.status, 202, answer.text);
  assert.deepEqual(await read(org, domain), answer.json, "what is read is what was found");
  return answer.json;
}

async function publish(org, domain, ...others) {
  const { record_key, record_value } = await read(org, domain);
  resolver.zone.set(`${record_key}.${domain}`, [...others, record_value]);
}

const withdraw = (domain) => resolver.zone.delete(`_org-domain-ownership.${domain}`);

test("a domain is verified by the record that its organization is told to publish", async () => {
  const org = await claim("dns-owner", "owner.example");

  const unpublished = await verify(org, "owner.example");
  assert.equal(unpublished.verified, false);
  assert.equal(unpublished.reason, "no TXT record of _org-domain-ownership.owner.example holds the value");
  const expected = createHash("sha256").update(`owner.example ${org.id}`).digest("hex");
  assert.deepEqual([unpublished.record_key, unpublished.record_value], ["_org-domain-ownership", expected]);
  const question = { name: "_org-domain-ownership.owner.example", type: "TXT", accept: "application/dns-json" };
  assert.deepEqual(resolver.asked.at(-1), question);

  await publish(org, "owner.example", "v=spf1 -all");
  const published = await verify(org, "owner.example");
  assert.deepEqual([published.verified, published.reason], [true, undefined]);
});

test("a record of another organization proves nothing", async () => {
  const mine = await claim("dns-first", "shared.example");
  const other = await claim("dns-second", "shared.example");
  await publish(mine, "shared.example");

  assert.equal((await verify(other, "shared.example")).verified, false);
  assert.equal((await verify(mine, "shared.example")).verified, true);

  await publish(other, "shared.example", (await read(mine, "shared.example")).record_value);
  const taken = await verify(other, "shared.example");
  assert.equal(taken.verified, false, "one verified owner per domain");
  assert.equal(taken.reason, "another organization of this realm has verified this domain");
});

/** The record as it should be, under a type or a status that makes it none. */
const answering = (Status, type) => (response, { name }) =>
  send(response, { Status, Answer: [record(name, type, resolver.zone.get(name).at(-1))] });

const TROUBLES = {
  "status 500": (response) => response.writeHead(500).end("broken"),
  "a redirect was answered, status 302": (response) => response.writeHead(302, { location: resolver.url }).end(),
  "expected value at line 1": (response) => response.writeHead(200).end("<script>a captive portal</script>"),
  "DNS error 2": answering(SERVER_FAILURE, TXT),
  MAX_FETCHED_BYTES: (response, { name }) => {
    const [Answer, Comment] = [[record(name, TXT, resolver.zone.get(name).at(-1))], "x".repeat(MAX_FETCHED_BYTES)];
    send(response, { Status: 0, Answer, Comment });
  },
  FETCH_TIMEOUT_MILLIS: (response) => response.writeHead(200).write("{"),
};

test("a resolver in trouble gives nothing and takes nothing, and the answer says what it was", async () => {
  const org = await claim("dns-patient", "patient.example", "owned.example");
  await publish(org, "owned.example");
  assert.equal((await verify(org, "owned.example")).verified, true);
  await publish(org, "patient.example");

  for (const [words, trouble] of Object.entries(TROUBLES)) {
    resolver.trouble = trouble;
    for (const [domain, verified] of [["patient.example", false], ["owned.example", true]]) {
      const told = await verify(org, domain);
      assert.equal(told.verified, verified, words);
      assert.ok(told.reason.startsWith("the DNS resolver could not be asked: "), told.reason);
      assert.ok(told.reason.includes(words), told.reason);
      assert.ok(!told.reason.includes("script"), "nothing of a stranger's page is passed on");
    }
  }

  // A resolver that lies about types, which no caching in between would do.
  resolver.trouble = answering(0, CNAME);
  assert.match((await verify(org, "patient.example")).reason, /^no TXT record/);
  resolver.trouble = undefined;
  assert.equal((await verify(org, "patient.example")).verified, true);
});

/** Lets a day pass for the domains of `org`, and starts the Worker again. */
async function aDayLater(org) {
  await server.stop({ keep: true });
  queryObject(server.state, org.id, "UPDATE domain SET check_at = unixepoch() WHERE check_at IS NOT NULL");
  server = await start({ state: server.state, port: server.port, ...settings() });
  admin = await Api.admin(server.url);
  // The object's alarm is still a day off: a change has it look at its dates again.
  await verify(org, "named.example");
}

test("a scheduled check takes a verification back when the record is gone for two days", async () => {
  const org = await claim("dns-forgetful", "gone.example", "kept.example", "named.example");
  for (const domain of ["gone.example", "kept.example"]) {
    await publish(org, domain);
    assert.equal((await verify(org, domain)).verified, true);
  }
  withdraw("gone.example");
  assert.equal((await verify(org, "gone.example")).verified, true, "not because somebody asked");
  const heir = await claim("dns-heir", "gone.example");

  await aDayLater(org);
  const warned = /^no TXT record/;
  await eventually("it was looked up", () => resolver.asked.filter((one) => one.name.endsWith("kept.example")).length > 1);
  const once = await eventually("it is told", async () => {
    const told = await read(org, "gone.example");
    return warned.test(told.reason) && told;
  });
  assert.equal(once.verified, true, "one check may hit a zone that is being edited");

  await resolver.close();
  await aDayLater(org);
  const down = await eventually("it is told that nobody could tell", async () => {
    const told = await read(org, "gone.example");
    return told.reason?.startsWith("the DNS resolver could not be asked") && told;
  });
  assert.equal(down.verified, true, "a resolver that is down takes nothing");
  await resolver.listen();

  await aDayLater(org);
  const lost = await eventually("it is no longer verified", async () => {
    const told = await read(org, "gone.example");
    return !told.verified && told;
  });
  assert.match(lost.reason, warned);
  const kept = await eventually("the other one is fine", async () => {
    const told = await read(org, "kept.example");
    return told.reason === undefined && told;
  });
  assert.equal(kept.verified, true);
  const trail = `/admin/realms/travel0/admin-events?resourceTypes=DOMAIN&resourcePath=orgs/${org.id}/domains/gone.example`;
  const told = await eventually("the trail tells", async () => {
    const events = (await admin.get(trail)).json;
    return events.find((event) => event.representation?.includes('"verified":false'));
  });
  assert.equal(told.operationType, "UPDATE");

  await publish(heir, "gone.example");
  assert.equal((await verify(heir, "gone.example")).verified, true, "it is free for another organization");
});
