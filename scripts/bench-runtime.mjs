// The built Worker in workerd, as scripts/bench starts it: with the bindings of
// wrangler.toml and an empty directory, but without the proxies that `wrangler
// dev` puts before it, which would cost more than most of our answers.
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_splitSqlQuery } from "wrangler";

const ROOT = new URL("..", import.meta.url).pathname;
const MIGRATIONS = join(ROOT, "schemas/directory");

/** What is uploaded: the first module is the entry. */
export const FILES = ["build/index.js", "build/index_bg.wasm"];

/** What starting costs without us: the runtime, and a Worker that does nothing. */
const EMPTY_WORKER = [
  { type: "ESModule", path: "empty.js", contents: "export default { fetch: () => new Response() };" },
];

/** How many errors of the Worker are shown; the first ones tell the most. */
const MAX_SHOWN_ERRORS = 5;

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Starts the built Worker. `url` leads to its own socket, `serviceSecret` is the
 * secret of client `admin-service` in realm master, `startMs` is how much longer
 * than an empty Worker it took to the first answer, `countEvents` says how many
 * events the queue has brought to the directory, which is `directory`.
 */
export async function start() {
  const empty = await launch({ compatibilityDate: "2026-01-01", modules: EMPTY_WORKER });
  await empty.stop();
  const serviceSecret = randomBytes(32).toString("base64url");
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, "wrangler.toml"));
  // They tell how to find modules; we list ours.
  delete workerOptions.modulesRules;
  const server = await launch({
    ...workerOptions,
    modulesRoot: join(ROOT, "build"),
    modules: FILES.map((file) => ({
      type: file.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
      path: join(ROOT, file),
    })),
    bindings: {
      // Production has no demonstration data.
      ENVIRONMENT: "development",
      MASTER_KEY: randomBytes(32).toString("base64url"),
      ADMIN_SERVICE_SECRET: serviceSecret,
    },
  });
  const directory = await server.runtime.getD1Database("DIRECTORY");
  try {
    await migrate(directory);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const { url, stop } = server;
  const countEvents = () => directory.prepare("SELECT count(*) AS events FROM event").first("events");
  return { url, stop, directory, countEvents, serviceSecret, startMs: server.startMs - empty.startMs };
}

async function launch(worker) {
  const state = await mkdtemp(join(tmpdir(), "guildhall-bench-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const began = performance.now();
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      ...worker,
      bindings: { ...worker.bindings, PUBLIC_URL: url },
      unsafeDirectSockets: [{ host: "127.0.0.1", port }],
      resourcePersistencePath: state,
      handleStructuredLogs: showErrors(),
      cf: false,
      telemetry: { enabled: false },
    }),
  );
  const stop = async () => {
    await runtime.dispose();
    await rm(state, { recursive: true, force: true });
  };
  try {
    await runtime.ready;
    const response = await fetch(`${url}/health`);
    if (!response.ok) throw new Error(`GET /health answers ${response.status}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, runtime, stop, startMs: performance.now() - began };
}

function showErrors() {
  let shown = 0;
  return ({ level, message }) => {
    if (level === "error" && shown++ < MAX_SHOWN_ERRORS) console.error(`!!! ${message}`);
  };
}

async function migrate(directory) {
  for (const file of (await readdir(MIGRATIONS)).sort()) {
    const sql = await readFile(join(MIGRATIONS, file), "utf8");
    await directory.batch(unstable_splitSqlQuery(sql).map((one) => directory.prepare(one)));
  }
}

/** Runs `main` and stops `server` after it, however it ends. */
export async function stopAfter(server, main) {
  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]]) {
    process.once(signal, () => server.stop().finally(() => process.exit(status)));
  }
  try {
    await main();
  } finally {
    await server.stop();
  }
}
