// What is over after its time, in a realm whose times are short.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { query } from "./directory.mjs";
import { Client, eventually, start } from "./harness.mjs";
import { Api, CLIENT_SECRET, REALM, TOKEN, heading, linkIn, mailTo, submit, token } from "./travel0.mjs";

/** Long enough to be used once on a busy machine, short enough to wait for. */
const LIFE_SECONDS = 8;
const PERSON = { firstName: "Lena", lastName: "Ek", password: "four unrelated words" };

let server;
let admin;

before(async () => {
  const first = await start({ demo: true });
  await first.stop({ keep: true });
  // A number would become 8.0, which is no length of time.
  const shorten = `UPDATE realm SET settings = json_set(settings,
    '$.invitation_lifespan', ?1, '$.access_token_lifespan', ?1) WHERE name = 'travel0'`;
  query(first.state, shorten, BigInt(LIFE_SECONDS));
  server = await start({ state: first.state, port: first.port });
  admin = await Api.admin(server.url);
});
after(() => server?.stop());

test("an invitation, whether its page is open or not", async () => {
  const granite = await admin.org("granite-outpost");
  const email = "late@granite-outpost.example";
  const invitation = await admin.invite(granite, email);
  const link = linkIn(await mailTo(server.url, email));
  const visitor = new Client(server.url);
  const open = await visitor.get(link);
  assert.equal(open.status, 200, open.text);

  const expired = await eventually("it expires", async () => {
    const page = await visitor.get(link);
    return page.status === 410 && page;
  });

  for (const page of [expired, await submit(visitor, open, PERSON)]) {
    assert.deepEqual([page.status, heading(page)], [410, "This invitation has expired"]);
  }
  assert.ok(!(await admin.members(granite)).includes(email));
  assert.equal((await admin.get(invitation)).status, 200, "it is shown until it is withdrawn or sent again");
});

test("an access token", async () => {
  const form = { grant_type: "client_credentials", client_id: "travel0-machine", client_secret: CLIENT_SECRET };
  const tokens = await token(server.url, form);
  assert.equal(tokens.expires_in, LIFE_SECONDS);
  const machine = new Api(server.url, tokens.access_token);
  assert.equal((await machine.get(`${REALM}/orgs`)).status, 200);
  const answer = await eventually("it expires", async () => {
    const later = await machine.get(`${REALM}/orgs`);
    return later.status !== 200 && later;
  });
  assert.deepEqual([answer.status, answer.json], [401, { error: "HTTP 401 Unauthorized" }]);
});
