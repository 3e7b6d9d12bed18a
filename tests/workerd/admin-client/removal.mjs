import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Client } from "../harness.mjs";
import { admin, REALM, refusal, server } from "./world.mjs";

describe("a realm that is deleted", () => {
  test("is gone with everything in it", async () => {
    await admin.realms.del({ realm: REALM });
    assert.equal(await admin.realms.findOne({ realm: REALM }), null);
    const { status } = await new Client(server.url).get(`/realms/${REALM}/.well-known/openid-configuration`);
    assert.equal(status, 404);
    assert.equal((await refusal(admin.users.find()))[0], 404);
  });
});
