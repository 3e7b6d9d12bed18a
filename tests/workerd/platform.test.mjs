// What only the real runtime can show: transactions, panics, WebCrypto, start
// and stop. Asked through src/edge/selftest.
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { Client, start } from "./harness.mjs";

const PRODUCTION = { ENVIRONMENT: "production", PUBLIC_URL: "https://id.example.com" };

let server;
let client;

before(async () => {
  server = await start();
  client = new Client(server.url);
});
after(() => server?.stop());

const ask = async (name) => (await client.get(`/dev/platform/${name}`)).json;

describe("a transaction of an object", () => {
  const endings = [
    { end: "commit", committed: true, added: 2 },
    { end: "error", committed: false, added: 0 },
    { end: "panic", committed: false, added: 0 },
  ];
  for (const { end, committed, added } of endings) {
    test(`that ends in ${end} writes ${added} rows`, async () => {
      const { rows } = await ask("object/rows");
      assert.deepEqual(await ask(`object/transaction/${end}`), { committed, rows: rows + added });
      assert.deepEqual(await ask("object/rows"), { rows: rows + added });
    });
  }
});

describe("a panic", () => {
  for (const place of ["panic", "object/panic"]) {
    test(`at ${place} harms none of 20 neighbours`, async () => {
      const { rows } = await ask("object/rows");
      const neighbours = Array.from({ length: 20 }, () => ask("object/rows"));
      const panicking = client.get(`/dev/platform/${place}`);

      assert.deepEqual(await Promise.all(neighbours), Array(20).fill({ rows }));
      assert.equal((await panicking).status, 500);
      assert.deepEqual(await ask("object/rows"), { rows });
    });
  }
});

describe("a signing key", () => {
  const algorithms = {
    ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
    RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
    PS256: { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 },
    EdDSA: { name: "Ed25519" },
  };
  for (const [name, algorithm] of Object.entries(algorithms)) {
    test(`of ${name} is made, wrapped, unwrapped and signs`, async () => {
      const { public_jwk, signature } = await ask(`key/${name}`);
      const key = await webcrypto.subtle.importKey("jwk", public_jwk, algorithm, false, ["verify"]);
      const bytes = Buffer.from(signature, "base64url");
      assert.ok(await webcrypto.subtle.verify(algorithm, key, bytes, Buffer.from("guildhall")));
      assert.equal(public_jwk.d, undefined);
    });
  }
});

test("Server-Timing counts what an object was asked", async () => {
  const answer = await client.get("/dev/platform/object/rows");
  assert.deepEqual(answer.io, { d1: 0, object: 1, kv: 0, fetch: 0, queue: 0 });
});

test("data outlives a runtime that is killed", async () => {
  const first = await start();
  await new Client(first.url).get("/dev/platform/object/transaction/commit");
  await first.kill();

  const second = await start({ state: first.state });
  const { json } = await new Client(second.url).get("/dev/platform/object/rows");
  await second.stop();
  assert.deepEqual(json, { rows: 2 });
});

test("stopping leaves nothing behind", async () => {
  const brief = await start();
  await brief.stop();
  assert.equal(brief.isAlive(), false);
  await assert.rejects(new Client(brief.url).get("/health"));
});

test("a second start on the same port says that it is taken", async () => {
  await assert.rejects(start({ port: server.port }), /is taken by another program/);
});

test("a deployment with a default password does not start, and names the setting", async () => {
  await assert.rejects(
    start({ vars: { ...PRODUCTION, ADMIN_PASSWORD: "admin" } }),
    /503: Guildhall does not start: setting ADMIN_PASSWORD: is shorter than 15 characters/,
  );
});

test("production has neither self-tests nor Server-Timing", async () => {
  const production = await start({ vars: { ...PRODUCTION, ADMIN_PASSWORD: "correct horse battery" } });
  const answer = await new Client(production.url).get("/dev/platform/object/rows");
  await production.stop();
  assert.doesNotMatch(answer.text, /rows/);
  assert.equal(answer.headers.has("server-timing"), false);
});
