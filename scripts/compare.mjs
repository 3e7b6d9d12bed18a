// Asks Keycloak, and a server of ours, the same questions; prints where the
// answers differ, or writes Keycloak's down: see scripts/compare.
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { parseArgs } from "node:util";
import { GROUPS } from "./compare-requests.mjs";

const FIXTURES = "tests/fixtures/keycloak-observed";
/** Headers of an answer that clients read. */
const HEADERS = ["location", "content-type", "www-authenticate", "allow"];
/** Tokens of Keycloak's `master` live a minute. */
const TOKEN_AGE_MS = 30_000;
/** A line longer than this is broken. */
const WIDTH = 140;
const MAX_DIFFERENCES = 6;
/** Where the realms of the questions send their mail: `smtpServer` in there. */
const SMTP_PORT = 8125;
/** Members of answers that differ each time, and that are none of a reader's business. */
const SECRET = new Set(["secret", "kid", "publicKey", "certificate", "registrationAccessToken", "session_state", "sessionId", "record_value"]);

const isSecret = (key, { type }) => SECRET.has(key) || (key === "value" && type === "secret");

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const ZERO_UUID = "00000000-0000-4000-8000-000000000000";

class Server {
  constructor(name, url, admin) {
    Object.assign(this, { name, url, admin, token: { text: "", at: -Infinity } });
  }

  async adminToken() {
    if (performance.now() - this.token.at > TOKEN_AGE_MS) {
      const answer = await this.login("master", this.admin);
      this.token = { text: answer.access_token, at: performance.now() };
    }
    return this.token.text;
  }

  async login(realm, { username, password, client = "admin-cli" }) {
    const body = new URLSearchParams({ grant_type: "password", client_id: client, username, password });
    const response = await fetch(`${this.url}/realms/${realm}/protocol/openid-connect/token`, { method: "POST", body });
    const json = await response.json();
    if (!json.access_token) throw new Error(`${this.name}: ${username} cannot log in: ${JSON.stringify(json)}`);
    return json;
  }
}

/** One realm on one server, and what was kept of its answers. */
class Run {
  constructor(server, group) {
    this.server = server;
    this.kept = { realm: `observed-${group}` };
    this.tokens = { garbage: "garbage" };
  }

  async begin() {
    const { realm } = this.kept;
    await this.exchange(["", `DELETE /admin/realms/${realm}`]);
    const json = { realm, enabled: true, adminEventsEnabled: true, adminEventsDetailsEnabled: true, eventsEnabled: true };
    const answer = await this.exchange(["", "POST /admin/realms", json]);
    if (answer.status !== 201) throw new Error(`${this.server.name}: no realm: ${JSON.stringify(answer)}`);
  }

  fill(text) {
    return text
      .replaceAll("{admin}", "/admin/realms/{realm}")
      .replaceAll("{orgs}", "/realms/{realm}/orgs")
      .replace(/\{(\w+)\}/g, (whole, name) => this.kept[name] ?? whole);
  }

  async exchange([what, send, body, options = {}]) {
    if (options.login) return this.login(options.login);
    const [method, path] = send.split(" ");
    const headers = {};
    if (options.as !== "nobody") {
      const token = options.as ? this.tokens[options.as] : await this.server.adminToken();
      headers.authorization = `Bearer ${token}`;
    }
    if (options.accept) headers.accept = options.accept;
    let payload;
    if (options.form) payload = new URLSearchParams(this.filled(options.form));
    else if (body !== undefined) {
      headers["content-type"] = options.type ?? "application/json";
      payload = typeof body === "string" ? this.fill(body) : JSON.stringify(this.filled(body));
    }
    const response = await fetch(this.server.url + this.fill(path), { method, headers, body: payload, redirect: "manual" });
    const text = await response.text();
    const answer = { status: response.status, headers: {} };
    for (const name of HEADERS) if (response.headers.has(name)) answer.headers[name] = response.headers.get(name);
    answer.body = parsed(text);
    for (const [name, where] of Object.entries(options.keep ?? {})) {
      const value = find(answer, where);
      if (value === undefined) console.error(`!!! ${this.server.name}: "${what}" has no ${where}: ${response.status} ${text.slice(0, 200)}`);
      this.kept[name] = value ?? ZERO_UUID;
    }
    return this.normalized(answer, options);
  }

  async login({ as, ...who }) {
    const answer = await this.server.login(this.kept.realm, who);
    this.tokens[as] = answer.access_token;
    return { status: 200, headers: {}, body: undefined };
  }

  filled(body) {
    return JSON.parse(JSON.stringify(body), (_, value) => (typeof value === "string" ? this.fill(value) : value));
  }

  normalized({ status, headers, body }, { only, unordered }) {
    const known = Object.entries(this.kept).filter(([, value]) => value !== ZERO_UUID && value.length >= 8);
    known.sort(([, a], [, b]) => b.length - a.length);
    const text = (value) => {
      for (const [name, id] of known) value = value.replaceAll(id, `{${name}}`);
      return value
        .replace(/https?:\/\/(localhost|127\.0\.0\.1)(:\d+)?/g, "{base}")
        .replace(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, "{token}")
        .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z/g, "{time}")
        .replace(UUID, (id) => (id === ZERO_UUID ? id : "{uuid}"));
    };
    const walk = (value) => {
      if (typeof value === "string") return text(value);
      if (typeof value === "number") return value > 1_500_000_000 ? "{time}" : value;
      if (Array.isArray(value)) {
        const list = value.map(walk);
        return unordered ? list.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : list;
      }
      if (value && typeof value === "object") {
        return Object.fromEntries(
          Object.entries(value).map(([key, inner]) => [text(key), isSecret(key, value) && typeof inner === "string" && !inner.startsWith("**") ? `{${key}}` : walk(inner)]),
        );
      }
      return value;
    };
    if (only && body && typeof body === "object") {
      body = Object.fromEntries(only.map((path) => [path, find({ body }, path)]).filter(([, it]) => it !== undefined));
    }
    return { status, headers: walk(headers), body: walk(body) };
  }
}

function parsed(text) {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function find({ headers, body }, where) {
  if (where === "location") return headers.location?.split("/").at(-1);
  if (Array.isArray(where)) return body?.find?.((entry) => entry[where[0]] === where[1])?.[where[2]];
  return where.split(".").reduce((value, key) => value?.[key], body);
}

// --- recording

async function record(group) {
  const server = witness(group);
  const run = new Run(server, group);
  await run.begin();
  const exchanges = [];
  for (const line of GROUPS[group]) exchanges.push(recorded(line, await run.exchange(line)));
  await mkdir(FIXTURES, { recursive: true });
  await writeFile(`${FIXTURES}/${group}.json`, written(server.name, exchanges));
  console.log(`    ${group}: ${exchanges.length} requests`);
}

/** What was asked, and what was answered: less where it only prepares. */
function recorded([what, send, body, options = {}], { status, headers, body: answer }) {
  const sent = typeof body === "string" ? { text: body } : { json: body };
  const request = { what, send: send || undefined, ...sent, ...options };
  if (options.login || options.quiet) {
    if (status >= 300) throw new Error(`"${what}" answers ${status}: ${JSON.stringify(answer)}`);
    return request;
  }
  return { ...request, status, headers: Object.keys(headers).length ? headers : undefined, body: answer };
}

function written(source, exchanges) {
  const each = exchanges.map((exchange) => {
    const told = Object.entries(exchange).filter(([, value]) => value !== undefined);
    const members = told.map(([key, value]) => {
      const line = JSON.stringify(value);
      const whole = line.length <= WIDTH ? line : JSON.stringify(value, null, 1).replaceAll("\n", "\n      ");
      return `      ${JSON.stringify(key)}: ${whole}`;
    });
    return `    {\n${members.join(",\n")}\n    }`;
  });
  return `{\n  "source": ${JSON.stringify(source)},\n  "exchanges": [\n${each.join(",\n")}\n  ]\n}\n`;
}

// --- comparing

const counts = { same: 0, different: 0 };

async function compare(group) {
  const [left, right] = [new Run(witness(group), group), new Run(ours, group)];
  await left.begin();
  await right.begin();
  console.log(`\n## ${group}\n\n| request | what | ${left.server.name} | ours |\n| --- | --- | --- | --- |`);
  for (const line of GROUPS[group]) {
    const [theirs, own] = [await left.exchange(line), await right.exchange(line)];
    if (line[3]?.quiet || line[3]?.login) continue;
    const rows = differences(theirs, own);
    counts[rows.length ? "different" : "same"]++;
    for (const [what, one, other] of rows.slice(0, MAX_DIFFERENCES)) {
      console.log(`| ${line[0]}: \`${line[1]}\` | ${what} | ${cell(one)} | ${cell(other)} |`);
    }
    if (rows.length > MAX_DIFFERENCES) console.log(`| | and ${rows.length - MAX_DIFFERENCES} more | | |`);
  }
}

const cell = (value) => {
  const text = value === undefined ? "-" : JSON.stringify(value);
  return (text.length > 100 ? `${text.slice(0, 100)}…` : text).replaceAll("|", "\\|");
};

/** Where two answers differ: [what, theirs, ours]. */
function differences(theirs, ours) {
  if (theirs.status !== ours.status) return [["status", [theirs.status, theirs.body], [ours.status, ours.body]]];
  return [...inside("", bare(theirs.headers), bare(ours.headers)), ...inside("body", theirs.body, ours.body)];
}

/** JSON is UTF-8, and need not say so. */
const bare = (headers) => ({ ...headers, "content-type": headers["content-type"]?.split(";")[0] });

function inside(path, left, right) {
  if (JSON.stringify(left) === JSON.stringify(right)) return [];
  const [a, b] = [left, right];
  if (!a || !b || typeof a !== "object" || typeof b !== "object" || Array.isArray(a) !== Array.isArray(b)) {
    return [[path, left, right]];
  }
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => inside(path ? `${path}.${key}` : key, a[key], b[key]));
}

// --- mail

/** Takes every mail (RFC 5321 §4.1.1) and forgets it: what counts is that it could be sent. */
function takeMail() {
  const server = createServer((socket) => {
    let reading = "";
    let isBody = false;
    socket.write("220 here\r\n");
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      reading += chunk;
      for (let end = reading.indexOf("\r\n"); end >= 0; end = reading.indexOf("\r\n")) {
        const line = reading.slice(0, end);
        reading = reading.slice(end + 2);
        if (isBody && line !== ".") continue;
        isBody = /^DATA$/i.test(line);
        if (/^QUIT$/i.test(line)) return socket.end("221 bye\r\n");
        socket.write(isBody ? "354 go on\r\n" : "250 taken\r\n");
      }
    });
  });
  server.listen(SMTP_PORT, "127.0.0.1");
  return server;
}

// --- beginning

const options = {
  keycloak: { type: "string" },
  source: { type: "string" },
  "phase-two": { type: "string" },
  "phase-two-source": { type: "string" },
  ours: { type: "string" },
  password: { type: "string" },
  only: { type: "string", multiple: true },
  record: { type: "boolean", default: false },
};
const { values } = parseArgs({ options });
const groups = values.only ?? Object.keys(GROUPS);
const unknown = groups.filter((group) => !(group in GROUPS));
if (unknown.length) {
  console.error(`!!! no group ${unknown.join(", ")}; there are ${Object.keys(GROUPS).join(", ")}`);
  process.exit(2);
}
const theirs = { username: "admin", password: "admin" };
const keycloak = new Server(values.source, values.keycloak, theirs);
const phaseTwo = new Server(values["phase-two-source"], values["phase-two"], theirs);
const ours = new Server("ours", values.ours, { username: "admin", password: values.password });
/** The questions of Phase Two's API are for the Keycloak that has it. */
const witness = (group) => (group.startsWith("org") ? phaseTwo : keycloak);
const mail = takeMail();
for (const group of groups) await (values.record ? record(group) : compare(group));
mail.close();
if (!values.record) console.log(`\n${counts.same} answers are the same, ${counts.different} differ`);
