// What the tests against the built Worker share: they start it with
// `scripts/dev`, as a developer does, each on its own port and its own data.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = new URL("../..", import.meta.url).pathname;

/** How long `eventually` waits before it gives up: alarms ring within a second, the queue's batches within two. */
const PATIENCE_MS = 20_000;
/** How long a start may take: two at a time on a busy machine. */
const START_PATIENCE_MS = 120_000;
const PAUSE_MS = 50;

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

/** Asks `question` again and again until the answer is truthy, and gives it. */
export async function eventually(what, question, patience = PATIENCE_MS) {
  const deadline = Date.now() + patience;
  let last;
  while (Date.now() < deadline) {
    try {
      const answer = await question();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    await pause();
  }
  throw new Error(`not within ${patience} ms: ${what}`, { cause: last });
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function signal(pid, name) {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** What a test file that dies would leave behind. */
const running = new Set();
process.on("exit", () => running.forEach((server) => server.abandon()));

/**
 * Starts the built Worker and waits until it is ready.
 *
 * `demo` asks for the demo data; `state` is the folder of an earlier run, whose
 * data is kept; `vars` are variables of the Worker; `fault` is the point at which
 * it stops for ever (src/platform/fault.rs).
 */
export async function start({ demo = false, state, port, vars = {}, fault } = {}) {
  if (!existsSync(join(ROOT, "build/index.js"))) throw new Error("run scripts/build first");
  const folder = state ?? (await mkdtemp(join(tmpdir(), "guildhall-")));
  const server = new Server(folder, port ?? (await freePort()));
  const all = fault ? { ...vars, FAULT: fault } : vars;
  const options = Object.entries(all).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
  await server.launch(demo ? options : ["--empty", ...options]);
  return server;
}

class Server {
  #child;
  #exited;
  #runtime;
  #log = "";

  constructor(state, port) {
    this.state = state;
    this.port = port;
    /** The value of PUBLIC_URL, unless `vars` say otherwise. */
    this.url = `http://localhost:${port}`;
  }

  async launch(options) {
    const dev = ["--port", String(this.port), "--state", this.state, ...options];
    const env = { ...process.env, GUILDHALL_BUILT: "1" };
    this.#child = spawn("scripts/dev", dev, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
    running.add(this);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.#log += text));
    }
    // `close` comes when the last line was read, `exit` may come before.
    let over = false;
    this.#exited = new Promise((resolve) => this.#child.once("close", resolve));
    this.#exited.then(() => (over = true));

    const isReady = () => this.#log.includes("Guildhall is ready");
    await eventually("ready", () => isReady() || over, START_PATIENCE_MS).catch(() => {});
    if (!isReady()) {
      await this.stop();
      throw new Error(`the Worker did not start:\n${this.#log}`);
    }
    this.#runtime = Number(await readFile(join(this.state, "runtime.pid"), "utf8"));
  }

  /** Everything it printed so far. */
  get log() {
    return this.#log;
  }

  /** Waits until it printed `text`. */
  async logged(text) {
    await eventually(`the log says "${text}"`, () => this.#log.includes(text));
  }

  /** Stops it in order, and deletes its data unless it is to be kept. */
  async stop({ keep = false } = {}) {
    this.abandon();
    await this.#exited;
    if (!keep) await rm(this.state, { recursive: true, force: true });
  }

  /** Kills the runtime where it stands, as a power cut would. The data stays. */
  async kill() {
    signal(-this.#runtime, "SIGKILL");
    await this.stop({ keep: true });
  }

  /** Whether any process of the runtime is left. */
  isAlive() {
    return signal(-this.#runtime, 0);
  }

  /** Asks `scripts/dev` to stop, which ends the runtime's process group. */
  abandon() {
    running.delete(this);
    signal(this.#child.pid, "SIGTERM");
  }
}

/** A browser or an app: keeps cookies, follows no redirect by itself. */
export class Client {
  #cookies = new Map();

  constructor(url) {
    this.url = url;
  }

  /** Sends a request. Its body is `form`, `json` or, as it stands, `body`. */
  async send(method, path, { headers = {}, form, json, body } = {}) {
    const sent = new Headers(headers);
    if (this.#cookies.size) sent.set("cookie", this.#cookieLine());
    if (form) body = new URLSearchParams(form);
    if (json !== undefined) {
      body = JSON.stringify(json);
      if (!sent.has("content-type")) sent.set("content-type", "application/json");
    }
    const url = new URL(path, this.url);
    const response = await fetch(url, { method, headers: sent, body, redirect: "manual" });
    response.headers.getSetCookie().forEach((line) => this.#keep(line));
    return new Answer(response, await response.text());
  }

  get(path, options) {
    return this.send("GET", path, options);
  }

  post(path, options) {
    return this.send("POST", path, options);
  }

  /** The value of a cookie, if we hold it. */
  cookie(name) {
    return this.#cookies.get(name);
  }

  #cookieLine() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  #keep(line) {
    const [pair, ...attributes] = line.split(";").map((part) => part.trim());
    const at = pair.indexOf("=");
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (attributes.some((attribute) => /^max-age=0$/i.test(attribute))) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

/** A response, read whole. */
class Answer {
  constructor(response, text) {
    this.status = response.status;
    this.headers = response.headers;
    this.text = text;
  }

  /** The body as JSON. */
  get json() {
    return JSON.parse(this.text);
  }

  /** Where a redirect points. */
  get location() {
    return this.headers.get("location");
  }

  /** The I/O of the request: `{d1: 1, object: 0, ...}` (src/edge/meter.rs). */
  get io() {
    const metrics = (this.headers.get("server-timing") ?? "").matchAll(/(\w+);desc="(\d+)"/g);
    return Object.fromEntries([...metrics].map(([, name, count]) => [name, Number(count)]));
  }
}
