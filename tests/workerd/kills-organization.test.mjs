// Power cuts in what happens to an organization: it is as if the change had
// happened or never, and asking again, or waiting, finishes it.
import assert from "node:assert/strict";
import { objects } from "./directory.mjs";
import { Client, eventually } from "./harness.mjs";
import { kill } from "./kills.mjs";
import { Api, REALM, linkIn, mailTo, submit } from "./travel0.mjs";

const ADMIN = "/admin/realms/travel0";
/** An object's alarm rings half a minute after a change, and an intent must be as old. */
const ALARM_PATIENCE_MS = 100_000;
const PERSON = { firstName: "Marta", lastName: "Lindqvist", password: "four unrelated words" };
const SCIM_SECRET = "granite-okta-secret";

const people = (world, email) => world.read(`${ADMIN}/users?exact=true&email=${email}`);
const times = async (world, org, email) => (await world.admin.members(org)).filter((one) => one === email).length;

const acceptance = {
  name: "an invitation is accepted",
  points: ["invitation.accept.after_begin", "invitation.accept.after_user"],
  async prepare(world, round) {
    const org = await world.admin.org("rocky-mountain");
    const email = `marta${round}@rocky-mountain.example`;
    await world.admin.invite(org, email);
    const link = linkIn(await mailTo(world.url, email));
    const visitor = new Client(world.url);
    return { org, email, link, visitor, page: await visitor.get(link) };
  },
  change: (_, { visitor, page }) => submit(visitor, page, PERSON),
  async look(world, { org, email, link }, point) {
    const isMade = point.endsWith("after_user");
    assert.equal((await people(world, email)).length, isMade ? 1 : 0);
    assert.equal(await times(world, org, email), 0, "nobody joined");

    const visitor = new Client(world.url);
    const page = await visitor.get(link);
    const joined = await submit(visitor, page, isMade ? { password: PERSON.password } : PERSON);

    assert.ok(joined.status < 400, joined.text);
    assert.equal(await times(world, org, email), 1);
    assert.equal((await people(world, email)).length, 1, "one person");
    assert.equal((await visitor.get(link)).status, 410, "the invitation is used");
  },
};

const push = {
  name: "a directory creates a user",
  points: ["scim.create.after_intent", "scim.create.after_user"],
  async prepare(world, round) {
    const org = await world.admin.org("granite-outpost");
    const config = { auth: { type: "EXTERNAL_SECRET", shared_secret: SCIM_SECRET } };
    if (round === 1) await world.make(`${org}/scim`, config);
    const email = `ann${round}@granite-outpost.example`;
    const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    const user = { schemas, userName: email, emails: [{ value: email, primary: true }], active: true };
    return { org, email, user, users: `${org.replace("/orgs/", "/scim/v2/organizations/")}/Users` };
  },
  change: (world, { users, user }) => new Api(world.url, SCIM_SECRET).post(users, user),
  async look(world, { org, email, users, user }, point) {
    const directory = new Api(world.url, SCIM_SECRET);
    const pushed = async () => {
      const found = await directory.get(`${users}?filter=userName eq "${email}"`);
      return found.json.totalResults;
    };
    const isMade = point.endsWith("after_user");
    assert.deepEqual([await pushed(), await times(world, org, email)], [0, 0], "half a push is not seen");
    assert.equal((await people(world, email)).length, isMade ? 1 : 0);

    // One is pushed again, the other must help itself.
    if (isMade) await eventually("the alarm finishes it", pushed, ALARM_PATIENCE_MS);
    else assert.equal((await directory.post(users, user)).status, 201);

    assert.deepEqual([await pushed(), await times(world, org, email)], [1, 1]);
    assert.equal((await people(world, email)).length, 1, "one person");
    assert.equal((await directory.post(users, user)).status, 409);
  },
};

const deletion = {
  name: "an organization is deleted",
  points: ["org.delete.after_object", "org.delete.after_directory"],
  async prepare(world, round) {
    const name = `doomed-${round}`;
    const id = await world.make(`${REALM}/orgs`, { name, domains: [`${name}.example`] });
    return { name, id };
  },
  change: (world, { id }) => world.admin.delete(`${REALM}/orgs/${id}`),
  whileDead: (world, { id }) => assert.ok(objects(world.state).includes(id), "the object still holds it"),
  async look(world, { name, id }) {
    assert.equal((await world.admin.get(`${REALM}/orgs/${id}`)).status, 404, "gone at once");
    assert.equal((await world.admin.delete(`${REALM}/orgs/${id}`)).status, 404);

    const isFree = async () => (await world.admin.post(`${REALM}/orgs`, { name })).status === 201;
    await eventually("the name is free", isFree, ALARM_PATIENCE_MS);
    await eventually("the object is blank", () => !objects(world.state).includes(id), ALARM_PATIENCE_MS);
    const listed = await world.read(`${REALM}/orgs?search=${name}`);
    assert.deepEqual(listed.map((one) => one.id === id), [false], "the new one alone");
  },
};

const link = {
  name: "an organization gets an identity provider of the realm",
  points: [null, "idp.link.after_directory"],
  async prepare(world) {
    await world.make(`${ADMIN}/identity-provider/instances`, { alias: "killed", providerId: "oidc", enabled: true });
    return { idps: `${await world.admin.org("adventurez")}/idps` };
  },
  change: (world, { idps }) => world.admin.post(`${idps}/link`, { alias: "killed" }),
  async look(world, { idps }) {
    const used = async () => (await world.read(idps)).map((one) => one.alias);
    assert.deepEqual(await used(), ["killed"]);
    assert.equal((await world.admin.post(`${idps}/link`, { alias: "killed" })).status, 201);
    assert.deepEqual(await used(), ["killed"], "once");
    assert.equal((await world.admin.post(`${idps}/killed/unlink`)).status, 204);
    assert.deepEqual(await used(), []);
  },
};

const IMPORTED = 8;

const organizations = {
  name: "organizations are imported",
  points: ["org.import.after_stage", "org.import.after_directory"],
  async prepare(_, round) {
    const ids = Array.from({ length: IMPORTED }, (_, number) => `import-${round}-${number}`);
    const members = [{ username: "hiroko", roles: ["view-members"] }];
    return { ids, document: { organizations: ids.map((id) => ({ organization: { id, name: id }, members })) } };
  },
  change: (world, { document }) => world.admin.post(`${REALM}/orgs/import`, document),
  whileDead(world, { ids }) {
    const held = objects(world.state);
    assert.ok(ids.every((id) => held.includes(id)), "every object holds one");
  },
  async look(world, { ids, document }, point) {
    const isCommitted = point.endsWith("after_directory");
    const hiroko = (await people(world, "hiroko@granite-outpost.example"))[0].id;
    const seen = async () => {
      const listed = await world.read(`${REALM}/orgs?search=${ids[0].slice(0, -2)}&max=100`);
      const read = await Promise.all(ids.map((id) => world.admin.get(`${REALM}/orgs/${id}/members/count`)));
      const hers = await world.read(`${REALM}/users/${hiroko}/orgs`);
      const whole = read.filter((one) => one.status === 200 && one.json >= 1);
      return [listed.length, whole.length, hers.filter((one) => ids.includes(one.id)).length];
    };
    const all = [IMPORTED, IMPORTED, IMPORTED];
    assert.deepEqual(await seen(), isCommitted ? all : [0, 0, 0]);

    const again = await world.admin.post(`${REALM}/orgs/import`, document);

    assert.equal(again.status, isCommitted ? 409 : 200, again.text);
    assert.deepEqual(await seen(), all);
  },
};

kill([acceptance, push, deletion, link, organizations]);
