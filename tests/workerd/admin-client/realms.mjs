import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "../harness.mjs";
import { admin, mails, names, REALM, refusal, signInAgain } from "./world.mjs";

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

  test("give out tokens with which clients register themselves", async () => {
    const { id, token, count } = await admin.realms.createClientsInitialAccess({ realm: REALM }, { count: 1, expiration: 60 });
    const register = () =>
      fetch(`${admin.baseUrl}/realms/${REALM}/clients-registrations/openid-connect`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ client_name: "Newcomer", redirect_uris: ["https://newcomer.example/cb"] }),
      });
    assert.equal(count, 1);
    const registered = await register();
    assert.equal(registered.status, 201);
    assert.equal((await register()).status, 401, "it was good for one");
    const [{ id: newcomer }] = await admin.clients.find({ realm: REALM, clientId: (await registered.json()).client_id });
    await admin.clients.del({ realm: REALM, id: newcomer });
    const listed = await admin.realms.getClientsInitialAccess({ realm: REALM });
    assert.deepEqual(listed.map((one) => [one.id, one.remainingCount]), [[id, 0]]);
    await admin.realms.delClientsInitialAccess({ realm: REALM, id });
    assert.deepEqual(await admin.realms.getClientsInitialAccess({ realm: REALM }), []);
  });

  test("mail the administrator who asks whether mail arrives", async () => {
    const smtp = { host: "smtp.example", from: "kayaks@kayaks.example" };
    assert.equal((await refusal(admin.realms.testSMTPConnection({ realm: REALM }, smtp)))[0], 400, "there is no address");
    const [{ id }] = await admin.users.find({ realm: "master", username: "admin" });
    await admin.users.update({ realm: "master", id }, { email: "admin@kayaks.example" });
    await signInAgain();
    await admin.realms.testSMTPConnection({ realm: REALM }, smtp);
    const [mail] = await eventually("the mail", async () => {
      const found = await mails("admin@kayaks.example");
      return found.length > 0 && found;
    });
    assert.match(mail.subject, /Kayaks and more/);
  });
});

describe("the server", () => {
  test("says what it is and what it can do", async () => {
    const info = await admin.serverInfo.find();
    assert.match(info.systemInfo.version, /^26\./);
    assert.match(info.profileInfo.name, /guildhall/i);
    assert.ok(info.providers["required-action"].providers.UPDATE_PASSWORD);
  });

  test("forgets its copies when it is told to", async () => {
    const { cache, realms } = admin;
    await realms.update({ realm: REALM }, { displayName: "Kayaks, again" });
    for (const forgotten of [await cache.clearRealmCache(), await cache.clearUserCache(), await cache.clearKeysCache()]) {
      assert.ok(!forgotten, "nothing is answered");
    }
    assert.equal((await realms.findOne({ realm: REALM })).displayName, "Kayaks, again");
    assert.equal((await refusal(cache.clearRealmCache({ realm: "nowhere" })))[0], 404);
  });
});
