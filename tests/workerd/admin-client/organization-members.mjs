import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { admin, names, NOBODY, refusal } from "./world.mjs";

const NO_MEMBER = [404, "User is not member of the organization"];

/** The form that Keycloak's console sends. */
function form(fields) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}

describe("members of an organization", () => {
  let orgId;
  let userId;
  const person = { username: "paddling-anne", email: "anne@paddlers.example", firstName: "Anne", lastName: "Lee" };

  before(async () => {
    ({ id: orgId } = await admin.organizations.create({ name: "paddlers" }));
    ({ id: userId } = await admin.users.create({ ...person, enabled: true }));
  });
  after(async () => {
    await admin.organizations.delById({ id: orgId });
    await admin.users.del({ id: userId });
  });

  test("are added, listed and removed", async () => {
    await admin.organizations.addMember({ orgId, userId });
    const again = await refusal(admin.organizations.addMember({ orgId, userId }));
    assert.deepEqual(again, [409, "User is already a member of the organization."]);
    const nobody = await refusal(admin.organizations.addMember({ orgId, userId: NOBODY }));
    assert.deepEqual(nobody, [404, "User does not exist"]);

    const member = await admin.organizations.getMember({ orgId, userId });
    assert.deepEqual([member.username, member.membershipType, member.totp], [person.username, "UNMANAGED", false]);
    const [listed] = await admin.organizations.listMembers({ orgId, search: "paddlers", first: 0, max: 5 });
    assert.deepEqual([listed.id, listed.membershipType, listed.totp], [userId, "UNMANAGED", undefined]);
    assert.deepEqual(await admin.organizations.listMembers({ orgId, membershipType: "managed" }), []);
    assert.deepEqual(names(await admin.organizations.memberOrganizations({ userId })), ["paddlers"]);

    await admin.organizations.delMember({ orgId, userId });
    assert.deepEqual(await admin.organizations.listMembers({ orgId }), []);
    assert.deepEqual(await refusal(admin.organizations.delMember({ orgId, userId })), NO_MEMBER);
    assert.equal((await admin.users.findOne({ id: userId })).username, person.username);
  });

  test("are invited", async () => {
    const { organizations } = admin;
    await organizations.invite({ orgId }, form({ email: "Ben@paddlers.example", firstName: "Ben", lastName: "Moor" }));
    const twice = await refusal(organizations.invite({ orgId }, form({ email: "ben@paddlers.example" })));
    assert.deepEqual(twice, [409, "User already has a pending invitation"]);
    const none = await refusal(organizations.invite({ orgId }, form({ firstName: "Ben" })));
    assert.deepEqual(none, [400, "Email is required to invite a member"]);
    await organizations.inviteExistingUser({ orgId }, form({ id: userId }));
    const nobody = await refusal(organizations.inviteExistingUser({ orgId }, form({ id: NOBODY })));
    assert.deepEqual(nobody, [400, "User does not exist"]);

    const invited = await organizations.listInvitations({ orgId, status: "PENDING" });
    assert.deepEqual(names(invited, "email"), [person.email, "ben@paddlers.example"].sort());
    const [ben] = await organizations.listInvitations({ orgId, search: "moor" });
    assert.deepEqual([ben.firstName, ben.status, ben.organizationId], ["Ben", "PENDING", orgId]);
    assert.ok(!("inviteLink" in ben));
    const one = { orgId, invitationId: ben.id };
    assert.deepEqual(await organizations.findInvitation(one), ben);
    await organizations.resendInvitation(one);
    assert.equal((await organizations.findInvitation(one)).status, "PENDING");
    await organizations.deleteInvitation(one);
    assert.deepEqual(await refusal(organizations.findInvitation(one)), [404, "Invitation not found"]);
    assert.deepEqual(names(await organizations.listInvitations({ orgId }), "email"), [person.email]);
  });
});
