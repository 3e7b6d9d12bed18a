import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { admin, names, NOBODY, REALM, refusal, refusedTokens, tokens } from "./world.mjs";

const SECRET = "the shop's own secret";

describe("clients", () => {
  let id;

  test("are created, read, changed and listed", async () => {
    ({ id } = await admin.clients.create({ clientId: "shop", publicClient: false, serviceAccountsEnabled: true,
      standardFlowEnabled: true, redirectUris: ["https://shop.example/callback"], secret: SECRET }));
    const shop = await admin.clients.findOne({ id });
    assert.deepEqual([shop.clientId, shop.redirectUris, shop.publicClient], ["shop", ["https://shop.example/callback"], false]);
    await admin.clients.update({ id }, { ...shop, name: "Shop" });
    assert.equal((await admin.clients.find({ clientId: "shop" }))[0].name, "Shop");
    assert.equal((await refusal(admin.clients.create({ clientId: "shop" })))[0], 409);
    assert.equal((await refusal(admin.clients.update({ id: NOBODY }, { name: "x" })))[0], 404);
  });

  test("show and renew their secret", async () => {
    assert.equal((await admin.clients.getClientSecret({ id })).value, SECRET);
    const { value } = await admin.clients.generateNewClientSecret({ id });
    const form = { grant_type: "client_credentials", client_id: "shop", client_secret: value };
    assert.ok((await tokens(form)).access_token);
    assert.match(await refusedTokens({ ...form, client_secret: SECRET }), /_client$/);
    assert.equal((await admin.clients.getServiceAccountUser({ id })).username, "service-account-shop");
  });

  test("get a token with which they change their own registration", async () => {
    const { registrationAccessToken } = await admin.clients.generateRegistrationAccessToken({ id });
    const place = `${admin.baseUrl}/realms/${REALM}/clients-registrations/openid-connect/shop`;
    const registered = await fetch(place, { headers: { authorization: `Bearer ${registrationAccessToken}` } });
    assert.equal((await registered.json()).client_id, "shop");
  });

  test("have roles", async () => {
    const role = { id, roleName: "seller" };
    assert.deepEqual(await admin.clients.createRole({ id, name: "seller", description: "Sells" }), { roleName: "seller" });
    assert.equal((await admin.clients.findRole(role)).description, "Sells");
    assert.deepEqual(names(await admin.clients.listRoles({ id })), ["seller"]);
    await admin.clients.updateRole(role, { name: "seller", description: "Sells kayaks" });
    const seller = await admin.clients.findRole(role);
    assert.equal(seller.description, "Sells kayaks");
    const { id: account } = await admin.clients.getServiceAccountUser({ id });
    assert.deepEqual(await admin.clients.findUsersWithRole(role), []);
    await admin.users.addClientRoleMappings({ id: account, clientUniqueId: id, roles: [seller] });
    assert.deepEqual(names(await admin.clients.findUsersWithRole(role), "username"), ["service-account-shop"]);
    await admin.clients.delRole(role);
    assert.equal(await admin.clients.findRole(role), null);
  });

  test("show what their tokens would say", async () => {
    const { id: userId } = await admin.clients.getServiceAccountUser({ id });
    const asked = { id, scope: "openid phone", userId };
    const token = await admin.clients.evaluateGenerateAccessToken(asked);
    assert.deepEqual([token.typ, token.azp, token.sub, token.scope], ["Bearer", "shop", userId, "openid profile email phone"]);
    assert.equal((await admin.clients.evaluateGenerateIdToken(asked)).aud, "shop");
    assert.equal((await admin.clients.evaluateGenerateUserInfo(asked)).preferred_username, "service-account-shop");
    const mappers = await admin.clients.evaluateListProtocolMapper({ id, scope: "openid phone" });
    assert.ok(names(mappers, "mapperName").includes("phone number"), names(mappers, "mapperName").join());
    const roles = async (type) => names(await admin.clients.evaluatePermission({ id, roleContainer: REALM, type }));
    assert.ok((await roles("granted")).includes("offline_access"));
    assert.deepEqual(await roles("not-granted"), []);
    assert.equal((await refusal(admin.clients.evaluateGenerateAccessToken({ ...asked, id: NOBODY })))[0], 404);
  });

  test("have client scopes, by default or when asked for", async () => {
    const { id: clientScopeId } = await admin.clientScopes.create({ name: "fleet", protocol: "openid-connect" });
    for (const [list, add, del] of [
      ["listDefaultClientScopes", "addDefaultClientScope", "delDefaultClientScope"],
      ["listOptionalClientScopes", "addOptionalClientScope", "delOptionalClientScope"],
    ]) {
      const has = async () => names(await admin.clients[list]({ id })).includes("fleet");
      assert.equal(await has(), false, list);
      await admin.clients[add]({ id, clientScopeId });
      assert.equal(await has(), true, list);
      await admin.clients[del]({ id, clientScopeId });
      assert.equal(await has(), false, list);
      assert.equal((await refusal(admin.clients[add]({ id, clientScopeId: NOBODY })))[0], 404);
    }
    await admin.clientScopes.del({ id: clientScopeId });
  });

  test("are deleted", async () => {
    await admin.clients.del({ id });
    assert.equal(await admin.clients.findOne({ id }), null);
    assert.equal((await refusal(admin.clients.del({ id })))[0], 404);
  });
});
