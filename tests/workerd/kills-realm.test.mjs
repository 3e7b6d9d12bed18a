// Power cuts in what happens to a realm and its people: it is as if the change had
// happened or never, and asking again, or the clock, finishes it.
import assert from "node:assert/strict";
import { query } from "./directory.mjs";
import { Client, eventually } from "./harness.mjs";
import { kill } from "./kills.mjs";
import { App, REALM } from "./travel0.mjs";

const ADMIN = "/admin/realms/travel0";
const PASSWORD = "four unrelated words";
const credentials = [{ type: "password", value: PASSWORD }];

async function signsIn(world, username) {
  const app = await App.discover(world.url);
  return app.logIn(new Client(world.url), "openid", username, PASSWORD).then(
    () => true,
    () => false,
  );
}

const total = (state, statement, ...values) => Number(query(state, `SELECT count(*) AS total FROM ${statement}`, ...values)[0].total);

const farewell = {
  name: "a user is deleted",
  points: ["user.delete.after_directory", "user.delete.after_account", "user.forget.after_organization"],
  async prepare(world, round) {
    const username = `leaver${round}`;
    const email = `${username}@freelance.example`;
    const person = { username, email, firstName: "Leo", lastName: "Ver", enabled: true, credentials };
    const id = await world.make(`${ADMIN}/users`, person);
    const orgs = await Promise.all(["rocky-mountain", "granite-outpost"].map((name) => world.admin.org(name)));
    for (const org of orgs) {
      const joined = await world.admin.send("PUT", `${org}/members/${id}`);
      assert.equal(joined.status, 201, joined.text);
    }
    assert.ok(await signsIn(world, username));
    return { id, username, email, orgs };
  },
  change: (world, { id }) => world.admin.delete(`${ADMIN}/users/${id}`),
  /** The schedule takes up what is a minute old. */
  whileDead(world, { id }) {
    assert.equal(total(world.state, "user_erasure WHERE user_id = ?", id), 1);
    query(world.state, "UPDATE user_erasure SET started_at = started_at - 61 WHERE user_id = ?", id);
  },
  async look(world, { id, username, email, orgs }) {
    assert.equal((await world.admin.get(`${ADMIN}/users/${id}`)).status, 404, "gone at once");
    assert.equal(await signsIn(world, username), false);
    assert.equal((await world.admin.delete(`${ADMIN}/users/${id}`)).status, 404);

    await world.tick();

    for (const org of orgs) assert.ok(!(await world.admin.members(org)).includes(email), org);
    assert.equal(total(world.state, "membership WHERE present = 1 AND user_id = ?", id), 0);
    assert.equal(total(world.state, "user_erasure WHERE user_id = ?", id), 0, "nothing is left to do");
  },
};

const removal = {
  name: "a realm is removed",
  points: ["realm.remove.after_organizations", "realm.remove.after_users", "realm.remove.after_page"],
  async prepare(world, round) {
    const name = `doomed${round}`;
    const users = [1, 2].map((number) => ({ username: `user${number}`, enabled: true, credentials }));
    await world.make("/admin/realms", { realm: name, enabled: true, users });
    for (const org of ["one", "two"]) await world.make(`/realms/${name}/orgs`, { name: org });
    return { name, id: (await world.read(`/admin/realms/${name}`)).id };
  },
  async change(world, { name }) {
    await world.admin.delete(`/admin/realms/${name}`);
    // The first takes organizations and people, the second the rest.
    await world.tick();
    await world.tick();
  },
  /** Nothing is looked after for longer than an hour: it is over after the next tick. */
  whileDead(world, { id }) {
    assert.equal(query(world.state, "UPDATE realm_removal SET removed_at = removed_at - 3601 RETURNING realm_id")[0].realm_id, id);
  },
  async look(world, { name, id }) {
    assert.equal((await world.admin.get(`/admin/realms/${name}`)).status, 404, "gone at once");

    const isOver = async () => {
      await world.tick();
      return total(world.state, "realm_removal") === 0;
    };
    await eventually("it is over", isOver);
    for (const table of ["user", "organization", "role", "client", "membership", "signing_key"]) {
      assert.equal(total(world.state, `${table} WHERE realm_id = ?`, id), 0, table);
    }
    await world.make("/admin/realms", { realm: name, enabled: true });
    assert.deepEqual(await world.read(`/admin/realms/${name}/users`), []);
    assert.deepEqual(await world.read(`/realms/${name}/orgs`), []);
  },
};

const document = {
  name: "a document is imported",
  points: [
    "account.register_many.after_objects",
    "account.register_many.after_directory",
    "account.register_many.after_object",
  ],
  async prepare(_, round) {
    const users = ["ann", "ben"].map((name) => ({
      username: `${name}${round}`,
      email: `${name}${round}@import.example`,
      firstName: name,
      lastName: "Import",
      enabled: true,
      credentials,
      realmRoles: [`guide${round}`],
    }));
    const clients = [{ clientId: `shop${round}`, redirectUris: ["https://shop.example/cb"] }];
    return { round, users, clients, roles: { realm: [{ name: `guide${round}` }] } };
  },
  change: (world, { round, ...body }) => world.admin.post(`${ADMIN}/partialImport`, body),
  async look(world, { round, ...body }, point) {
    const seen = async () => [
      (await world.read(`${ADMIN}/users?username=${body.users[0].username}&exact=true`)).length > 0,
      (await world.read(`${ADMIN}/clients?clientId=shop${round}`)).length > 0,
      (await world.admin.get(`${ADMIN}/roles/guide${round}`)).status === 200,
      await signsIn(world, body.users[0].username),
      await signsIn(world, body.users[1].username),
    ];
    const isCommitted = point.endsWith("after_directory");
    assert.deepEqual(await seen(), Array(5).fill(isCommitted));

    const again = await world.admin.post(`${ADMIN}/partialImport`, { ...body, ifResourceExists: "SKIP" });

    assert.equal(again.status, 200, again.text);
    const { added, skipped } = again.json;
    assert.deepEqual({ added, skipped }, isCommitted ? { added: 0, skipped: 4 } : { added: 4, skipped: 0 });
    assert.deepEqual(await seen(), Array(5).fill(true));
  },
};

kill([farewell, removal, document]);
