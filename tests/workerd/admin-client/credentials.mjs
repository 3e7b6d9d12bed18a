import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { admin, login, names, PASSWORD, REFUSED_GRANT, refusal, refusedTokens, tokens } from "./world.mjs";

const ANOTHER = "another four words";

describe("a password", () => {
  let id;

  test("is set, and the one before counts no more", async () => {
    const credentials = [{ type: "password", value: PASSWORD }];
    ({ id } = await admin.users.create({ username: "hedy", enabled: true, credentials }));
    await admin.users.resetPassword({ id, credential: { type: "password", value: ANOTHER, temporary: false } });
    assert.ok((await tokens(login("hedy", ANOTHER))).access_token);
    assert.equal(await refusedTokens(login("hedy")), REFUSED_GRANT);
    const short = admin.users.resetPassword({ id, credential: { type: "password", value: "short" } });
    assert.equal((await refusal(short))[0], 400);
  });

  test("is the one credential, has a label, and is first wherever it is moved", async () => {
    const [{ id: credentialId, type }] = await admin.users.getCredentials({ id });
    assert.equal(type, "password");
    await admin.users.updateCredentialLabel({ id, credentialId }, "Hedy's own");
    assert.equal((await admin.users.getCredentials({ id }))[0].userLabel, "Hedy's own");
    await admin.users.moveCredentialPositionUp({ id, credentialId });
    await admin.users.moveCredentialPositionDown({ id, credentialId, newPreviousCredentialId: credentialId });
    assert.deepEqual(names(await admin.users.getCredentials({ id }), "id"), [credentialId]);
    assert.equal((await refusal(admin.users.moveCredentialPositionUp({ id, credentialId: "other" })))[0], 404);
    assert.deepEqual(await admin.users.getUserStorageCredentialTypes({ id }), []);
  });

  test("is guessed a few times only, until an administrator unlocks the account", async () => {
    const { attackDetection } = admin;
    const lock = async () => {
      for (let guesses = 0; guesses < 10; guesses += 1) await refusedTokens(login("hedy", "a guess"));
      assert.equal(await refusedTokens(login("hedy", ANOTHER)), REFUSED_GRANT, "although it is right");
    };
    await admin.realms.update({ realm: admin.realmName }, { bruteForceProtected: true, failureFactor: 5 });
    await lock();
    assert.equal((await attackDetection.findOne({ id })).disabled, true);
    await attackDetection.del({ id });
    assert.equal((await attackDetection.findOne({ id })).disabled, false);
    assert.ok((await tokens(login("hedy", ANOTHER))).access_token);
    await lock();
    await attackDetection.delAll();
    assert.equal((await attackDetection.findOne({ id })).numFailures, 0);
    assert.ok((await tokens(login("hedy", ANOTHER))).access_token);
    assert.equal(await attackDetection.findOne({ id: "nobody" }), null);
  });

  test("is deleted, and nobody signs in any more", async () => {
    const [{ id: credentialId }] = await admin.users.getCredentials({ id });
    await admin.users.deleteCredential({ id, credentialId });
    assert.deepEqual(await admin.users.getCredentials({ id }), []);
    assert.equal(await refusedTokens(login("hedy", ANOTHER)), REFUSED_GRANT);
    assert.equal((await refusal(admin.users.deleteCredential({ id, credentialId })))[0], 404);
    await admin.users.del({ id });
  });
});
