import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "../harness.mjs";
import { admin, login, names, NOBODY, PASSWORD, REALM, REFUSED_GRANT, refusal, refusedTokens, tokens } from "./world.mjs";

const refresh = ({ refresh_token }) => ({ grant_type: "refresh_token", client_id: "admin-cli", refresh_token });

describe("sessions", () => {
  let user;
  let client;
  const ofClient = () => admin.clients.listSessions({ id: client, first: 0, max: 10 });

  test("of a user are listed, and end all at once", async () => {
    const credentials = [{ type: "password", value: PASSWORD }];
    ({ id: user } = await admin.users.create({ username: "mary", enabled: true, credentials }));
    [{ id: client }] = await admin.clients.find({ clientId: "admin-cli" });
    const signedIn = await tokens(login("mary"));
    const [session] = await admin.users.listSessions({ id: user });
    assert.deepEqual([session.userId, session.id], [user, signedIn.session_state]);
    assert.deepEqual(await admin.users.listOfflineSessions({ id: user, clientId: client }), []);
    await admin.users.logout({ id: user });
    assert.deepEqual(await admin.users.listSessions({ id: user }), []);
    assert.equal(await refusedTokens(refresh(signedIn)), REFUSED_GRANT);
  });

  test("of a user end one by one", async () => {
    const [one, two] = [await tokens(login("mary")), await tokens(login("mary"))];
    await admin.realms.removeSession({ realm: REALM, sessionId: one.session_state });
    assert.deepEqual(names(await admin.users.listSessions({ id: user }), "id"), [two.session_state]);
    assert.equal(await admin.realms.removeSession({ realm: REALM, sessionId: one.session_state }), null);
    await admin.realms.deleteSession({ realm: REALM, session: two.session_state, isOffline: false });
    assert.deepEqual(await admin.users.listSessions({ id: user }), []);
    assert.equal((await refusal(admin.realms.deleteSession({ realm: REALM, session: NOBODY })))[0], 404);
  });

  test("of a client are listed a moment later, and end all at once", async () => {
    const [one, two] = [await tokens(login("mary")), await tokens(login("mary"))];
    const ids = [one, two].map((signedIn) => signedIn.session_state);
    const listed = await eventually("both sessions alone", async () => {
      const found = await ofClient();
      return found.length === 2 && found.every((session) => ids.includes(session.id)) && found;
    });
    assert.deepEqual([listed[0].username, listed[0].clients], ["mary", { [client]: "admin-cli" }]);
    assert.deepEqual(await admin.clients.getSessionCount({ id: client }), { count: 2 });
    const [stats] = await admin.realms.getClientSessionStats({ realm: REALM });
    assert.deepEqual(stats, { id: client, clientId: "admin-cli", active: "2", offline: "0" });
    assert.deepEqual(await admin.clients.getOfflineSessionCount({ id: client }), { count: 0 });
    assert.deepEqual(await admin.clients.listOfflineSessions({ id: client }), []);

    assert.deepEqual(await admin.realms.logoutAll({ realm: REALM }), {});
    assert.deepEqual(await ofClient(), []);
    assert.equal(await refusedTokens(refresh(two)), REFUSED_GRANT);
    const three = await tokens(login("mary"));
    assert.equal(three["not-before-policy"], (await admin.realms.findOne({ realm: REALM })).notBefore);
    assert.ok((await tokens(refresh(three))).access_token, "a session that began after it goes on");
    await admin.users.del({ id: user });
  });
});
