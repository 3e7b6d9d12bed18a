// Debian's Apache with mod_auth_openidc, as a test starts it: one process, on a
// port of its own, in front of an app that answers with the headers it got.
// scripts/test says where it is.
import { spawn } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, freePort } from "./harness.mjs";

const APACHE = process.env.GUILDHALL_APACHE;
const MODULES = "/usr/lib/apache2/modules";
const WANTED = ["mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc", "proxy", "proxy_http"];

/** Why tests that need Apache are skipped, or false. */
export const NO_APACHE = APACHE ? false : "no Apache with mod_auth_openidc on this machine";

/** Starts Apache with what `configure` makes of its address. */
export async function startApache(configure) {
  const port = await freePort();
  const apache = new Apache(`http://localhost:${port}`, await mkdtemp(join(tmpdir(), "guildhall-apache-")));
  await apache.launch(port, configure(apache.url));
  return apache;
}

class Apache {
  #app;
  #child;
  #exited;
  #folder;
  #said = "";

  constructor(url, folder) {
    this.url = url;
    this.#folder = folder;
  }

  async launch(port, configuration) {
    this.#app = await startApp();
    const file = join(this.#folder, "apache.conf");
    await chmod(this.#folder, 0o755);
    await writeFile(file, [...this.#basics(port), configuration, ...this.#toApp()].join("\n"));
    this.#child = spawn(APACHE, ["-X", "-f", file], { stdio: ["ignore", "ignore", "pipe"] });
    this.#child.stderr.setEncoding("utf8").on("data", (text) => (this.#said += text));
    process.on("exit", () => this.#child.kill());
    let over = false;
    this.#exited = new Promise((resolve) => this.#child.once("close", resolve));
    this.#exited.then(() => (over = true));
    const answers = () => over || fetch(this.url, { redirect: "manual" });
    await eventually("Apache answers", answers);
    if (!over) return;
    const log = await this.log();
    await this.stop();
    throw new Error(`Apache did not start:\n${this.#said}${log}`);
  }

  /** What it wrote down so far. */
  log() {
    return readFile(join(this.#folder, "error.log"), "utf8").catch(() => "");
  }

  async stop() {
    this.#child.kill();
    await this.#exited;
    await new Promise((resolve) => this.#app.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }

  #basics(port) {
    return [
      `ServerRoot "${this.#folder}"`,
      "ServerName localhost",
      `Listen 127.0.0.1:${port}`,
      "PidFile apache.pid",
      "ErrorLog error.log",
      "LogLevel warn auth_openidc:debug",
      // Apache insists on not being root.
      "User www-data",
      "Group www-data",
      ...WANTED.map((module) => `LoadModule ${module}_module ${MODULES}/mod_${module}.so`),
    ];
  }

  #toApp() {
    return [
      `ProxyPass "/" "http://127.0.0.1:${this.#app.address().port}/"`,
      // Or what says that it is a script is not sent to sign in; and `fetch` says so.
      `<Location "/">\nOIDCUnAuthAction auth true\n</Location>`,
      "",
    ];
  }
}

/** The app: it answers every request with its path and its headers. */
async function startApp() {
  const app = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ path: request.url, headers: request.headers }));
  });
  await new Promise((resolve) => app.listen(0, "127.0.0.1", resolve));
  return app;
}
