import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { Client } from "../harness.mjs";
import { admin, names, NOBODY, REALM, refusal, server } from "./world.mjs";

describe("groups of an organization", () => {
  let org;
  let groups;
  let user;
  let top;
  let child;

  /** What the client has no call for yet: organizations on Phase Two's paths. */
  async function ask(method, below, json) {
    const headers = { authorization: `Bearer ${await admin.getAccessToken()}` };
    return new Client(server.url).send(method, `/realms/${REALM}/orgs${below}`, { headers, json });
  }

  before(async () => {
    const made = await ask("POST", "", { name: "outfitters" });
    assert.equal(made.status, 201, made.text);
    org = made.location.split("/").at(-1);
    ({ id: user } = await admin.users.create({ username: "anne", enabled: true }));
    const joined = await ask("PUT", `/${org}/members/${user}`, null);
    assert.equal(joined.status, 201, joined.text);
    groups = admin.organizations.groups(org);
  });

  test("are created, found, changed and moved", async () => {
    ({ id: top } = await groups.create({ name: "crew", attributes: { boat: ["red"] } }));
    ({ id: child } = await groups.createChildGroup({ id: top }, { name: "deck" }));
    assert.deepEqual(await refusal(groups.create({ name: "crew" })), [409, "Group with the given name already exists."]);
    const one = await groups.findOne({ id: top });
    assert.deepEqual([one.attributes, one.parentId, one.path], [{ boat: ["red"] }, org, "/crew"]);
    assert.equal((await groups.findOne({ id: child })).path, "/crew/deck");
    assert.equal(await groups.findOne({ id: NOBODY }), null);
    assert.deepEqual(names(await groups.listSubGroups({ parentId: top })), ["deck"]);
    assert.deepEqual(names(await groups.find()), ["crew"]);
    assert.deepEqual(names(await groups.find({ search: "dec" })), ["deck"]);
    assert.deepEqual(names(await groups.find({ q: "boat:red" })), ["crew"]);
    await groups.update({ id: child }, { name: "rig" });
    await groups.updateRoot({ id: child, name: "rig" });
    assert.equal((await groups.findOne({ id: child })).path, "/rig");
    await groups.updateChildGroup({ id: top }, { id: child, name: "rig" });
    assert.equal((await groups.findOne({ id: child })).path, "/crew/rig");
    const circle = await refusal(groups.updateChildGroup({ id: child }, { id: top, name: "crew" }));
    assert.deepEqual(circle, [400, "A group cannot be moved below itself"]);
    assert.equal((await refusal(groups.count()))[0], 404, "Keycloak has no such path either");
    assert.deepEqual(await admin.groups.find({ search: "crew" }), [], "the realm has none of them");
  });

  test("have members of the organization", async () => {
    await groups.addMemberToOrgGroup({ groupId: child, userId: user });
    const again = await refusal(groups.addMemberToOrgGroup({ groupId: child, userId: user }));
    assert.deepEqual(again, [409, "User is already a member of the group"]);
    const [member] = await groups.listMembers({ id: child });
    assert.deepEqual([member.username, member.membershipType], ["anne", "UNMANAGED"]);
    assert.deepEqual(await groups.listMembers({ id: top }), []);
    assert.deepEqual(names(await groups.listOrgGroups({ id: user })), ["rig"]);
    const nobody = await refusal(groups.addMemberToOrgGroup({ groupId: child, userId: NOBODY }));
    assert.deepEqual(nobody, [404, "User does not exist"]);
    await groups.removeMemberFromOrgGroup({ groupId: child, userId: user });
    assert.deepEqual(await groups.listMembers({ id: child }), []);
  });

  test("have roles of the realm and of its clients", async () => {
    await admin.roles.create({ name: "bosun" });
    const bosun = await admin.roles.findOneByName({ name: "bosun" });
    const ofRealm = { id: top, roles: [{ id: bosun.id, name: bosun.name }] };
    assert.ok(names(await groups.listAvailableRealmRoleMappings({ id: top })).includes("bosun"));
    await groups.addRealmRoleMappings(ofRealm);
    assert.deepEqual(names(await groups.listRealmRoleMappings({ id: top })), ["bosun"]);
    assert.deepEqual(names(await groups.listCompositeRealmRoleMappings({ id: child })), ["bosun"], "inherited");
    const [management] = await admin.clients.find({ clientId: "realm-management" });
    const role = await admin.clients.findRole({ id: management.id, roleName: "view-users" });
    const where = { id: top, clientUniqueId: management.id };
    const ofClient = { ...where, roles: [{ id: role.id, name: role.name }] };
    await groups.addClientRoleMappings(ofClient);
    assert.deepEqual(names(await groups.listClientRoleMappings(where)), ["view-users"]);
    assert.ok(!names(await groups.listAvailableClientRoleMappings(where)).includes("view-users"));
    assert.ok(names(await groups.listCompositeClientRoleMappings(where)).includes("query-users"));
    const all = await groups.listRoleMappings({ id: top });
    assert.deepEqual([names(all.realmMappings), Object.keys(all.clientMappings)], [["bosun"], ["realm-management"]]);
    await groups.delClientRoleMappings(ofClient);
    await groups.delRealmRoleMappings(ofRealm);
    assert.deepEqual(await groups.listRoleMappings({ id: top }), {});
  });

  test("are deleted with those below", async () => {
    await groups.del({ id: top });
    assert.equal(await groups.findOne({ id: child }), null);
    assert.deepEqual(await groups.find(), []);
    assert.equal((await ask("DELETE", `/${org}`)).status, 204);
    for (const { id } of await admin.users.find({ search: "org-admin-" })) await admin.users.del({ id });
    await admin.users.del({ id: user });
    await admin.roles.delByName({ name: "bosun" });
  });
});
