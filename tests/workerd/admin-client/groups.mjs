import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { admin, FORBIDDEN, names, NOBODY, PASSWORD, REALM, refusal, signedIn } from "./world.mjs";

describe("groups", () => {
  let user;
  let top;
  let child;

  test("are created, found, changed and moved", async () => {
    ({ id: top } = await admin.groups.create({ name: "crew", attributes: { boat: ["red"] } }));
    ({ id: child } = await admin.groups.createChildGroup({ id: top }, { name: "deck" }));
    assert.deepEqual(await refusal(admin.groups.create({ name: "crew" })), [409, "Top level group named 'crew' already exists."]);
    assert.deepEqual((await admin.groups.findOne({ id: top })).attributes, { boat: ["red"] });
    assert.equal((await admin.groups.findOne({ id: child })).path, "/crew/deck");
    assert.equal(await admin.groups.findOne({ id: NOBODY }), null);
    assert.deepEqual(names(await admin.groups.listSubGroups({ parentId: top })), ["deck"]);
    assert.deepEqual(names((await admin.groups.find({ search: "dec" }))[0].subGroups), ["deck"]);
    assert.deepEqual(names(await admin.groups.find({ q: "boat:red" })), ["crew"]);
    assert.equal((await admin.realms.getGroupByPath({ realm: REALM, path: "/crew/deck" })).id, child);
    assert.deepEqual(await admin.groups.count(), { count: 2 });
    await admin.groups.update({ id: child }, { name: "rig" });
    await admin.groups.updateRoot({ id: child, name: "rig" });
    assert.equal((await admin.groups.findOne({ id: child })).path, "/rig");
    await admin.groups.updateChildGroup({ id: top }, { id: child, name: "rig" });
    assert.equal((await admin.groups.findOne({ id: child })).path, "/crew/rig");
    const circle = await refusal(admin.groups.updateChildGroup({ id: child }, { id: top, name: "crew" }));
    assert.deepEqual(circle, [400, "A group cannot be moved below itself"]);
  });

  test("have members, who come by themselves to a default group", async () => {
    await admin.realms.addDefaultGroup({ realm: REALM, id: child });
    assert.deepEqual(names(await admin.realms.getDefaultGroups({ realm: REALM })), ["rig"]);
    ({ id: user } = await admin.users.create({ username: "joan", enabled: true, groups: ["/crew"] }));
    await admin.realms.removeDefaultGroup({ realm: REALM, id: child });
    assert.deepEqual(await admin.realms.getDefaultGroups({ realm: REALM }), []);
    assert.deepEqual(names(await admin.users.listGroups({ id: user })), ["crew", "rig"]);
    await admin.users.delFromGroup({ id: user, groupId: top });
    assert.deepEqual(await admin.users.countGroups({ id: user }), { count: 1 });
    await admin.users.addToGroup({ id: user, groupId: child });
    assert.deepEqual(names(await admin.groups.listMembers({ id: child }), "username"), ["joan"]);
    assert.deepEqual(await admin.groups.listMembers({ id: top }), []);
    assert.equal((await refusal(admin.users.addToGroup({ id: user, groupId: NOBODY })))[0], 404);
  });

  test("give their members roles", async () => {
    const [management] = await admin.clients.find({ clientId: "realm-management" });
    const role = await admin.clients.findRole({ id: management.id, roleName: "view-users" });
    const mapping = { id: top, clientUniqueId: management.id, roles: [{ id: role.id, name: role.name }] };
    await admin.groups.addClientRoleMappings(mapping);
    const held = await admin.users.listCompositeClientRoleMappings({ id: user, clientUniqueId: management.id });
    assert.ok(names(held).includes("query-users"), "inherited, and with what the role includes");
    await admin.users.resetPassword({ id: user, credential: { type: "password", value: PASSWORD } });
    const joan = await signedIn("joan");
    assert.ok(names(await joan.users.find(), "username").includes("joan"));
    await admin.groups.delClientRoleMappings(mapping);
    assert.deepEqual(await refusal(joan.users.find()), FORBIDDEN);
  });

  test("are deleted with those below", async () => {
    await admin.groups.del({ id: top });
    assert.equal(await admin.groups.findOne({ id: child }), null);
    assert.deepEqual(await admin.users.listGroups({ id: user }), []);
    await admin.users.del({ id: user });
  });
});
