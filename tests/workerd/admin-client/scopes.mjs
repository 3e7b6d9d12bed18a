import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { admin, names, NOBODY, refusal } from "./world.mjs";

const PROTOCOL = "openid-connect";

describe("client scopes", () => {
  test("are created, read, changed, found by name and deleted", async () => {
    const { clientScopes } = admin;
    const { id } = await clientScopes.create({ name: "fleet", protocol: PROTOCOL });
    assert.equal((await refusal(clientScopes.create({ name: "fleet", protocol: PROTOCOL })))[0], 409);
    await clientScopes.update({ id }, { name: "fleets", protocol: PROTOCOL, description: "Boats" });
    assert.equal((await clientScopes.findOne({ id })).description, "Boats");
    assert.ok(names(await clientScopes.find()).includes("fleets"));
    assert.equal((await clientScopes.findOneByName({ name: "fleets" })).id, id);
    await clientScopes.delByName({ name: "fleets" });
    assert.equal(await clientScopes.findOne({ id }), null);
    assert.equal((await refusal(clientScopes.del({ id })))[0], 404);
  });

  test("are what new clients have, by default or when asked for", async () => {
    const { id } = await admin.clientScopes.create({ name: "harbour", protocol: PROTOCOL });
    for (const [list, add, del, ofClient] of [
      ["listDefaultClientScopes", "addDefaultClientScope", "delDefaultClientScope", "listDefaultClientScopes"],
      ["listDefaultOptionalClientScopes", "addDefaultOptionalClientScope", "delDefaultOptionalClientScope", "listOptionalClientScopes"],
    ]) {
      const has = async () => names(await admin.clientScopes[list]()).includes("harbour");
      await admin.clientScopes[add]({ id });
      assert.equal(await has(), true, list);
      const client = await admin.clients.create({ clientId: "newcomer" });
      assert.ok(names(await admin.clients[ofClient]({ id: client.id })).includes("harbour"), list);
      await admin.clients.del({ id: client.id });
      await admin.clientScopes[del]({ id });
      assert.equal(await has(), false, list);
      assert.equal((await refusal(admin.clientScopes[add]({ id: NOBODY })))[0], 404);
    }
    await admin.clientScopes.del({ id });
  });
});

// Clients and client scopes have the same paths, and the client's names differ by one.
describe("mappers", () => {
  const mapper = (name) => ({ name, protocol: PROTOCOL, protocolMapper: "oidc-hardcoded-claim-mapper", config: { "claim.name": name } });

  /** A story of `holders`, which call `find` the reading of one mapper. */
  async function mappersOf(holders, find, id) {
    await holders.addProtocolMapper({ id }, mapper("boats"));
    assert.equal((await refusal(holders.addProtocolMapper({ id }, mapper("boats"))))[0], 409);
    const { id: mapperId } = await holders.findProtocolMapperByName({ id, name: "boats" });
    assert.equal((await holders[find]({ id, mapperId })).config["claim.name"], "boats");
    await holders.updateProtocolMapper({ id, mapperId }, { ...mapper("boats"), id: mapperId, config: { "claim.name": "ships" } });
    assert.equal((await holders[find]({ id, mapperId })).config["claim.name"], "ships");
    await holders.addMultipleProtocolMappers({ id }, [mapper("oars"), mapper("sails")]);
    const kept = ["boats", "oars", "sails"];
    const ours = (list) => names(list).filter((name) => kept.includes(name));
    assert.deepEqual(ours(await holders.listProtocolMappers({ id })), kept);
    assert.deepEqual(ours(await holders.findProtocolMappersByProtocol({ id, protocol: PROTOCOL })), kept);
    await holders.delProtocolMapper({ id, mapperId });
    assert.equal(await holders[find]({ id, mapperId }), null);
    assert.deepEqual(ours(await holders.listProtocolMappers({ id })), ["oars", "sails"]);
  }

  test("of clients are created, read, changed and deleted", async () => {
    const { id } = await admin.clients.create({ clientId: "mapped" });
    await mappersOf(admin.clients, "findProtocolMapperById", id);
    await admin.clients.del({ id });
  });

  test("of client scopes are created, read, changed and deleted", async () => {
    const { id } = await admin.clientScopes.create({ name: "mapped", protocol: PROTOCOL });
    await mappersOf(admin.clientScopes, "findProtocolMapper", id);
    await admin.clientScopes.del({ id });
  });
});

describe("scope mappings", () => {
  test("are added, listed and taken out, of clients and of client scopes", async () => {
    const { id: client } = await admin.clients.create({ clientId: "narrow", fullScopeAllowed: false });
    const { id: other } = await admin.clients.create({ clientId: "depot" });
    const { id: scope } = await admin.clientScopes.create({ name: "narrow", protocol: PROTOCOL });
    await admin.roles.create({ name: "sailor" });
    await admin.clients.createRole({ id: other, name: "porter" });
    const [sailor, porter] = await Promise.all([
      admin.roles.findOneByName({ name: "sailor" }), admin.clients.findRole({ id: other, roleName: "porter" })]);
    for (const [holders, id] of [[admin.clients, client], [admin.clientScopes, scope]]) {
      const ofDepot = { id, client: other };
      assert.ok(names(await holders.listAvailableRealmScopeMappings({ id })).includes("sailor"));
      assert.deepEqual(names(await holders.listAvailableClientScopeMappings(ofDepot)), ["porter"]);
      await holders.addRealmScopeMappings({ id }, [sailor]);
      await holders.addClientScopeMappings(ofDepot, [porter]);
      assert.deepEqual(names(await holders.listRealmScopeMappings({ id })), ["sailor"]);
      assert.deepEqual(names(await holders.listCompositeRealmScopeMappings({ id })), ["sailor"]);
      assert.deepEqual(names(await holders.listClientScopeMappings(ofDepot)), ["porter"]);
      assert.deepEqual(names(await holders.listCompositeClientScopeMappings(ofDepot)), ["porter"]);
      assert.deepEqual(await holders.listAvailableClientScopeMappings(ofDepot), []);
      const all = await holders.listScopeMappings({ id });
      assert.deepEqual([names(all.realmMappings), Object.keys(all.clientMappings)], [["sailor"], ["depot"]]);
      await holders.delRealmScopeMappings({ id }, [sailor]);
      await holders.delClientScopeMappings(ofDepot, [porter]);
      assert.deepEqual(await holders.listScopeMappings({ id }), {});
      assert.equal((await refusal(holders.addRealmScopeMappings({ id }, [{ id: NOBODY, name: "ghost" }])))[0], 404);
    }
    await Promise.all([admin.clients.del({ id: client }), admin.clients.del({ id: other }), admin.clientScopes.del({ id: scope })]);
    await admin.roles.delByName({ name: "sailor" });
  });
});
