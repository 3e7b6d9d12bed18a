// What the areas share: the built Worker, an administrator of every realm who uses
// Keycloak's client, and the realm in which everything happens.
import KeycloakAdminClient, { NetworkError } from "@keycloak/keycloak-admin-client";
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { Client, start } from "../harness.mjs";
import { token } from "../travel0.mjs";
import { record } from "./calls.mjs";

export const REALM = "kayaks";
export const PASSWORD = "four unrelated words";
/** How the token endpoint refuses a password, or the refresh token of a session that is over. */
export const REFUSED_GRANT = "invalid_grant";
/** The id of nobody and nothing. */
export const NOBODY = "00000000-0000-4000-8000-000000000000";
export const FORBIDDEN = [403, "HTTP 403 Forbidden"];

export let server;
export let admin;
/** Every request of `admin` (calls.mjs). */
export let requests;

before(async () => {
  server = await start();
  admin = new KeycloakAdminClient({ baseUrl: server.url, realmName: "master" });
  requests = record(admin);
  await signInAgain();
});
after(() => server?.stop());

/** Gets the administrator a token that knows of their latest changes. */
export async function signInAgain() {
  const { realmName } = admin;
  admin.setConfig({ realmName: "master" });
  await admin.auth({ grantType: "password", clientId: "admin-cli", username: "admin", password: "admin" });
  admin.setConfig({ realmName });
}

/** What a call is refused with: status and message. */
export async function refusal(call) {
  const error = await call.then(
    () => assert.fail("it was not refused"),
    (error) => error,
  );
  assert.ok(error instanceof NetworkError, error);
  return [error.response.status, error.responseData.error ?? error.responseData.errorMessage];
}

/** The ids or names of a list, sorted. */
export const names = (list, key = "name") => list.map((one) => one[key]).sort();

/** The form by which somebody of the realm signs in. */
export const login = (username, password = PASSWORD) => ({ grant_type: "password", client_id: "admin-cli", username, password });

/** The tokens that a form gets from the realm. */
export const tokens = (form) => token(server.url, form, REALM);

/** The error with which the token endpoint refuses a form. */
export async function refusedTokens(form) {
  const { status, json } = await new Client(server.url).post(`/realms/${REALM}/protocol/openid-connect/token`, { form });
  assert.ok(status >= 400, `${status}: it was not refused`);
  return json.error;
}

/** Keycloak's client in the hands of somebody of the realm. */
export async function signedIn(username) {
  const client = new KeycloakAdminClient({ baseUrl: server.url, realmName: REALM });
  await client.auth({ grantType: "password", clientId: "admin-cli", username, password: PASSWORD });
  return client;
}

/** The mails that were sent to an address. */
export async function mails(to) {
  const { json } = await new Client(server.url).get("/dev/outbox.json");
  return json.filter((mail) => mail.to === to);
}
