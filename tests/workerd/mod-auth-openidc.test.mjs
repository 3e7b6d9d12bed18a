// A relying party that is no library: Apache with mod_auth_openidc lets people in
// to an app that knows nothing of OpenID Connect. Its configuration is that of
// docs/clients.md.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { NO_APACHE, startApache } from "./apache.mjs";
import { Client, eventually, start } from "./harness.mjs";
import { Api, CLIENT_SECRET, PASSWORD, REALM, heading, submit, token } from "./travel0.mjs";

const DOCUMENT = new URL("../../docs/clients.md", import.meta.url);
const ADMIN = `/admin${REALM}`;
const CALLBACK = "/openid/callback";

let server;
let admin;
let apache;

before(async () => {
  if (NO_APACHE) return;
  server = await start({ demo: true });
  admin = await Api.admin(server.url);
  const { apache: configuration, json: client } = await documented();
  apache = await startApache((url) => here(configuration, url));
  const made = await admin.post(`${ADMIN}/clients`, JSON.parse(here(client, apache.url)));
  assert.equal(made.status, 201, made.text);
});
after(async () => {
  await apache?.stop();
  await server?.stop();
});

/** The blocks that the document has for this client, by their language. */
async function documented() {
  const text = await readFile(DOCUMENT, "utf8");
  const section = text.split(/^## /m).find((section) => section.startsWith("mod_auth_openidc"));
  const blocks = [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  return Object.fromEntries(blocks.map(([, language, block]) => [language, block]));
}

/** Text of the document, told of the servers under test. */
function here(text, url) {
  return text
    .replaceAll("https://id.example.com", server.url)
    .replaceAll("https://app.example", url)
    .replaceAll("https://app\\.example", url);
}

/** A person who asks Apache for `path`, and signs in. */
async function visit(username, path = "/") {
  const person = new Client(server.url);
  const asked = await person.get(`${apache.url}${path}`);
  assert.equal(asked.status, 302, asked.text);
  const page = await submit(person, await person.get(asked.location), { username, password: PASSWORD });
  return { person, page: await arrived(person, page) };
}

/** The page at which a browser ends up. */
async function arrived(person, answer) {
  while ([302, 303].includes(answer.status)) answer = await person.get(answer.location);
  return answer;
}

/** Whether Apache shows the app to `person`, or sends them to sign in. */
async function isIn(person) {
  const answer = await person.get(`${apache.url}/`);
  assert.ok([200, 302].includes(answer.status), answer.text);
  return answer.status === 200;
}

/** Gives Apache's client other attributes, too. */
async function change(attributes) {
  const [client] = (await admin.get(`${ADMIN}/clients?clientId=apache`)).json;
  const json = { ...client, attributes: { ...client.attributes, ...attributes } };
  const changed = await admin.send("PUT", `${ADMIN}/clients/${client.id}`, { json });
  assert.equal(changed.status, 204, changed.text);
}

async function idOf(username) {
  const { json } = await admin.get(`${ADMIN}/users?username=${username}&exact=true`);
  return json[0].id;
}

describe("Apache with mod_auth_openidc", { skip: NO_APACHE }, () => {
  test("tells an app who came, and where they wanted to go", async () => {
    const { page } = await visit("hiroko", "/rafts?day=today");
    assert.equal(page.status, 200, page.text);
    const { path, headers } = page.json;
    assert.equal(path, "/rafts?day=today");
    assert.equal(headers.oidc_claim_email, "hiroko@granite-outpost.example");
    assert.equal(headers.oidc_claim_iss, `${server.url}${REALM}`);
    assert.match(headers.oidc_claim_organization, /granite-outpost/);
    assert.ok(headers.oidc_access_token);
  });

  test("lets in who has a role in an organization", async () => {
    const path = "/granite/schedule";
    assert.equal((await visit("hiroko", path)).page.status, 200);
    assert.equal((await visit("jonno", path)).page.status, 401, "who is no member");
    const { person } = await visit("jonno");
    assert.ok(await isIn(person), "they may see the rest");
  });

  test("is told by a login page that nobody came", async () => {
    const person = new Client(server.url);
    const asked = await person.get(`${apache.url}/`);
    const page = await submit(person, await person.get(asked.location), { username: "hiroko", password: "mistaken" });
    assert.notEqual(page.status, 303);
    assert.equal(await isIn(person), false);
  });

  test("takes no answer to somebody else's request", async () => {
    const [victim, attacker] = [new Client(server.url), new Client(server.url)];
    const asked = await attacker.get(`${apache.url}/`);
    const back = await submit(attacker, await attacker.get(asked.location), { username: "jonno", password: PASSWORD });
    assert.notEqual((await arrived(victim, back)).status, 200);
    assert.equal(await isIn(victim), false);
  });

  test("signs a person out, here and there", async () => {
    const { person } = await visit("hiroko");
    const goodbye = `${apache.url}/goodbye`;
    const left = await person.get(`${apache.url}${CALLBACK}?logout=${encodeURIComponent(goodbye)}`);
    assert.equal(left.status, 302, left.text);
    const back = await person.get(left.location);
    assert.deepEqual([back.status, back.location], [303, goodbye]);
    const asked = await person.get(`${apache.url}/`);
    assert.equal(asked.status, 302);
    assert.match(heading(await person.get(asked.location)), /Sign in/);
  });

  test("hears that a session ended elsewhere, and of no other", async () => {
    const [{ person }, { person: other }] = [await visit("hiroko"), await visit("jonno")];
    const ended = await admin.post(`${ADMIN}/users/${await idOf("hiroko")}/logout`);
    assert.equal(ended.status, 204, ended.text);
    await eventually("Apache forgot her", async () => !(await isIn(person)));
    assert.ok(await isIn(other));
  });

  test("refreshes tokens before they end", async () => {
    await change({ "access.token.lifespan": "30" });
    const { person, page } = await visit("hiroko", "/fresh");
    const seen = new Set([page.json.headers.oidc_access_token]);
    for (const path of ["/fresh/1", "/fresh/2"]) {
      const answer = await person.get(`${apache.url}${path}`);
      assert.equal(answer.status, 200, answer.text);
      seen.add(answer.json.headers.oidc_access_token);
    }
    assert.equal(seen.size, 3, "each request brings another token");
  });

  test("signs a person out who cannot have new tokens", async () => {
    await change({ "access.token.lifespan": "30", "backchannel.logout.url": "" });
    const { person } = await visit("hiroko", "/fresh");
    const ended = await admin.post(`${ADMIN}/users/${await idOf("hiroko")}/logout`);
    assert.equal(ended.status, 204, ended.text);
    assert.match((await person.get(`${apache.url}/fresh`)).text, /Logged Out/);
    assert.equal(await isIn(person), false);
  });

  test("hears from the browser that a session ended", async () => {
    const frame = `${apache.url}${CALLBACK}?logout=get`;
    await change({ "frontchannel.logout.url": frame, "backchannel.logout.url": "" });
    const { person } = await visit("hiroko");
    const page = await submit(person, await person.get(`${REALM}/protocol/openid-connect/logout`));
    assert.equal(page.status, 200, page.text);
    assert.ok(await isIn(person), "the frame was not loaded yet");
    const [, framed] = page.text.match(/<iframe[^>]* src="([^"]*)"/);
    const heard = await person.get(framed.replaceAll("&amp;", "&").replaceAll("&#38;", "&"));
    assert.equal(heard.status, 200, heard.text);
    assert.equal(await isIn(person), false);
  });

  test("asks whether a caller's token counts", async () => {
    const call = (bearer) => new Client(apache.url).get("/api", { headers: { authorization: `Bearer ${bearer}` } });
    const form = { grant_type: "client_credentials", client_id: "travel0-machine", client_secret: CLIENT_SECRET };
    const { access_token } = await token(server.url, form);
    const answer = await call(access_token);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.headers.oidc_claim_client_id, "travel0-machine");
    assert.equal((await call(`${access_token}x`)).status, 401);
    const { grant_type, ...caller } = form;
    const revocation = { form: { ...caller, token: access_token } };
    const revoked = await new Client(server.url).post(`${REALM}/protocol/openid-connect/revoke`, revocation);
    assert.equal(revoked.status, 200, revoked.text);
    assert.equal((await call(access_token)).status, 401, "a token that was revoked");
  });
});
