import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "../harness.mjs";
import { admin, login, PASSWORD, REALM, refusal, refusedTokens } from "./world.mjs";

describe("events", () => {
  test("tell what administrators did", async () => {
    const { id } = await admin.users.create({ username: "fleeting" });
    await admin.users.del({ id });
    const events = await eventually("an event", async () => {
      const found = await admin.realms.findAdminEvents({ realm: REALM, resourceTypes: "USER", operationTypes: "DELETE" });
      return found.some((event) => event.resourcePath === `users/${id}`) && found;
    });
    assert.ok(events.every((event) => event.operationType === "DELETE" && event.resourcePath.startsWith("users/")));
    assert.equal(events[0].authDetails.realmId !== undefined, true);
    await admin.realms.clearAdminEvents({ realm: REALM });
    assert.deepEqual(await admin.realms.findAdminEvents({ realm: REALM }), []);
  });

  test("tell what people did, where that is wanted", async () => {
    const { realms } = admin;
    const config = { eventsEnabled: true, adminEventsEnabled: true, eventsExpiration: 3600 };
    await realms.updateConfigEvents({ realm: REALM }, config);
    const { eventsEnabled, eventsExpiration } = await realms.getConfigEvents({ realm: REALM });
    assert.deepEqual([eventsEnabled, eventsExpiration], [true, 3600]);
    const credentials = [{ type: "password", value: PASSWORD }];
    const { id } = await admin.users.create({ username: "rosalind", enabled: true, credentials });
    await refusedTokens(login("rosalind", "wrong"));
    const [event] = await eventually("the event", async () => {
      const found = await realms.findEvents({ realm: REALM, type: "LOGIN_ERROR", client: "admin-cli" });
      return found.length > 0 && found;
    });
    assert.deepEqual([event.error, event.details.username], ["invalid_user_credentials", "rosalind"]);
    assert.deepEqual(await realms.findEvents({ realm: REALM, type: "REGISTER" }), []);
    assert.equal((await refusal(realms.updateConfigEvents({ realm: REALM }, { enabledEventTypes: ["DANCE"] })))[0], 400);
    await admin.users.del({ id });
    await realms.clearEvents({ realm: REALM });
    assert.deepEqual(await realms.findEvents({ realm: REALM }), []);
  });
});
