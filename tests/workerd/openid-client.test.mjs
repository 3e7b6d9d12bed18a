// openid-client drives every flow of the provider: it decides what to send and
// what to believe. docs/clients.md shows its configuration.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as openid from "openid-client";
import { Client, start } from "./harness.mjs";
import { Api, CALLBACK, PASSWORD, REALM, heading, pathOf, submit } from "./travel0.mjs";

const ADMIN = `/admin${REALM}`;
const SECRET = "a secret of at least thirty-two bytes";
const GOODBYE = "http://localhost:3000/goodbye";
const PERSON = { username: "jonno", password: PASSWORD };
/** An organization that the person belongs to. */
const ORGANIZATION = "rocky-mountain";
/** A resource server. */
const TOURS = "https://api.travel0.example/tours";
/** A grant, and the type of token that it takes and gives (RFC 8693). */
const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token";
const REFRESH_TOKEN = "urn:ietf:params:oauth:token-type:refresh_token";
const ES256 = { name: "ECDSA", namedCurve: "P-256" };
/** Devices ask as often as they may. */
const DEVICE = {
  "oauth2.device.authorization.grant.enabled": "true",
  "oauth2.device.polling.interval": "1",
};

let server;
let admin;

before(async () => {
  server = await start({ demo: true });
  admin = await Api.admin(server.url);
});
after(() => server?.stop());

const browser = () => new Client(server.url);
const insecure = { execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks] };
const issuer = () => new URL(`${server.url}${REALM}`);

/** Makes a client of the realm, and gives what openid-client knows of it. */
async function registered(clientId, { attributes = {}, ...settings } = {}, authentication) {
  const made = await admin.post(`${ADMIN}/clients`, {
    clientId,
    secret: SECRET,
    redirectUris: [CALLBACK],
    attributes: { "post.logout.redirect.uris": GOODBYE, ...attributes },
    ...settings,
  });
  assert.equal(made.status, 201, made.text);
  const proof = authentication ?? openid.ClientSecretBasic(SECRET);
  return openid.discovery(issuer(), clientId, undefined, proof, insecure);
}

/** A key pair of the client's own, and the settings that make its public half known. */
async function ownKey(kid) {
  const pair = await crypto.subtle.generateKey(ES256, true, ["sign", "verify"]);
  const jwk = { ...(await crypto.subtle.exportKey("jwk", pair.publicKey)), kid, alg: "ES256", use: "sig" };
  const attributes = { "use.jwks.string": "true", "jwks.string": JSON.stringify({ keys: [jwk] }) };
  return { key: { key: pair.privateKey, kid }, attributes };
}

/** The address of a request that asks for `more`, too. */
const asking = (more) => (config, asked) => openid.buildAuthorizationUrl(config, { ...asked, ...more });

/** A person's whole way through the login page, and the tokens that the code is worth. */
async function logIn(config, asked = {}) {
  const { scope = "openid", build = asking(), redeeming, options, visitor = browser(), person = PERSON } = asked;
  const verifier = openid.randomPKCECodeVerifier();
  const kept = { pkceCodeVerifier: verifier, expectedState: openid.randomState(), expectedNonce: openid.randomNonce() };
  const url = await build(config, {
    redirect_uri: CALLBACK,
    scope,
    state: kept.expectedState,
    nonce: kept.expectedNonce,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const back = callbackOf(await submit(visitor, await visitor.get(url.href), person));
  return openid.authorizationCodeGrant(config, back, { ...kept, idTokenExpected: true }, redeeming, options);
}

/** What the app gets: an address, or a form that the page posts to it. */
function callbackOf(answer) {
  if (answer.status === 303) return new URL(answer.location);
  assert.equal(answer.status, 200, answer.text);
  const fields = [...answer.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
  const body = new URLSearchParams(fields.map(([, name, value]) => [name, value]));
  return new Request(CALLBACK, { method: "POST", body });
}

/** What the client is told of the person of its tokens. */
async function assertServed(config, tokens, options) {
  const { sub } = tokens.claims();
  const person = await openid.fetchUserInfo(config, tokens.access_token, sub, options);
  assert.equal(person.sub, sub);
}

/** Whom the access token is for. */
const audienceOf = (tokens) => JSON.parse(Buffer.from(tokens.access_token.split(".")[1], "base64url")).aud;

const refused = (error) => ({ error });

/** Follows a browser to the page at which it ends up. */
async function followed(visitor, answer) {
  while (answer.status === 303) answer = await visitor.get(answer.location);
  return answer;
}

describe("openid-client", () => {
  test("discovers the provider", async () => {
    const config = await openid.discovery(issuer(), "travel0-spa", undefined, openid.None(), insecure);
    const known = config.serverMetadata();
    assert.equal(known.issuer, issuer().href);
    assert.ok(known.supportsPKCE());
    for (const endpoint of ["introspection", "revocation", "end_session", "registration", "device_authorization"]) {
      assert.ok(known[`${endpoint}_endpoint`], endpoint);
    }
  });

  for (const [name, authentication] of [
    ["client_secret_basic", openid.ClientSecretBasic(SECRET)],
    ["client_secret_post", openid.ClientSecretPost(SECRET)],
  ]) {
    test(`logs a person in with ${name}`, async () => {
      const config = await registered(name, {}, authentication);
      await assertServed(config, await logIn(config));
    });
  }

  test("is refused with a wrong secret", async () => {
    const config = await registered("wrong-secret", {}, openid.ClientSecretBasic("wrong"));
    await assert.rejects(logIn(config), { status: 401 });
  });

  test("logs a person in with a signed assertion", async () => {
    const { key, attributes } = await ownKey("assertions");
    const settings = { clientAuthenticatorType: "client-jwt", attributes };
    const config = await registered("private_key_jwt", settings, openid.PrivateKeyJwt(key));
    await assertServed(config, await logIn(config));

    const { key: another } = await ownKey("assertions");
    const stranger = await openid.discovery(issuer(), "private_key_jwt", undefined, openid.PrivateKeyJwt(another), insecure);
    await assert.rejects(logIn(stranger), refused("invalid_client"));
  });

  test("logs a person in with an assertion under its secret", async () => {
    const settings = { clientAuthenticatorType: "client-secret-jwt" };
    const config = await registered("client_secret_jwt", settings, openid.ClientSecretJwt(SECRET));
    await assertServed(config, await logIn(config));
  });

  test("refreshes, each token once", async () => {
    const config = await registered("refreshing");
    const first = await logIn(config);
    const second = await openid.refreshTokenGrant(config, first.refresh_token);
    assert.notEqual(second.refresh_token, first.refresh_token);
    await assertServed(config, second);
    await assert.rejects(openid.refreshTokenGrant(config, first.refresh_token), refused("invalid_grant"));
    await assert.rejects(openid.refreshTokenGrant(config, second.refresh_token), refused("invalid_grant"), "the chain is over");
  });

  test("keeps offline access when the session is over", async () => {
    const config = await registered("offline");
    const online = await logIn(config);
    const offline = await logIn(config, { scope: "openid offline_access" });
    for (const tokens of [online, offline]) await logOut(config, tokens);
    await assert.rejects(openid.refreshTokenGrant(config, online.refresh_token), refused("invalid_grant"));
    assert.ok((await openid.refreshTokenGrant(config, offline.refresh_token)).access_token);
  });

  test("introspects a token, and revokes it", async () => {
    const config = await registered("introspecting");
    const tokens = await logIn(config);
    const known = await openid.tokenIntrospection(config, tokens.access_token);
    assert.deepEqual([known.active, known.client_id, known.sub], [true, "introspecting", tokens.claims().sub]);

    await openid.tokenRevocation(config, tokens.refresh_token);
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      assert.deepEqual(await openid.tokenIntrospection(config, token), { active: false });
    }
    await assert.rejects(openid.refreshTokenGrant(config, tokens.refresh_token), refused("invalid_grant"));
  });

  test("speaks for itself with client_credentials", async () => {
    const config = await registered("itself", { serviceAccountsEnabled: true });
    const tokens = await openid.clientCredentialsGrant(config);
    assert.equal((await openid.tokenIntrospection(config, tokens.access_token)).client_id, "itself");

    const without = await registered("not-itself");
    await assert.rejects(openid.clientCredentialsGrant(without), refused("unauthorized_client"));
  });

  test("speaks for itself in the name of an organization", async () => {
    const config = await registered("nightly-import", { serviceAccountsEnabled: true });
    const asked = { organization: ORGANIZATION };
    await assert.rejects(openid.clientCredentialsGrant(config, asked), refused("access_denied"), "no member yet");
    await joined("nightly-import", ORGANIZATION);

    for (const named of [{ organization: ORGANIZATION }, { organization_name: ORGANIZATION }, { scope: `organization:${ORGANIZATION}` }]) {
      const tokens = await openid.clientCredentialsGrant(config, named);
      const told = await openid.tokenIntrospection(config, tokens.access_token);
      assert.deepEqual(Object.keys(told.organization), [ORGANIZATION], JSON.stringify(named));
      assert.ok(tokens.scope.split(" ").includes(`organization:${ORGANIZATION}`), tokens.scope);
    }
    const without = await openid.clientCredentialsGrant(config);
    assert.equal((await openid.tokenIntrospection(config, without.access_token)).organization, undefined);
    for (const organization of ["adventurez", "no-such-organization"]) {
      await assert.rejects(openid.clientCredentialsGrant(config, { organization }), refused("access_denied"));
    }
  });

  test("refreshes for another organization of the person", async () => {
    const config = await registered("two-tabs");
    const person = { username: "emilio", password: PASSWORD };
    const first = await logIn(config, { person, scope: `openid organization:${ORGANIZATION}` });
    const speaksFor = async ({ access_token }) =>
      Object.keys((await openid.tokenIntrospection(config, access_token)).organization);
    const refresh = (tokens, asked) => openid.refreshTokenGrant(config, tokens.refresh_token, asked);

    const other = await refresh(first, { organization: "granite-outpost" });
    assert.deepEqual([await speaksFor(other), await speaksFor(first)], [["granite-outpost"], [ORGANIZATION]]);
    assert.equal(other.claims().sid, first.claims().sid);
    await assert.rejects(refresh(other, { organization: "adventurez" }), { error: "access_denied", status: 400 });
    await assert.rejects(refresh(other, { scope: "openid organization:adventurez" }), refused("invalid_scope"));
    const back = await refresh(other);
    assert.deepEqual(await speaksFor(back), [ORGANIZATION], "what was granted stays");

    await assert.rejects(refresh(first, { organization: "granite-outpost" }), refused("invalid_grant"), "it was used");
    await assert.rejects(refresh(back), refused("invalid_grant"), "the chain is over");
  });

  test("proves possession of a key, with the nonce that it is told", async () => {
    const attributes = { "dpop.bound.access.tokens": "true", "dpop.nonce.required": "true" };
    const config = await registered("proving", { attributes });
    const handle = async () => ({ DPoP: openid.getDPoPHandle(config, await openid.randomDPoPKeyPair("ES256")) });
    const options = await handle();
    const tokens = await logIn(config, { options });
    assert.equal(tokens.token_type, "dpop");
    await assertServed(config, tokens, options);
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token, {}, options);
    await assertServed(config, refreshed, options);

    await assert.rejects(assertServed(config, refreshed, await handle()), { status: 401 }, "another key");
    await assert.rejects(assertServed(config, refreshed), { status: 401 }, "no proof");
    await assert.rejects(logIn(config), refused("invalid_dpop_proof"));
  });

  test("ends a session, and comes back", async () => {
    const config = await registered("leaving");
    const tokens = await logIn(config);
    await logOut(config, tokens);
    await assert.rejects(openid.refreshTokenGrant(config, tokens.refresh_token), refused("invalid_grant"));
  });

  test("pushes its request", async () => {
    const config = await registered("pushing", { attributes: { "require.pushed.authorization.requests": "true" } });
    await assertServed(config, await logIn(config, { build: openid.buildAuthorizationUrlWithPAR }));
  });

  test("signs its request", async () => {
    const { key, attributes } = await ownKey("requests");
    const config = await registered("signing", { attributes: { ...attributes, "request.object.signature.alg": "ES256" } });
    const build = (config, asked) => openid.buildAuthorizationUrlWithJAR(config, asked, key);
    await assertServed(config, await logIn(config, { build }));
  });

  test("takes its answer as a form", async () => {
    const config = await registered("form-taking");
    await assertServed(config, await logIn(config, { build: asking({ response_mode: "form_post" }) }));
  });

  test("asks for claims that must be so", async () => {
    const config = await registered("demanding");
    const visitor = browser();
    await logIn(config, { visitor });
    const mustBe = (claim, value) =>
      asking({ claims: JSON.stringify({ id_token: { [claim]: { essential: true, value } } }) });
    const again = await logIn(config, { visitor, build: mustBe("acr", "1") });
    assert.equal(again.claims().acr, "1", "the person typed the password again");
    await assert.rejects(logIn(config, { build: mustBe("sub", "somebody else") }), refused("login_required"));
  });

  test("asks for tokens for a resource server", async () => {
    await registered("tours", { attributes: { resource: TOURS } });
    const config = await registered("for-tours");
    const resource = TOURS;
    const tokens = await logIn(config, { build: asking({ resource }), redeeming: { resource } });
    assert.deepEqual([audienceOf(tokens)].flat(), [TOURS]);
    await assert.rejects(assertServed(config, tokens), { status: 401 }, "userinfo is another resource");
    const elsewhere = { resource: `${TOURS}/other` };
    await assert.rejects(logIn(config, { build: asking({ resource }), redeeming: elsewhere }), refused("invalid_target"));
  });

  test("exchanges a token for less, and for another organization", async () => {
    const config = await registered("exchanging", { attributes: { "standard.token.exchange.enabled": "true" } });
    const person = { username: "emilio", password: PASSWORD };
    const tokens = await logIn(config, { person, scope: `openid phone organization:${ORGANIZATION}` });
    const exchange = (config, asked) =>
      openid.genericGrantRequest(config, TOKEN_EXCHANGE, {
        subject_token: tokens.access_token,
        subject_token_type: ACCESS_TOKEN,
        ...asked,
      });
    const less = await exchange(config, { scope: "openid" });
    assert.deepEqual([less.issued_token_type, less.refresh_token], [ACCESS_TOKEN, undefined]);
    assert.deepEqual([tokens, less].map(({ scope }) => scope.includes("phone")), [true, false]);
    await openid.fetchUserInfo(config, less.access_token, tokens.claims().sub);
    const elsewhere = await exchange(config, { scope: "openid organization", organization: "granite-outpost" });
    const told = await openid.tokenIntrospection(config, elsewhere.access_token);
    assert.deepEqual(Object.keys(told.organization), ["granite-outpost"]);

    await assert.rejects(exchange(config, { organization: "adventurez" }), refused("access_denied"));
    await assert.rejects(exchange(config, { scope: "openid address" }), refused("invalid_scope"));
    await assert.rejects(exchange(await registered("not-exchanging")), refused("unauthorized_client"));
  });

  test("exchanges a token for an ID token, and for a refresh token", async () => {
    const config = await registered("exchanging-more", {
      attributes: {
        "standard.token.exchange.enabled": "true",
        "standard.token.exchange.enableRefreshRequestedTokenType": "SAME_SESSION",
      },
    });
    const tokens = await logIn(config);
    const exchange = (requested_token_type, more) =>
      openid.genericGrantRequest(config, TOKEN_EXCHANGE, {
        subject_token: tokens.access_token,
        subject_token_type: ACCESS_TOKEN,
        requested_token_type,
        ...more,
      });
    const identity = await exchange(ID_TOKEN);
    assert.deepEqual([identity.issued_token_type, identity.token_type], [ID_TOKEN, "n_a"]);
    const refreshable = await exchange(REFRESH_TOKEN, { scope: "openid" });
    assert.equal(refreshable.issued_token_type, REFRESH_TOKEN);
    const next = await openid.refreshTokenGrant(config, refreshable.refresh_token);
    await openid.fetchUserInfo(config, next.access_token, tokens.claims().sub);
    await openid.tokenRevocation(config, tokens.refresh_token);
    await assert.rejects(openid.refreshTokenGrant(config, next.refresh_token), refused("invalid_grant"));
  });

  test("asks for one organization, and gets that or nothing", async () => {
    const config = await registered("of-an-organization");
    const of = (organization) => asking({ organization });
    const scope = "openid organization";
    const claims = (await logIn(config, { scope, build: of(ORGANIZATION) })).claims();
    assert.ok(JSON.stringify(claims.organization).includes(ORGANIZATION), claims.organization);
    await assert.rejects(logIn(config, { scope, build: of("no-such-organization") }), refused("access_denied"));
  });

  test("signs in on a device", async () => {
    const config = await registered("lobby-display", { attributes: DEVICE });
    const asked = await openid.initiateDeviceAuthorization(config, { scope: "openid email" });
    assert.equal(asked.verification_uri, `${server.url}${REALM}/device`);
    const question = await typed(asked);
    const allowed = await submit(question.visitor, question.page, { accept: "yes" });
    assert.match((await followed(question.visitor, allowed)).text, /Your device is connected/);

    const tokens = await openid.pollDeviceAuthorizationGrant(config, asked);
    await assertServed(config, tokens);
    await assert.rejects(openid.pollDeviceAuthorizationGrant(config, asked), refused("invalid_grant"), "tokens come once");
  });

  test("is told that a person refused a device", async () => {
    const config = await registered("strange-display", { attributes: DEVICE });
    const asked = await openid.initiateDeviceAuthorization(config, { scope: "openid" });
    const question = await typed(asked);
    await submit(question.visitor, question.page, { cancel: "yes" });
    await assert.rejects(openid.pollDeviceAuthorizationGrant(config, asked), refused("access_denied"));
  });

  test("registers itself with an initial access token", async () => {
    const given = await admin.post(`${ADMIN}/clients-initial-access`, { count: 1, expiration: 300 });
    const metadata = { client_name: "Newcomer", redirect_uris: [CALLBACK], grant_types: ["authorization_code", "refresh_token"] };
    const register = () =>
      openid.dynamicClientRegistration(issuer(), metadata, undefined, { ...insecure, initialAccessToken: given.json.token });
    const config = await register();
    const known = config.clientMetadata();
    assert.deepEqual([known.client_name, known.redirect_uris], ["Newcomer", [CALLBACK]]);
    assert.ok(known.registration_access_token);
    await assertServed(config, await logIn(config));

    await assert.rejects(register(), { status: 401 }, "the token was good for one client");
  });
});

/** Makes the service account of a client a member of an organization. */
async function joined(clientId, organization) {
  const [{ id }] = (await admin.get(`${ADMIN}/clients?clientId=${clientId}`)).json;
  const account = (await admin.get(`${ADMIN}/clients/${id}/service-account-user`)).json;
  const made = await admin.send("PUT", `${await admin.org(organization)}/members/${account.id}`);
  assert.equal(made.status, 201, made.text);
}

/** Ends the session of `tokens` at the address that openid-client builds. */
async function logOut(config, tokens) {
  const asked = { id_token_hint: tokens.id_token, post_logout_redirect_uri: GOODBYE, state: "bye" };
  const answer = await browser().get(openid.buildEndSessionUrl(config, asked).href);
  assert.deepEqual([answer.status, answer.location], [303, `${GOODBYE}?state=bye`]);
}

/** A person who typed a device's code and signed in: their browser, and the question in it. */
async function typed({ user_code, verification_uri }) {
  const visitor = browser();
  const page = await visitor.get(pathOf(verification_uri));
  const login = await followed(visitor, await submit(visitor, page, { device_user_code: user_code }));
  const question = await followed(visitor, await submit(visitor, login, PERSON));
  assert.match(heading(question), /^Connect /);
  return { visitor, page: question };
}
