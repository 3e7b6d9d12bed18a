import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "../harness.mjs";
import { admin, mails, names, NOBODY, PASSWORD, refusal } from "./world.mjs";

const ID = /^[0-9a-f-]{36}$/;

describe("users", () => {
  let id;

  test("are created and found", async () => {
    const person = { username: "Ada", email: "Ada@kayaks.example", firstName: "Ada", lastName: "Byron", enabled: true,
      emailVerified: true, attributes: { team: ["sea"] }, credentials: [{ type: "password", value: PASSWORD }] };
    ({ id } = await admin.users.create(person));
    assert.match(id, ID);
    const ada = await admin.users.findOne({ id });
    assert.equal(ada.username, "ada");
    assert.equal(ada.email, "ada@kayaks.example");
    assert.deepEqual(ada.attributes, { team: ["sea"] });
    assert.ok(ada.createdTimestamp > 1e12, "milliseconds");
    for (const query of [{ search: "byr" }, { username: "ada", exact: true }, { email: "ada@kayaks.example" }, { q: "team:sea" }]) {
      assert.deepEqual(names(await admin.users.find(query), "username"), ["ada"], JSON.stringify(query));
    }
    assert.deepEqual(await admin.users.find({ search: "nobody" }), []);
    assert.equal(await admin.users.count(), 1);
    assert.equal(await admin.users.findOne({ id: NOBODY }), null);
  });

  test("are named once", async () => {
    assert.deepEqual(await refusal(admin.users.create({ username: "ADA" })), [409, "User exists with same username"]);
    const same = admin.users.create({ username: "other", email: "ada@kayaks.example" });
    assert.deepEqual(await refusal(same), [409, "User exists with same email"]);
  });

  test("are changed, keeping what is not named", async () => {
    await admin.users.update({ id }, { lastName: "Lovelace" });
    const ada = await admin.users.findOne({ id });
    assert.deepEqual([ada.firstName, ada.lastName, ada.attributes.team], ["Ada", "Lovelace", ["sea"]]);
    assert.equal((await refusal(admin.users.update({ id: NOBODY }, { lastName: "x" })))[0], 404);
  });

  test("have the fields of the realm's profile, and others apart", async () => {
    const profile = await admin.users.getProfile();
    assert.deepEqual(names(profile.attributes), ["email", "firstName", "lastName", "username"]);
    const boat = { name: "boat", displayName: "Boat", permissions: { view: ["admin", "user"], edit: ["admin"] },
      validations: { options: { options: ["red", "blue"] } } };
    const changed = await admin.users.updateProfile({ ...profile, attributes: [...profile.attributes, boat] });
    assert.deepEqual(names(changed.attributes), ["boat", "email", "firstName", "lastName", "username"]);
    assert.deepEqual(await admin.users.getProfile(), changed);
    const metadata = await admin.users.getProfileMetadata();
    const field = metadata.attributes.find((one) => one.name === "boat");
    assert.deepEqual([field.displayName, field.validators.options.options], ["Boat", ["red", "blue"]]);
    const attributes = { team: ["sea"], boat: ["green"] };
    const [status] = await refusal(admin.users.update({ id }, { attributes }));
    assert.equal(status, 400, "there are no green boats");
    await admin.users.update({ id }, { attributes: { ...attributes, boat: ["red"] } });
    assert.deepEqual(await admin.users.getUnmanagedAttributes({ id }), { team: ["sea"] });
    await admin.users.updateProfile(profile);
    assert.deepEqual(await admin.users.getProfile(), profile);
  });

  test("are linked to identities elsewhere", async () => {
    const identity = { federatedIdentityId: "okta" };
    await admin.identityProviders.create({ alias: "okta", providerId: "oidc", config: { clientId: "kayaks" } });
    const federatedIdentity = { identityProvider: "okta", userId: "00u1", userName: "ada@okta.example" };
    await admin.users.addToFederatedIdentity({ id, ...identity, federatedIdentity });
    assert.equal((await refusal(admin.users.addToFederatedIdentity({ id, ...identity, federatedIdentity })))[0], 409);
    assert.deepEqual(names(await admin.users.listFederatedIdentities({ id }), "userId"), ["00u1"]);
    await admin.users.delFromFederatedIdentity({ id, ...identity });
    assert.deepEqual(await admin.users.listFederatedIdentities({ id }), []);
    assert.equal((await refusal(admin.users.delFromFederatedIdentity({ id, ...identity })))[0], 404);
    await admin.identityProviders.del({ alias: "okta" });
  });

  test("get a mail that lets them do what is asked", async () => {
    await admin.users.executeActionsEmail({ id, actions: ["UPDATE_PASSWORD"], lifespan: 3600 });
    await eventually("the mail", async () => (await mails("ada@kayaks.example")).length === 1);
    await admin.users.sendVerifyEmail({ id });
    await eventually("the other mail", async () => (await mails("ada@kayaks.example")).length === 2);
    const unknown = admin.users.executeActionsEmail({ id, actions: ["DANCE"] });
    assert.equal((await refusal(unknown))[0], 400);
    assert.equal((await refusal(admin.users.sendVerifyEmail({ id, redirectUri: "https://elsewhere.example" })))[0], 400);
  });

  test("are asked for no consent, so they have none to revoke", async () => {
    assert.deepEqual(await admin.users.listConsents({ id }), []);
    assert.equal((await refusal(admin.users.revokeConsent({ id, clientId: "admin-cli" })))[0], 404);
  });

  test("are deleted", async () => {
    await admin.users.del({ id });
    assert.equal(await admin.users.findOne({ id }), null);
    assert.equal((await refusal(admin.users.del({ id })))[0], 404);
  });
});
