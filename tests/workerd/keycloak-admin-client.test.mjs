// Keycloak's own JavaScript client, as a backend uses it: only its base URL says
// that this is another server. Each step goes on where the one before stopped.
import KeycloakAdminClient, { NetworkError } from "@keycloak/keycloak-admin-client";
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, eventually, start } from "./harness.mjs";
import { token } from "./travel0.mjs";

const REALM = "kayaks";
const PASSWORD = "four unrelated words";
const SHA = /^[0-9a-f-]{36}$/;

let server;
let admin;

before(async () => {
  server = await start();
  admin = new KeycloakAdminClient({ baseUrl: server.url, realmName: "master" });
  await admin.auth({ grantType: "password", clientId: "admin-cli", username: "admin", password: "admin" });
});
after(() => server?.stop());

/** What a call is refused with: status and message. */
async function refusal(call) {
  const error = await call.then(
    () => assert.fail("it was not refused"),
    (error) => error,
  );
  assert.ok(error instanceof NetworkError, error);
  return [error.response.status, error.responseData.error ?? error.responseData.errorMessage];
}

/** The ids or names of a list, sorted. */
const names = (list, key = "name") => list.map((one) => one[key]).sort();

describe("realms", () => {
  test("are created, read, changed and listed", async () => {
    assert.deepEqual(await admin.realms.create({ realm: REALM, enabled: true, displayName: "Kayaks" }), { realmName: REALM });
    admin.setConfig({ realmName: REALM });
    assert.equal((await admin.realms.findOne({ realm: REALM })).displayName, "Kayaks");
    const attributes = { "_providerConfig.orgs.config.scimEnabled": "true", free: "text" };
    await admin.realms.update({ realm: REALM }, { displayName: "Kayaks and more", accessTokenLifespan: 120, attributes });
    const realm = await admin.realms.findOne({ realm: REALM });
    assert.equal(realm.displayName, "Kayaks and more");
    assert.equal(realm.accessTokenLifespan, 120);
    assert.equal(realm.attributes.free, "text");
    assert.equal(realm.attributes["_providerConfig.orgs.config.scimEnabled"], "true");
    assert.deepEqual(names(await admin.realms.find(), "realm"), [REALM, "master"]);
    assert.equal(await admin.realms.findOne({ realm: "nowhere" }), null);
  });

  test("are named once", async () => {
    assert.equal((await refusal(admin.realms.create({ realm: REALM })))[0], 409);
  });

  test("show their keys", async () => {
    const { active, keys } = await admin.realms.getKeys({ realm: REALM });
    assert.ok(keys.some((key) => key.kid === active[key.algorithm] && key.publicKey));
  });
});

describe("users", () => {
  let id;

  test("are created and found", async () => {
    const person = { username: "Ada", email: "Ada@kayaks.example", firstName: "Ada", lastName: "Byron", enabled: true,
      emailVerified: true, attributes: { team: ["sea"] }, credentials: [{ type: "password", value: PASSWORD }] };
    ({ id } = await admin.users.create(person));
    assert.match(id, SHA);
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
    assert.equal(await admin.users.findOne({ id: "00000000-0000-4000-8000-000000000000" }), null);
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
  });

  test("sign in with the password that was set", async () => {
    const value = "another four words";
    await admin.users.resetPassword({ id, credential: { type: "password", value, temporary: false } });
    assert.deepEqual(names(await admin.users.getCredentials({ id }), "type"), ["password"]);
    const form = { grant_type: "password", client_id: "admin-cli", username: "ada", password: value };
    assert.ok((await token(server.url, form, REALM)).access_token);
    const old = await new Client(server.url).post(`/realms/${REALM}/protocol/openid-connect/token`, { form: { ...form, password: PASSWORD } });
    assert.equal(old.status, 401);
  });

  test("have sessions, which an administrator ends", async () => {
    const form = { grant_type: "password", client_id: "admin-cli", username: "ada", password: "another four words" };
    const { refresh_token } = await token(server.url, form, REALM);
    const sessions = await admin.users.listSessions({ id });
    assert.ok(sessions.length > 0 && sessions[0].userId === id, JSON.stringify(sessions));
    await admin.users.logout({ id });
    assert.deepEqual(await admin.users.listSessions({ id }), []);
    const refresh = { grant_type: "refresh_token", client_id: "admin-cli", refresh_token };
    const answer = await new Client(server.url).post(`/realms/${REALM}/protocol/openid-connect/token`, { form: refresh });
    assert.deepEqual([answer.status, answer.json.error], [400, "invalid_grant"]);
  });

  test("are linked to identities elsewhere", async () => {
    const identity = { federatedIdentityId: "okta" };
    await admin.identityProviders.create({ alias: "okta", providerId: "oidc", config: { clientId: "kayaks" } });
    const federatedIdentity = { identityProvider: "okta", userId: "00u1", userName: "ada@okta.example" };
    await admin.users.addToFederatedIdentity({ id, ...identity, federatedIdentity });
    assert.deepEqual(names(await admin.users.listFederatedIdentities({ id }), "userId"), ["00u1"]);
    await admin.users.delFromFederatedIdentity({ id, ...identity });
    assert.deepEqual(await admin.users.listFederatedIdentities({ id }), []);
    await admin.identityProviders.del({ alias: "okta" });
  });

  test("get a mail that lets them do what is asked", async () => {
    await admin.users.executeActionsEmail({ id, actions: ["UPDATE_PASSWORD"], lifespan: 3600 });
    await eventually("the mail", async () => {
      const { json } = await new Client(server.url).get("/dev/outbox.json");
      return json.some((mail) => mail.to === "ada@kayaks.example");
    });
  });

  test("are deleted", async () => {
    await admin.users.del({ id });
    assert.equal(await admin.users.findOne({ id }), null);
    assert.equal(await admin.users.count(), 0);
  });
});

describe("clients", () => {
  let id;

  test("are created, read, changed and listed", async () => {
    ({ id } = await admin.clients.create({ clientId: "shop", publicClient: false, serviceAccountsEnabled: true,
      standardFlowEnabled: true, redirectUris: ["https://shop.example/callback"], secret: "the shop's own secret" }));
    const shop = await admin.clients.findOne({ id });
    assert.deepEqual([shop.clientId, shop.redirectUris, shop.publicClient], ["shop", ["https://shop.example/callback"], false]);
    await admin.clients.update({ id }, { ...shop, name: "Shop" });
    assert.equal((await admin.clients.find({ clientId: "shop" }))[0].name, "Shop");
    assert.equal((await refusal(admin.clients.create({ clientId: "shop" })))[0], 409);
  });

  test("show and renew their secret", async () => {
    assert.equal((await admin.clients.getClientSecret({ id })).value, "the shop's own secret");
    const { value } = await admin.clients.generateNewClientSecret({ id });
    const form = { grant_type: "client_credentials", client_id: "shop", client_secret: value };
    assert.ok((await token(server.url, form, REALM)).access_token);
    const old = { ...form, client_secret: "the shop's own secret" };
    const refused = await new Client(server.url).post(`/realms/${REALM}/protocol/openid-connect/token`, { form: old });
    assert.equal(refused.status, 401);
    assert.equal((await admin.clients.getServiceAccountUser({ id })).username, "service-account-shop");
  });

  test("have roles", async () => {
    await admin.clients.createRole({ id, name: "seller", description: "Sells" });
    assert.equal((await admin.clients.findRole({ id, roleName: "seller" })).description, "Sells");
    assert.deepEqual(names(await admin.clients.listRoles({ id })), ["seller"]);
    await admin.clients.updateRole({ id, roleName: "seller" }, { name: "seller", description: "Sells kayaks" });
    await admin.clients.delRole({ id, roleName: "seller" });
    assert.equal(await admin.clients.findRole({ id, roleName: "seller" }), null);
  });

  test("have scopes and mappers", async () => {
    const { id: scope } = await admin.clientScopes.create({ name: "fleet", protocol: "openid-connect" });
    await admin.clients.addDefaultClientScope({ id, clientScopeId: scope });
    assert.ok(names(await admin.clients.listDefaultClientScopes({ id })).includes("fleet"));
    await admin.clients.delDefaultClientScope({ id, clientScopeId: scope });
    await admin.clients.addOptionalClientScope({ id, clientScopeId: scope });
    assert.ok(names(await admin.clients.listOptionalClientScopes({ id })).includes("fleet"));
    const mapper = { name: "boats", protocol: "openid-connect", protocolMapper: "oidc-hardcoded-claim-mapper", config: { "claim.name": "boats" } };
    await admin.clients.addProtocolMapper({ id }, mapper);
    const [kept] = (await admin.clients.listProtocolMappers({ id })).filter((one) => one.name === "boats");
    assert.equal(kept.config["claim.name"], "boats");
    await admin.clients.delProtocolMapper({ id, mapperId: kept.id });
    await admin.clientScopes.addProtocolMapper({ id: scope }, mapper);
    assert.deepEqual(names(await admin.clientScopes.listProtocolMappers({ id: scope })), ["boats"]);
    await admin.clientScopes.update({ id: scope }, { name: "fleets", protocol: "openid-connect" });
    assert.equal((await admin.clientScopes.findOne({ id: scope })).name, "fleets");
    await admin.clientScopes.del({ id: scope });
  });

  test("are deleted", async () => {
    await admin.clients.del({ id });
    assert.equal(await admin.clients.findOne({ id }), null);
  });
});

describe("roles", () => {
  let user;

  test("are created, composed, granted and revoked", async () => {
    ({ id: user } = await admin.users.create({ username: "grace", enabled: true }));
    await admin.roles.create({ name: "captain" });
    await admin.roles.create({ name: "sailor", description: "Sails" });
    const [captain, sailor] = await Promise.all(["captain", "sailor"].map((name) => admin.roles.findOneByName({ name })));
    await admin.roles.createComposite({ roleId: captain.id }, [sailor]);
    assert.deepEqual(names(await admin.roles.getCompositeRoles({ id: captain.id })), ["sailor"]);
    await admin.users.addRealmRoleMappings({ id: user, roles: [{ id: captain.id, name: "captain" }] });
    const held = await admin.users.listRealmRoleMappings({ id: user });
    assert.ok(names(held).includes("captain"));
    const all = await admin.users.listCompositeRealmRoleMappings({ id: user });
    assert.ok(names(all).includes("sailor"), "through the composite");
    assert.deepEqual(names(await admin.roles.findUsersWithRole({ name: "captain" }), "username"), ["grace"]);
    await admin.users.delRealmRoleMappings({ id: user, roles: [{ id: captain.id, name: "captain" }] });
    assert.ok(!names(await admin.users.listRealmRoleMappings({ id: user })).includes("captain"));
    await admin.roles.delByName({ name: "captain" });
    assert.equal(await admin.roles.findOneByName({ name: "captain" }), null);
  });

  test("of realm-management make administrators", async () => {
    const [management] = await admin.clients.find({ clientId: "realm-management" });
    const role = await admin.clients.findRole({ id: management.id, roleName: "view-users" });
    await admin.users.resetPassword({ id: user, credential: { type: "password", value: PASSWORD } });
    await admin.users.addClientRoleMappings({ id: user, clientUniqueId: management.id, roles: [{ id: role.id, name: role.name }] });
    const grace = new KeycloakAdminClient({ baseUrl: server.url, realmName: REALM });
    await grace.auth({ grantType: "password", clientId: "admin-cli", username: "grace", password: PASSWORD });
    assert.deepEqual(names(await grace.users.find(), "username"), ["grace"]);
    assert.deepEqual(await refusal(grace.users.create({ username: "x" })), [403, "HTTP 403 Forbidden"]);
    assert.deepEqual(await refusal(grace.clients.create({ clientId: "x" })), [403, "HTTP 403 Forbidden"]);
  });
});

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
    assert.equal(await admin.groups.findOne({ id: "00000000-0000-4000-8000-000000000000" }), null);
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
    assert.deepEqual(names(await admin.users.listGroups({ id: user })), ["crew", "rig"]);
    await admin.users.delFromGroup({ id: user, groupId: top });
    assert.deepEqual(await admin.users.countGroups({ id: user }), { count: 1 });
    await admin.users.addToGroup({ id: user, groupId: child });
    assert.deepEqual(names(await admin.groups.listMembers({ id: child }), "username"), ["joan"]);
    assert.deepEqual(await admin.groups.listMembers({ id: top }), []);
  });

  test("give their members roles", async () => {
    const [management] = await admin.clients.find({ clientId: "realm-management" });
    const role = await admin.clients.findRole({ id: management.id, roleName: "view-users" });
    const mapping = { id: top, clientUniqueId: management.id, roles: [{ id: role.id, name: role.name }] };
    await admin.groups.addClientRoleMappings(mapping);
    assert.deepEqual(names(await admin.groups.listClientRoleMappings(mapping)), ["view-users"]);
    const held = await admin.users.listCompositeClientRoleMappings({ id: user, clientUniqueId: management.id });
    assert.ok(names(held).includes("query-users"), "inherited, and with what the role includes");
    await admin.users.resetPassword({ id: user, credential: { type: "password", value: PASSWORD } });
    const joan = new KeycloakAdminClient({ baseUrl: server.url, realmName: REALM });
    await joan.auth({ grantType: "password", clientId: "admin-cli", username: "joan", password: PASSWORD });
    assert.ok(names(await joan.users.find(), "username").includes("joan"));
    await admin.groups.delClientRoleMappings(mapping);
    assert.deepEqual(await refusal(joan.users.find()), [403, "HTTP 403 Forbidden"]);
  });

  test("are deleted with those below", async () => {
    await admin.groups.del({ id: top });
    assert.equal(await admin.groups.findOne({ id: child }), null);
    assert.deepEqual(await admin.users.listGroups({ id: user }), []);
    await admin.users.del({ id: user });
  });
});

describe("scope mappings", () => {
  test("are added, listed and taken out, of clients and of client scopes", async () => {
    const { id: client } = await admin.clients.create({ clientId: "narrow", fullScopeAllowed: false });
    const { id: scope } = await admin.clientScopes.create({ name: "narrow", protocol: "openid-connect" });
    await admin.clients.createRole({ id: client, name: "seller" });
    const [sailor, seller] = await Promise.all([
      admin.roles.findOneByName({ name: "sailor" }), admin.clients.findRole({ id: client, roleName: "seller" })]);
    for (const [holders, id] of [[admin.clients, client], [admin.clientScopes, scope]]) {
      assert.ok(names(await holders.listAvailableRealmScopeMappings({ id })).includes("sailor"));
      await holders.addRealmScopeMappings({ id }, [sailor]);
      await holders.addClientScopeMappings({ id, client }, [seller]);
      assert.deepEqual(names(await holders.listRealmScopeMappings({ id })), ["sailor"]);
      assert.deepEqual(names(await holders.listCompositeRealmScopeMappings({ id })), ["sailor"]);
      assert.deepEqual(names(await holders.listClientScopeMappings({ id, client })), ["seller"]);
      const all = await holders.listScopeMappings({ id });
      assert.deepEqual([names(all.realmMappings), Object.keys(all.clientMappings)], [["sailor"], ["narrow"]]);
      await holders.delRealmScopeMappings({ id }, [sailor]);
      await holders.delClientScopeMappings({ id, client }, [seller]);
      assert.deepEqual(await holders.listScopeMappings({ id }), {});
    }
    await admin.clients.del({ id: client });
    await admin.clientScopes.del({ id: scope });
  });
});

describe("sessions", () => {
  const form = { grant_type: "password", client_id: "admin-cli", username: "grace", password: PASSWORD };
  const sessions = (id) => admin.clients.listSessions({ id, first: 0, max: 10 });

  test("of a client are listed a moment later, and end one by one or all at once", async () => {
    const [{ id }] = await admin.clients.find({ clientId: "admin-cli" });
    const [one, two] = [await token(server.url, form, REALM), await token(server.url, form, REALM)];
    const ids = [one, two].map((tokens) => tokens.session_state);
    const listed = await eventually("both sessions", async () => {
      const found = (await sessions(id)).filter((session) => ids.includes(session.id));
      return found.length === 2 && found;
    });
    assert.deepEqual([listed[0].username, listed[0].clients], ["grace", { [id]: "admin-cli" }]);
    const { count } = await admin.clients.getSessionCount({ id });
    assert.equal(count, (await sessions(id)).length);
    const [stats] = await admin.realms.getClientSessionStats({ realm: REALM });
    assert.deepEqual(stats, { id, clientId: "admin-cli", active: String(count), offline: "0" });
    assert.deepEqual(await admin.clients.getOfflineSessionCount({ id }), { count: 0 });
    assert.deepEqual(await admin.clients.listOfflineSessions({ id }), []);

    await admin.realms.deleteSession({ realm: REALM, session: ids[0], isOffline: false });
    await eventually("its end", async () => !names(await sessions(id), "id").includes(ids[0]));

    assert.deepEqual(await admin.realms.logoutAll({ realm: REALM }), {});
    assert.deepEqual(await sessions(id), []);
    const refresh = { grant_type: "refresh_token", client_id: "admin-cli", refresh_token: two.refresh_token };
    const answer = await new Client(server.url).post(`/realms/${REALM}/protocol/openid-connect/token`, { form: refresh });
    assert.deepEqual([answer.status, answer.json.error], [400, "invalid_grant"]);
    const three = await token(server.url, form, REALM);
    assert.equal(three["not-before-policy"], (await admin.realms.findOne({ realm: REALM })).notBefore);
    const next = await token(server.url, { ...refresh, refresh_token: three.refresh_token }, REALM);
    assert.ok(next.access_token, "a session that began after it goes on");
  });
});

describe("identity providers", () => {
  test("are created, read, changed, mapped and deleted", async () => {
    const config = { clientId: "kayaks", clientSecret: "of kayaks", authorizationUrl: "https://idp.example/auth", tokenUrl: "https://idp.example/token" };
    assert.match((await admin.identityProviders.create({ alias: "upstream", providerId: "oidc", enabled: true, config })).id, /upstream/);
    const provider = await admin.identityProviders.findOne({ alias: "upstream" });
    assert.equal(provider.config.clientSecret, "**********");
    await admin.identityProviders.update({ alias: "upstream" }, { ...provider, displayName: "Upstream" });
    assert.equal((await admin.identityProviders.find())[0].displayName, "Upstream");
    const identityProviderMapper = { name: "m", identityProviderAlias: "upstream", identityProviderMapper: "hardcoded-attribute-idp-mapper", config: {} };
    const { id } = await admin.identityProviders.createMapper({ alias: "upstream", identityProviderMapper });
    assert.equal((await admin.identityProviders.findOneMapper({ alias: "upstream", id })).name, "m");
    await admin.identityProviders.delMapper({ alias: "upstream", id });
    await admin.identityProviders.del({ alias: "upstream" });
    assert.equal(await admin.identityProviders.findOne({ alias: "upstream" }), null);
  });
});

describe("events", () => {
  test("tell what administrators did", async () => {
    const events = await eventually("an event", async () => {
      const found = await admin.realms.findAdminEvents({ realm: REALM, resourceTypes: "USER", operationTypes: "DELETE" });
      return found.length > 0 && found;
    });
    assert.match(events[0].resourcePath, /^users\//);
    assert.equal(events[0].authDetails.realmId !== undefined, true);
    await admin.realms.updateConfigEvents({ realm: REALM }, { eventsEnabled: true, adminEventsEnabled: true });
    assert.equal((await admin.realms.getConfigEvents({ realm: REALM })).eventsEnabled, true);
    await admin.realms.clearAdminEvents({ realm: REALM });
    assert.deepEqual(await admin.realms.findAdminEvents({ realm: REALM }), []);
  });
});

describe("a realm that is deleted", () => {
  test("is gone with everything in it", async () => {
    await admin.realms.del({ realm: REALM });
    assert.equal(await admin.realms.findOne({ realm: REALM }), null);
    const { status } = await new Client(server.url).get(`/realms/${REALM}/.well-known/openid-configuration`);
    assert.equal(status, 404);
  });
});
