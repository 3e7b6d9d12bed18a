// What a request costs in I/O, as Server-Timing tells, and what races and rude
// requests get.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, start } from "./harness.mjs";
import { Api, App, CALLBACK, CLIENT_SECRET, PASSWORD, REALM, TOKEN, submit } from "./travel0.mjs";

const CERTS = `${REALM}/protocol/openid-connect/certs`;
const MACHINE = { grant_type: "client_credentials", client_id: "travel0-machine", client_secret: CLIENT_SECRET };
const APP = { client_id: "travel0-web", client_secret: CLIENT_SECRET };
const SCIM_SECRET = "granite-okta-secret";
/** The largest body, in bytes (src/app/worker.rs). */
const MAX_BODY_BYTES = 1024 * 1024;

let server;
let client;
let admin;
let app;
let granite;
let users;
let directory;

before(async () => {
  server = await start({ demo: true });
  client = new Client(server.url);
  admin = await Api.admin(server.url);
  app = await App.discover(server.url);
  granite = await admin.org("granite-outpost");
  users = `${granite.replace("/orgs/", "/scim/v2/organizations/")}/Users`;
  directory = new Api(server.url, SCIM_SECRET);
  await admin.post(`${granite}/scim`, { auth: { type: "EXTERNAL_SECRET", shared_secret: SCIM_SECRET } });
});
after(() => server?.stop());

const certs = async () => (await client.get(CERTS)).json.keys.map((key) => key.kid);

/** What `ask` costs when the isolate has just answered the same. */
async function warm(ask) {
  assert.ok((await ask()).status < 300);
  const answer = await ask();
  assert.ok(answer.status < 300, answer.text);
  return answer.io;
}

describe("a warm request costs", () => {
  const nothing = { d1: 0, object: 0, kv: 0, fetch: 0, queue: 0 };

  test("nothing for client_credentials", async () => {
    assert.deepEqual(await warm(() => client.post(TOKEN, { form: MACHINE })), nothing);
  });

  test("one object and at most one query for reading an organization", async () => {
    const { d1, ...rest } = await warm(() => admin.get(granite));
    assert.deepEqual({ ...rest, d1: 0 }, { ...nothing, object: 1 });
    assert.ok(d1 <= 1, `${d1} queries`);
  });

  test("at most two objects for a refresh", async () => {
    let tokens = await app.logIn(new Client(server.url), "openid organization:granite-outpost", "hiroko");
    const { object, d1, ...rest } = await warm(async () => {
      const form = { ...APP, grant_type: "refresh_token", refresh_token: tokens.refresh_token };
      const answer = await client.post(TOKEN, { form });
      tokens = answer.json;
      return answer;
    });
    assert.ok(object <= 2 && d1 <= 1, `${object} objects, ${d1} queries`);
    assert.deepEqual({ ...rest, object: 0, d1: 0 }, nothing);
  });

  for (const query of ["", '?filter=userName eq "nobody"', "/ServiceProviderConfig"]) {
    test(`one object for SCIM GET ${query || "/Users"}`, async () => {
      const path = query.startsWith("/") ? users.replace("/Users", query) : users + query;
      assert.deepEqual(await warm(() => directory.get(path)), { ...nothing, object: 1 });
    });
  }
});

test("50 redemptions of one code at once: one wins, and it loses what it won", async () => {
  const visitor = new Client(server.url);
  const kept = await app.begin("openid");
  const page = await visitor.get(kept.url);
  const answer = await submit(visitor, page, { username: "hiroko", password: PASSWORD });
  const code = new URL(answer.location).searchParams.get("code");
  const form = { ...APP, grant_type: "authorization_code", code, redirect_uri: CALLBACK, code_verifier: kept.verifier };

  const answers = await Promise.all(Array.from({ length: 50 }, () => client.post(TOKEN, { form })));

  const won = answers.filter((one) => one.status === 200);
  const lost = answers.filter((one) => one.status === 400 && one.json.error === "invalid_grant");
  assert.deepEqual([won.length, lost.length], [1, 49]);
  // RFC 6749 §4.1.2: a code that comes twice was stolen.
  const refresh = { ...APP, grant_type: "refresh_token", refresh_token: won[0].json.refresh_token };
  assert.equal((await client.post(TOKEN, { form: refresh })).json.error, "invalid_grant");
});

test("a rotated key stays published with the new one, and what it signed stays good", async () => {
  const before = await certs();
  const tokens = await app.logIn(new Client(server.url), "openid", "hiroko");

  assert.equal((await client.post("/dev/realms/travel0/rotate-key")).status, 204);

  const both = await certs();
  assert.equal(both.length, before.length + 1);
  assert.ok(before.every((kid) => both.includes(kid)));
  assert.equal((await app.userinfo(tokens)).preferred_username, "hiroko");
  const later = await app.logIn(new Client(server.url), "openid", "hiroko");
  assert.equal((await app.accessClaims(later)).preferred_username, "hiroko");
});

describe("a rude request gets an answer in the dialect of its path:", () => {
  const large = "x".repeat(MAX_BODY_BYTES + 1);
  const json = { "content-type": "application/json" };
  const scim = { "content-type": "application/scim+json" };
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const words = (answer) => answer.json.error;
  const detail = ({ json }) => {
    assert.deepEqual(json.schemas, ["urn:ietf:params:scim:api:messages:2.0:Error"]);
    return json.status;
  };

  test("413 for a body that is too large", async () => {
    const api = await admin.send("POST", `${REALM}/orgs`, { body: large, headers: json });
    assert.equal(api.status, 413);
    assert.match(words(api), /1048576 bytes/);
    const oauth = await client.post(TOKEN, { body: large, headers: form });
    assert.deepEqual([oauth.status, words(oauth)], [413, "invalid_request"]);
    const pushed = await directory.send("POST", users, { body: large, headers: scim });
    assert.deepEqual([pushed.status, detail(pushed)], [413, "413"]);
  });

  test("400 for JSON that is none", async () => {
    for (const path of [`${REALM}/orgs`, `${granite}/invitations`]) {
      const answer = await admin.send("POST", path, { body: '{"name":', headers: json });
      assert.equal(answer.status, 400, path);
      assert.ok(words(answer));
    }
    const pushed = await directory.send("POST", users, { body: '{"userName":', headers: scim });
    assert.deepEqual([pushed.status, detail(pushed), pushed.json.scimType], [400, "400", "invalidSyntax"]);
  });

  test("415 for another content type", async () => {
    const text = { body: "name=x", headers: form };
    assert.equal((await admin.send("POST", `${REALM}/orgs`, text)).status, 415);
    assert.equal((await directory.send("POST", users, text)).status, 415);
    const oauth = await client.post(TOKEN, { json: MACHINE });
    assert.deepEqual([oauth.status, words(oauth)], [400, "invalid_request"]);
  });

  test("405 for a method that a path does not have", async () => {
    const api = await admin.send("PATCH", `${REALM}/orgs`);
    assert.deepEqual([api.status, words(api)], [405, "HTTP 405 Method Not Allowed"]);
    assert.deepEqual(api.headers.get("allow").split(", ").sort(), ["GET", "POST"]);
    assert.equal((await admin.send("PATCH", `${granite}/members`)).status, 405);
    assert.equal((await client.get(TOKEN)).status, 405);
    const pushed = await directory.delete(users);
    assert.deepEqual([pushed.status, detail(pushed)], [405, "405"]);
  });

  test("404 for a realm or an organization that is not there", async () => {
    const realm = await client.get("/realms/nowhere/.well-known/openid-configuration");
    assert.deepEqual([realm.status, words(realm)], [404, "Realm does not exist"]);
    const nobody = "/00000000-0000-4000-8000-000000000000";
    assert.equal((await admin.get(`${REALM}/orgs${nobody}`)).status, 404);
    const pushed = await directory.get(users.replace(/\/[^/]*\/Users/, `${nobody}/Users`));
    assert.deepEqual([pushed.status, detail(pushed)], [401, "401"], "a stranger learns nothing");
  });

  test("401 for a token that is missing, forged or of another realm", async () => {
    const machine = (await client.post(TOKEN, { form: MACHINE })).json.access_token;
    const [header, payload, signature] = machine.split(".");
    const claims = { ...JSON.parse(Buffer.from(payload, "base64url")), preferred_username: "admin" };
    const changed = Buffer.from(JSON.stringify(claims)).toString("base64url");
    const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
    const bad = ["", "x", `${header}.${changed}.${signature}`, `${unsigned}.${payload}.`];
    for (const token of bad) {
      const answer = await new Api(server.url, token).get(granite);
      assert.deepEqual([answer.status, words(answer)], [401, "HTTP 401 Unauthorized"], token);
    }
    assert.equal((await new Api(server.url, machine).get("/realms/master/orgs")).status, 401);
  });
});
