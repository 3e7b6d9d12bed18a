import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { admin, FORBIDDEN, names, NOBODY, PASSWORD, refusal, signedIn } from "./world.mjs";

describe("roles", () => {
  test("are created, changed and deleted by name", async () => {
    assert.deepEqual(await admin.roles.create({ name: "captain" }), { roleName: "captain" });
    assert.equal((await refusal(admin.roles.create({ name: "captain" })))[0], 409);
    await admin.roles.updateByName({ name: "captain" }, { name: "captain", description: "Leads" });
    assert.equal((await admin.roles.findOneByName({ name: "captain" })).description, "Leads");
    assert.ok(names(await admin.roles.find({ search: "capt" })).includes("captain"));
    await admin.roles.delByName({ name: "captain" });
    assert.equal(await admin.roles.findOneByName({ name: "captain" }), null);
  });

  test("are changed and deleted by id, and include others", async () => {
    const { roles } = admin;
    await roles.create({ name: "captain" });
    await roles.create({ name: "sailor", description: "Sails" });
    const { id: client } = await admin.clients.create({ clientId: "depot" });
    await admin.clients.createRole({ id: client, name: "porter" });
    const { id } = await roles.findOneByName({ name: "captain" });
    const sailor = await roles.findOneByName({ name: "sailor" });
    const porter = await admin.clients.findRole({ id: client, roleName: "porter" });

    await roles.updateById({ id }, { name: "captain", description: "Commands" });
    assert.equal((await roles.findOneById({ id })).description, "Commands");
    await roles.createComposite({ roleId: id }, [sailor, porter]);
    assert.equal((await roles.findOneById({ id })).composite, true);
    assert.deepEqual(names(await roles.getCompositeRoles({ id })), ["porter", "sailor"]);
    assert.deepEqual(names(await roles.getCompositeRolesForRealm({ id })), ["sailor"]);
    assert.deepEqual(names(await roles.getCompositeRolesForClient({ id, clientId: client })), ["porter"]);
    await roles.delCompositeRoles({ id }, [porter]);
    assert.deepEqual(names(await roles.getCompositeRoles({ id })), ["sailor"]);
    assert.equal((await refusal(roles.createComposite({ roleId: NOBODY }, [sailor])))[0], 404);

    await roles.delById({ id });
    assert.equal(await roles.findOneById({ id }), null);
    await roles.delById({ id: sailor.id });
    await admin.clients.del({ id: client });
  });

  test("of realm-management make administrators", async () => {
    const { id: user } = await admin.users.create({ username: "grace", enabled: true });
    const [management] = await admin.clients.find({ clientId: "realm-management" });
    const role = await admin.clients.findRole({ id: management.id, roleName: "view-users" });
    await admin.users.resetPassword({ id: user, credential: { type: "password", value: PASSWORD } });
    await admin.users.addClientRoleMappings({ id: user, clientUniqueId: management.id, roles: [{ id: role.id, name: role.name }] });
    const grace = await signedIn("grace");
    assert.deepEqual(names(await grace.users.find(), "username"), ["grace"]);
    assert.deepEqual(await refusal(grace.users.create({ username: "x" })), FORBIDDEN);
    assert.deepEqual(await refusal(grace.clients.create({ clientId: "x" })), FORBIDDEN);
    await admin.users.del({ id: user });
  });
});

// Users and groups have the same paths, and the client the same names for them.
describe("role mappings", () => {
  let realmRole;
  let clientRole;
  let clientUniqueId;

  test("need roles", async () => {
    await admin.roles.create({ name: "helm" });
    realmRole = await admin.roles.findOneByName({ name: "helm" });
    ({ id: clientUniqueId } = await admin.clients.create({ clientId: "quay" }));
    await admin.clients.createRole({ id: clientUniqueId, name: "crane" });
    clientRole = await admin.clients.findRole({ id: clientUniqueId, roleName: "crane" });
  });

  /** What `holders` can do with the roles of one of them. */
  async function mappingsOf(holders, id) {
    const ofQuay = { id, clientUniqueId };
    assert.ok(names(await holders.listAvailableRealmRoleMappings({ id })).includes("helm"));
    assert.deepEqual(names(await holders.listAvailableClientRoleMappings(ofQuay)), ["crane"]);

    await holders.addRealmRoleMappings({ id, roles: [realmRole] });
    await holders.addClientRoleMappings({ ...ofQuay, roles: [clientRole] });
    assert.ok(names(await holders.listRealmRoleMappings({ id })).includes("helm"));
    assert.ok(names(await holders.listCompositeRealmRoleMappings({ id })).includes("helm"));
    assert.ok(!names(await holders.listAvailableRealmRoleMappings({ id })).includes("helm"));
    assert.deepEqual(names(await holders.listClientRoleMappings(ofQuay)), ["crane"]);
    assert.deepEqual(names(await holders.listCompositeClientRoleMappings(ofQuay)), ["crane"]);
    assert.deepEqual(await holders.listAvailableClientRoleMappings(ofQuay), []);
    const all = await holders.listRoleMappings({ id });
    assert.ok(names(all.realmMappings).includes("helm"));
    assert.deepEqual(names(all.clientMappings.quay.mappings), ["crane"]);
    const ghost = holders.addRealmRoleMappings({ id, roles: [{ id: NOBODY, name: "ghost" }] });
    assert.equal((await refusal(ghost))[0], 404);

    await holders.delRealmRoleMappings({ id, roles: [realmRole] });
    await holders.delClientRoleMappings({ ...ofQuay, roles: [clientRole] });
    assert.ok(!names(await holders.listRealmRoleMappings({ id })).includes("helm"));
    assert.deepEqual(await holders.listClientRoleMappings(ofQuay), []);
  }

  test("of users are added, listed and taken back", async () => {
    const { id } = await admin.users.create({ username: "joan" });
    await mappingsOf(admin.users, id);
    await admin.users.addRealmRoleMappings({ id, roles: [realmRole] });
    assert.deepEqual(names(await admin.roles.findUsersWithRole({ name: "helm" }), "username"), ["joan"]);
    assert.equal(await admin.roles.findUsersWithRole({ name: "ghost" }), null);
    await admin.users.del({ id });
  });

  test("of groups are added, listed and taken back", async () => {
    const { id } = await admin.groups.create({ name: "holders" });
    await mappingsOf(admin.groups, id);
    await admin.groups.del({ id });
  });

  test("go with the roles", async () => {
    await admin.roles.delById({ id: realmRole.id });
    await admin.clients.del({ id: clientUniqueId });
    assert.equal(await admin.roles.findOneById({ id: clientRole.id }), null);
  });
});
