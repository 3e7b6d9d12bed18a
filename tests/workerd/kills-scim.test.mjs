// Power cuts in what a directory pushes: each operation is done whole or not at all,
// nobody is left over, and pushing again, or waiting, finishes it.
import assert from "node:assert/strict";
import { eventually } from "./harness.mjs";
import { kill } from "./kills.mjs";
import { Api, REALM } from "./travel0.mjs";

const ADMIN = "/admin/realms/travel0";
/** An object's alarm rings half a minute after a change, and an intent must be as old. */
const ALARM_PATIENCE_MS = 150_000;
const SECRET = "granite-okta-secret";
const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/** As many operations as one request may have. */
const MANY = 1_000;

/** An organization of its own for each round, with a directory. */
async function connect(world, name) {
  const org = `${REALM}/orgs/${await world.make(`${REALM}/orgs`, { name })}`;
  await world.make(`${org}/scim`, { auth: { type: "EXTERNAL_SECRET", shared_secret: SECRET } });
  const before = await world.read(`${org}/members/count`);
  return { org, before, base: org.replace("/orgs/", "/scim/v2/organizations/") };
}

const person = (email) => ({
  schemas: [USER],
  userName: email,
  emails: [{ value: email, primary: true }],
  active: true,
});

const directory = (world) => new Api(world.url, SECRET);

async function total(world, base, filter) {
  const query = filter ? `?filter=${encodeURIComponent(filter)}&count=0` : "?count=0";
  const listed = await directory(world).get(`${base}/Users${query}`);
  assert.equal(listed.status, 200, listed.text);
  return listed.json.totalResults;
}

/** How many were made members since the organization was made. */
const members = async (world, { org, before }) => (await world.read(`${org}/members/count`)) - before;
const people = (world, domain) => world.read(`${ADMIN}/users/count?email=${domain}`);
const whole = (world, kept) => async () =>
  (await total(world, kept.base)) === MANY &&
  (await members(world, kept)) === MANY &&
  (await people(world, kept.domain)) === MANY;

const bulk = {
  name: "a directory creates a thousand users in one request",
  points: ["scim.create_many.after_intents", "scim.create_many.after_users", "scim.bulk.after_operation"],
  async prepare(world, round) {
    const domain = `bulk${round}.example`;
    const Operations = Array.from({ length: MANY }, (_, number) => ({
      method: "POST",
      path: "/Users",
      bulkId: `u${number}`,
      data: person(`u${number}@${domain}`),
    }));
    return { ...(await connect(world, `scim-bulk-${round}`)), domain, body: { schemas: [BULK], Operations }, round };
  },
  change: (world, { base, body }) => directory(world).post(`${base}/Bulk`, body),
  async look(world, kept, point) {
    const { base, body } = kept;
    const done = await total(world, base);
    assert.equal(done % 100, 0, "each hundred is made together, or not yet");
    if (!point.endsWith("after_operation")) assert.equal(done, 0, "half a push is not seen");

    const again = await directory(world).post(`${base}/Bulk`, body);

    assert.equal(again.status, 200, again.text);
    const statuses = again.json.Operations.map((one) => one.status);
    assert.equal(statuses.length, MANY);
    assert.ok(statuses.every((status) => status === "201" || status === "409"), statuses.join());
    assert.equal(statuses.filter((status) => status === "409").length, done, "those that were done");
    await eventually("everybody is a member, once", whole(world, kept), ALARM_PATIENCE_MS);
  },
};

const waiting = {
  ...bulk,
  name: "a directory creates a thousand users and does not come back",
  // A point stops whoever comes there: those that would meet sit a round out.
  points: [null, null, null, "scim.create_many.after_users"],
  prepare: (world) => bulk.prepare(world, "-waiting"),
  async look(world, kept) {
    // The operations that were not begun are the directory's to repeat.
    const isHundred = async () => (await total(world, kept.base)) === 100;
    await eventually("the alarm finishes what was begun", isHundred, ALARM_PATIENCE_MS);
    assert.equal(await people(world, kept.domain), 100, "nobody is left over");
    assert.equal(await members(world, kept), 100);
  },
};

const deactivation = {
  name: "a directory suspends a thousand users in one request",
  points: ["scim.bulk.after_operation", null, null, null, "org.outbox.before_drain"],
  async prepare(world, round) {
    const domain = `off${round}.example`;
    const kept = { ...(await connect(world, `scim-off-${round}`)), domain };
    const creations = Array.from({ length: MANY }, (_, number) => ({
      method: "POST",
      path: "/Users",
      bulkId: `u${number}`,
      data: person(`u${number}@${domain}`),
    }));
    const made = await directory(world).post(`${kept.base}/Bulk`, { schemas: [BULK], Operations: creations });
    assert.equal(made.status, 200, made.text);
    const Operations = made.json.Operations.map((one) => ({
      method: "PATCH",
      path: `/Users/${one.location.split("/").at(-1)}`,
      data: { schemas: [PATCH], Operations: [{ op: "replace", path: "active", value: false }] },
    }));
    return { ...kept, body: { schemas: [BULK], Operations } };
  },
  change: (world, { base, body }) => directory(world).post(`${base}/Bulk`, body),
  async look(world, kept) {
    const { base, body } = kept;
    const suspended = await total(world, base, "active eq false");
    assert.ok(suspended >= 1 && suspended <= MANY, `${suspended} are suspended`);

    const again = await directory(world).post(`${base}/Bulk`, body);

    assert.ok(again.json.Operations.every((one) => one.status === "200"));
    assert.equal(await total(world, base, "active eq false"), MANY);
    assert.equal(await members(world, kept), MANY, "the records stay");
  },
};

const membership = {
  name: "a directory puts a thousand users into a group",
  points: [null, null, null, null, null, "org.outbox.before_drain"],
  async prepare(world) {
    const domain = "grouped.example";
    const kept = { ...(await connect(world, "scim-grouped")), domain };
    const Operations = Array.from({ length: MANY }, (_, number) => ({
      method: "POST",
      path: "/Users",
      bulkId: `u${number}`,
      data: person(`u${number}@${domain}`),
    }));
    const made = await directory(world).post(`${kept.base}/Bulk`, { schemas: [BULK], Operations });
    assert.equal(made.status, 200, made.text);
    const value = made.json.Operations.map((one) => ({ value: one.location.split("/").at(-1) }));
    const group = await directory(world).post(`${kept.base}/Groups`, { displayName: "Everybody" });
    assert.equal(group.status, 201, group.text);
    const add = { op: "add", path: "members", value };
    const rename = { op: "replace", path: "displayName", value: "All of us" };
    return { ...kept, at: `${kept.base}/Groups/${group.json.id}`, body: { schemas: [PATCH], Operations: [add, rename] } };
  },
  change: (world, { at, body }) => directory(world).send("PATCH", at, { json: body }),
  async look(world, { at, body }) {
    const found = (await directory(world).get(at)).json;
    const seated = found.members.length;
    assert.ok(seated === 0 || seated === MANY, `${seated} of ${MANY} are in the group`);
    assert.equal(found.displayName, seated ? "All of us" : "Everybody", "all of it, or nothing");

    const again = await directory(world).send("PATCH", at, { json: body });

    assert.equal(again.status, 200, again.text);
    assert.equal(again.json.members.length, MANY);
  },
};

const removal = {
  name: "a directory deletes a user",
  points: ["org.accounts.after_directory", "scim.forget.after_directory"],
  async prepare(world, round) {
    const email = `ann${round}@gone.example`;
    const kept = await connect(world, `scim-gone-${round}`);
    const made = await directory(world).post(`${kept.base}/Users`, person(email));
    assert.equal(made.status, 201, made.text);
    return { ...kept, email, id: made.json.id };
  },
  change: (world, { base, id }) => directory(world).delete(`${base}/Users/${id}`),
  async look(world, kept) {
    const { base, email, id } = kept;
    assert.equal((await directory(world).get(`${base}/Users/${id}`)).status, 404, "the object has committed");

    const again = await directory(world).post(`${base}/Users`, person(email));

    assert.equal(again.status, 201, again.text);
    const found = async () => world.read(`${ADMIN}/users?exact=true&email=${email}`);
    assert.equal((await found()).length, 1, "one person");
    const isSettled = async () => (await total(world, base)) === 1 && (await members(world, kept)) === 1;
    await eventually("the new one stays", isSettled, ALARM_PATIENCE_MS);
    assert.equal((await found()).length, 1);
  },
};

kill([bulk, waiting, deactivation, membership, removal]);
