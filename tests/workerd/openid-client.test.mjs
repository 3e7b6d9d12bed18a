// The OpenID provider as a certified client library meets it: openid-client
// decides what to send and what to believe. Each client is made for its test.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as openid from "openid-client";
import { Client, start } from "./harness.mjs";
import { Api, CALLBACK, INVALID_GRANT, PASSWORD, REALM, heading, submit } from "./travel0.mjs";

const CLIENTS = "/admin/realms/travel0/clients";
const GOODBYE = "http://localhost:3000/goodbye";
const SECRET = "a secret of more than thirty-two bytes";
const SCOPE = "openid email";
const EMAIL = "hiroko@granite-outpost.example";
const SIGNATURE = { name: "ECDSA", namedCurve: "P-256" };
/** openid-client wants to be told that the address of a test is not https. */
const execute = [openid.allowInsecureRequests, openid.enableNonRepudiationChecks];

let server;
let admin;
let issuer;
/** A key of the clients', and what they register of it. */
let key;

before(async () => {
  server = await start({ demo: true });
  admin = await Api.admin(server.url);
  issuer = new URL(`${server.url}${REALM}`);
  const pair = await crypto.subtle.generateKey(SIGNATURE, true, ["sign", "verify"]);
  const jwk = await crypto.subtle.exportKey("jwk", pair.publicKey);
  key = { private: { key: pair.privateKey, kid: "k1" }, public: JSON.stringify({ keys: [{ ...jwk, kid: "k1" }] }) };
});
after(() => server?.stop());

/** Makes a client in the realm, and gives what openid-client keeps of it. */
async function client(clientId, representation = {}, authentication = openid.ClientSecretPost(SECRET)) {
  const { attributes, ...rest } = representation;
  const made = await admin.post(CLIENTS, {
    clientId,
    publicClient: false,
    secret: SECRET,
    redirectUris: [CALLBACK],
    serviceAccountsEnabled: true,
    attributes: { "post.logout.redirect.uris": GOODBYE, ...attributes },
    ...rest,
  });
  assert.equal(made.status, 201, made.text);
  return openid.discovery(issuer, clientId, undefined, authentication, { execute });
}

/** Lets a person sign in, and gives the tokens. `asked` is added to the request, `build` makes its address, `options` go to the token endpoint. */
async function signIn(config, { asked = {}, build = openid.buildAuthorizationUrl, options, browser = new Client(server.url) } = {}) {
  const [pkceCodeVerifier, expectedState, expectedNonce] = [openid.randomPKCECodeVerifier(), openid.randomState(), openid.randomNonce()];
  const url = await build(config, {
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    ...asked,
  });
  const answer = await submit(browser, await browser.get(url.href), { username: "hiroko", password: PASSWORD });
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
  return openid.authorizationCodeGrant(config, callbackOf(answer), checks, undefined, options);
}

/** What the app gets: an address, or a form that the page posts to it. */
function callbackOf(answer) {
  if (answer.status === 303) return new URL(answer.location);
  assert.equal(answer.status, 200, answer.text);
  const fields = [...answer.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
  const body = new URLSearchParams(fields.map(([, name, value]) => [name, value]));
  return new Request(CALLBACK, { method: "POST", body });
}

describe("a client proves who it is", () => {
  const ways = {
    client_secret_post: [{}, () => openid.ClientSecretPost(SECRET)],
    client_secret_basic: [{}, () => openid.ClientSecretBasic(SECRET)],
    client_secret_jwt: [{ clientAuthenticatorType: "client-secret-jwt" }, () => openid.ClientSecretJwt(SECRET)],
    private_key_jwt: [{ clientAuthenticatorType: "client-jwt" }, () => openid.PrivateKeyJwt(key.private)],
  };
  for (const [way, [representation, authentication]] of Object.entries(ways)) {
    test(`by ${way}, wherever it has to`, async () => {
      const attributes = { "use.jwks.string": "true", "jwks.string": key.public };
      const config = await client(way, { ...representation, attributes }, authentication());
      assert.ok(config.serverMetadata().token_endpoint_auth_methods_supported.includes(way));
      const tokens = await signIn(config);
      assert.equal((await openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).email, EMAIL);
      const fresh = await openid.refreshTokenGrant(config, tokens.refresh_token);
      const told = await openid.tokenIntrospection(config, fresh.access_token);
      assert.deepEqual([told.active, told.username, told.client_id], [true, "hiroko", way]);
      await openid.tokenRevocation(config, fresh.refresh_token);
      assert.deepEqual(await openid.tokenIntrospection(config, fresh.access_token), { active: false });
      await assert.rejects(openid.refreshTokenGrant(config, fresh.refresh_token), INVALID_GRANT);
      assert.ok((await openid.clientCredentialsGrant(config)).access_token);
    });
  }

  test("or is refused", async () => {
    const config = await client("mistaken", {}, openid.ClientSecretPost("another secret"));
    await assert.rejects(openid.clientCredentialsGrant(config), { error: "invalid_client", status: 401 });
  });
});

describe("an authorization request travels", () => {
  test("as a reference that was pushed", async () => {
    const attributes = { "require.pushed.authorization.requests": "true" };
    const tokens = await signIn(await client("pushes", { attributes }), { build: openid.buildAuthorizationUrlWithPAR });
    assert.equal(tokens.claims().email, EMAIL);
  });

  test("signed", async () => {
    const attributes = { "use.jwks.string": "true", "jwks.string": key.public };
    const build = (config, asked) => openid.buildAuthorizationUrlWithJAR(config, asked, key.private);
    const tokens = await signIn(await client("signs", { attributes }), { build });
    assert.equal(tokens.claims().email, EMAIL);
  });

  test("and its answer as a form", async () => {
    const tokens = await signIn(await client("takes-forms"), { asked: { response_mode: "form_post" } });
    assert.equal(tokens.claims().email, EMAIL);
  });

  test("for one organization", async () => {
    const config = await client("of-granite");
    const asked = { scope: `${SCOPE} organization`, organization: "granite-outpost" };
    const { organization } = (await signIn(config, { asked })).claims();
    assert.deepEqual(Object.keys(organization), ["granite-outpost"]);
    const others = { ...asked, organization: "no-such-organization" };
    await assert.rejects(signIn(config, { asked: others }), { error: "access_denied" });
  });

  test("with a key that the tokens are bound to", async () => {
    const config = await client("proves", { attributes: { "dpop.bound.access.tokens": "true", "dpop.nonce.required": "true" } });
    const options = { DPoP: openid.getDPoPHandle(config, await openid.randomDPoPKeyPair()) };
    const tokens = await signIn(config, { options });
    assert.equal(tokens.token_type, "dpop");
    assert.equal((await openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, options)).email, EMAIL);
    const fresh = await openid.refreshTokenGrant(config, tokens.refresh_token, undefined, options);
    assert.equal(fresh.token_type, "dpop");
    await assert.rejects(openid.refreshTokenGrant(config, fresh.refresh_token));
  });
});

test("an offline token outlives the session that the app ends", async () => {
  const config = await client("stays");
  const browser = new Client(server.url);
  const asked = { scope: `${SCOPE} offline_access`, prompt: "login" };
  const offline = await signIn(config, { browser, asked });
  const online = await signIn(config, { browser, asked: { prompt: "login" } });
  const goodbye = { id_token_hint: online.id_token, post_logout_redirect_uri: GOODBYE, state: "bye" };
  const left = await browser.get(openid.buildEndSessionUrl(config, goodbye).href);
  assert.deepEqual([left.status, left.location], [303, `${GOODBYE}?state=bye`]);
  await assert.rejects(openid.refreshTokenGrant(config, online.refresh_token), INVALID_GRANT);
  assert.ok((await openid.refreshTokenGrant(config, offline.refresh_token)).access_token);
});

test("a device gets tokens when its person says yes", async () => {
  const attributes = { "oauth2.device.authorization.grant.enabled": "true", "oauth2.device.polling.interval": "1" };
  const config = await client("television", { attributes });
  const device = await openid.initiateDeviceAuthorization(config, { scope: SCOPE });
  const tokens = openid.pollDeviceAuthorizationGrant(config, device);
  const browser = new Client(server.url);
  let page = await browser.get(device.verification_uri_complete);
  page = await submit(browser, page, { device_user_code: device.user_code });
  page = await submit(browser, page, { username: "hiroko", password: PASSWORD });
  assert.match(heading(page), /television/);
  page = await submit(browser, page, { accept: "yes" });
  assert.equal((await tokens).claims().email, EMAIL);
});

test("a client registers itself, and signs somebody in", async () => {
  const { json } = await admin.post("/admin/realms/travel0/clients-initial-access", { count: 1, expiration: 60 });
  const metadata = { client_name: "Newcomer", redirect_uris: [CALLBACK] };
  const options = { initialAccessToken: json.token, execute };
  const config = await openid.dynamicClientRegistration(issuer, metadata, undefined, options);
  assert.equal((await signIn(config)).claims().email, EMAIL);
  await assert.rejects(openid.dynamicClientRegistration(issuer, metadata, undefined, options), { status: 401 });
});
