// Keycloak's own JavaScript client, as a backend uses it: only its base URL says
// that this is another server. Each area goes on in the realm of the one before,
// and together they make every call of the client that is answered here.
import assert from "node:assert/strict";
import { test } from "node:test";
import { offered } from "./admin-client/calls.mjs";
import { requests } from "./admin-client/world.mjs";
import "./admin-client/realms.mjs";
import "./admin-client/users.mjs";
import "./admin-client/credentials.mjs";
import "./admin-client/clients.mjs";
import "./admin-client/scopes.mjs";
import "./admin-client/roles.mjs";
import "./admin-client/groups.mjs";
import "./admin-client/organizations.mjs";
import "./admin-client/organization-groups.mjs";
import "./admin-client/organization-members.mjs";
import "./admin-client/organization-providers.mjs";
import "./admin-client/sessions.mjs";
import "./admin-client/providers.mjs";
import "./admin-client/keys.mjs";
import "./admin-client/authentication.mjs";
import "./admin-client/documents.mjs";
import "./admin-client/events.mjs";
import "./admin-client/removal.mjs";
import { leftOut, supported } from "./operations.mjs";

/** Fewer, and `offered` does not read the client any more. */
const AT_LEAST = 200;

test("every call of the client that is answered here was served", async () => {
  const calls = await offered();
  assert.ok((await supported(calls)) >= AT_LEAST, `${await supported(calls)} supported calls`);
  assert.deepEqual(await leftOut(calls, requests, { "users.revokeConsent": 404, "organizations.groups.count": 404 }), []);
});
