// Power cuts: the runtime is killed between two steps of a change, starts again
// on the same data, and everything is as if the change had happened, or never.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { query } from "./directory.mjs";
import { Client, eventually, start } from "./harness.mjs";
import { Api, App, REALM } from "./travel0.mjs";

/** An alarm rings 30 seconds after a change, an account's 60 after it was made. */
const ALARM_PATIENCE_MS = 90_000;
const MASTER = "/realms/master";
const ID = "0b5f6c1e-2f0a-4e6b-9c1d-6a7d1c2b3e4f";

/**
 * Lets `change` run into `point` on the data of `before`, cuts the power there,
 * looks at the data, and starts again. The port stays: it is part of the issuer.
 */
async function cutAt(point, before, change, whileDead = () => {}) {
  const faulty = await start({ state: before.state, port: before.port, fault: point });
  // It is never answered.
  change(faulty).catch(() => {});
  await faulty.logged(`fault reached: ${point}`);
  await faulty.kill();
  whileDead();
  return start({ state: before.state, port: before.port });
}

/** Data without Travel0, or with it, and an administrator. */
async function prepared(options = {}) {
  const server = await start(options);
  const admin = await Api.admin(server.url);
  return { server, admin, stopped: () => server.stop({ keep: true }) };
}

const create = (admin, asked) => admin.post(`${MASTER}/orgs`, asked);

test("an organization whose object alone was made never existed", async () => {
  const { server, admin, stopped } = await prepared();
  await stopped();
  const asked = { id: ID, name: "half-made" };

  const again = await cutAt("org.create.after_object", server, () => create(admin, asked));

  assert.deepEqual((await admin.get(`${MASTER}/orgs`)).json, []);
  assert.equal((await admin.get(`${MASTER}/orgs/${ID}`)).status, 404);
  const other = await create(admin, { name: "half-made" });
  assert.equal(other.status, 201, "the name is free");
  const third = { id: ID, name: "made-later" };
  await eventually("the id is free", async () => (await create(admin, third)).status === 201, ALARM_PATIENCE_MS);
  await again.stop();
});

test("an organization that the directory knows exists", async () => {
  const { server, admin, stopped } = await prepared();
  await stopped();
  const asked = { id: ID, name: "made" };

  const again = await cutAt("org.create.after_directory", server, () => create(admin, asked));

  assert.deepEqual((await admin.get(`${MASTER}/orgs`)).json.map((one) => one.id), [ID]);
  assert.equal((await admin.get(`${MASTER}/orgs/${ID}`)).json.name, "made");
  assert.equal((await create(admin, asked)).status, 409);
  await again.stop();
});

for (const point of ["account.register.after_object", "account.register.after_directory"]) {
  test(`a person cut off at ${point} is there once when it is tried again`, async () => {
    const { server, stopped } = await prepared();
    await stopped();
    const demo = { json: {} };

    const again = await cutAt(point, server, (faulty) => new Api(faulty.url).send("POST", "/dev/demo", demo));

    const made = await new Api(again.url).send("POST", "/dev/demo", demo);
    assert.equal(made.status, 200, made.text);
    const app = await App.discover(again.url);
    const tokens = await app.logIn(new Client(again.url), "openid organization:rocky-mountain", "jonno");
    assert.ok(tokens.claims().organization["rocky-mountain"]);
    const admin = await Api.admin(again.url);
    const members = await admin.members(await admin.org("rocky-mountain"));
    assert.equal(members.filter((email) => email.startsWith("jonno@")).length, 1);
    await again.stop();
  });
}

/** What the directory and the event index know about the removal of a member. */
function told(state, user) {
  const memberships = query(state, "SELECT org_id FROM membership WHERE user_id = ? AND present = 1", user);
  const removal = `SELECT id FROM event
    WHERE document ->> 'operationType' = 'DELETE' AND document ->> 'resourcePath' LIKE ?`;
  const events = query(state, removal, `%/members/${user}`);
  return { memberships: memberships.length, events: events.length };
}

const CUTS = [
  { point: "org.outbox.before_drain", before: { memberships: 1, events: 0 } },
  { point: "org.outbox.after_directory", before: { memberships: 0, events: 0 } },
];
for (const { point, before } of CUTS) {
  test(`a change cut off at ${point} is told by the alarm, to the directory and the event index`, async () => {
    const { server, admin, stopped } = await prepared({ demo: true });
    const app = await App.discover(server.url);
    const tokens = await app.logIn(new Client(server.url), "openid", "hiroko");
    const user = tokens.claims().sub;
    const member = `${await admin.org("granite-outpost")}/members/${user}`;
    await stopped();
    const whileDead = () => assert.deepEqual(told(server.state, user), before);

    const again = await cutAt(point, server, () => admin.delete(member), whileDead);

    // Nobody asks the organization's object: that would make it tell.
    const isTold = () => isDeepStrictEqual(told(server.state, user), { memberships: 0, events: 1 });
    await eventually("everybody knows", isTold, ALARM_PATIENCE_MS);
    const hiroko = new Api(server.url, tokens.access_token);
    assert.deepEqual((await hiroko.get(`${REALM}/orgs`)).json, []);
    assert.equal((await admin.get(member)).status, 404);
    await again.stop();
  });
}
