// The demonstration realm as its users see it: the administrator's API, the
// pages in a browser, and the product's app, which is openid-client.
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import * as openid from "openid-client";
import { Client, eventually } from "./harness.mjs";

/** Everybody's password (src/app/demo.rs). */
export const PASSWORD = "travel0-demo";
/** The secret of the realm's confidential clients. */
export const CLIENT_SECRET = "travel0-demo-client-secret";
export const REALM = "/realms/travel0";
export const TOKEN = `${REALM}/protocol/openid-connect/token`;
export const CALLBACK = "http://localhost:3000/callback";
/** What the app says when a refresh token is refused. */
export const INVALID_GRANT = { error: "invalid_grant" };

/** A caller of the JSON API with a bearer token. */
export class Api {
  #client;

  constructor(url, token) {
    this.#client = new Client(url);
    this.token = token;
  }

  /** The administrator of every realm, by password. */
  static async admin(url) {
    const form = { grant_type: "password", client_id: "admin-cli", username: "admin", password: "admin" };
    return new Api(url, (await token(url, form, "master")).access_token);
  }

  send(method, path, options = {}) {
    const headers = { authorization: `Bearer ${this.token}`, ...options.headers };
    return this.#client.send(method, path, { ...options, headers });
  }

  get(path) {
    return this.send("GET", path);
  }

  post(path, json) {
    return this.send("POST", path, { json });
  }

  delete(path) {
    return this.send("DELETE", path);
  }

  /** The path of the organization called `name`. */
  async org(name) {
    const { json } = await this.get(`${REALM}/orgs?search=${name}`);
    const found = json.find((one) => one.name === name);
    assert.ok(found, `an organization called ${name}`);
    return `${REALM}/orgs/${found.id}`;
  }

  /** The e-mail addresses of an organization's members. */
  async members(org) {
    const answer = await this.get(`${org}/members`);
    assert.equal(answer.status, 200, answer.text);
    return answer.json.map((member) => member.email);
  }

  /** Invites `email` and gives the invitation's path. */
  async invite(org, email, rest = {}) {
    const answer = await this.post(`${org}/invitations`, { email, send: true, ...rest });
    assert.equal(answer.status, 201, answer.text);
    return pathOf(answer.location);
  }
}

/** Tokens from a token endpoint. */
export async function token(url, form, realm = "travel0") {
  const answer = await new Client(url).post(`/realms/${realm}/protocol/openid-connect/token`, { form });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/** The newest mail to `email`; the queue takes a moment to deliver it. */
export function mailTo(url, email) {
  return eventually(`a mail to ${email}`, async () => {
    const { json } = await new Client(url).get("/dev/outbox.json");
    return json.find((mail) => mail.to === email);
  });
}

/** The link in a mail: it stands alone on its line. */
export function linkIn(mail) {
  const link = mail.text.split("\n").find((line) => line.startsWith("http"));
  assert.ok(link, mail.text);
  return link;
}

/** The path of a URL. */
export const pathOf = (url) => new URL(url).pathname;

const ENTITIES = { "&amp;": "&", "&quot;": '"', "&lt;": "<", "&gt;": ">" };

const decoded = (text) =>
  text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(code)).replace(/&\w+;/g, (name) => ENTITIES[name] ?? name);

/** Submits the form of `page` with its hidden fields and those that the person fills in. */
export function submit(browser, page, filled = {}) {
  assert.equal(page.status, 200, page.text);
  const attribute = (tag, name) => decoded(tag.match(new RegExp(` ${name}="([^"]*)"`))?.[1] ?? "");
  const hidden = [...page.text.matchAll(/<input type="hidden"[^>]*>/g)].map(([tag]) => [
    attribute(tag, "name"),
    attribute(tag, "value"),
  ]);
  const [form] = page.text.match(/<form[^>]*>/);
  return browser.post(attribute(form, "action"), { form: { ...Object.fromEntries(hidden), ...filled } });
}

/** The text of a page's heading. */
export const heading = (page) => decoded(page.text.match(/<h1>([^<]*)<\/h1>/)?.[1] ?? "");

/** The product's app: openid-client decides what to send and what to believe. */
export class App {
  #config;

  static async discover(url) {
    const app = new App();
    app.url = url;
    const execute = [openid.allowInsecureRequests, openid.enableNonRepudiationChecks];
    const issuer = new URL(`${url}${REALM}`);
    app.#config = await openid.discovery(issuer, "travel0-web", CLIENT_SECRET, undefined, { execute });
    return app;
  }

  /** What the app keeps while the person is away, and where it sends them. */
  async begin(scope) {
    const verifier = openid.randomPKCECodeVerifier();
    const [state, nonce] = [openid.randomState(), openid.randomNonce()];
    const url = openid.buildAuthorizationUrl(this.#config, {
      redirect_uri: CALLBACK,
      scope,
      state,
      nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    });
    return { url: url.href, verifier, state, nonce };
  }

  /** Exchanges the code that a browser brings back. */
  finish(kept, answer) {
    assert.equal(answer.status, 303, answer.text);
    return openid.authorizationCodeGrant(this.#config, new URL(answer.location), {
      pkceCodeVerifier: kept.verifier,
      expectedState: kept.state,
      expectedNonce: kept.nonce,
      idTokenExpected: true,
    });
  }

  /** A person's whole way through the login page. */
  async logIn(browser, scope, username, password = PASSWORD) {
    const kept = await this.begin(scope);
    const page = await browser.get(kept.url);
    return this.finish(kept, await submit(browser, page, { username, password }));
  }

  refresh(tokens) {
    return openid.refreshTokenGrant(this.#config, tokens.refresh_token);
  }

  userinfo(tokens) {
    return openid.fetchUserInfo(this.#config, tokens.access_token, tokens.claims().sub);
  }

  /** The claims of an access token, verified as a resource server would. */
  async accessClaims(tokens) {
    const [header, payload, signature] = tokens.access_token.split(".");
    const json = (part) => JSON.parse(Buffer.from(part, "base64url"));
    const { keys } = (await new Client(this.url).get(`${REALM}/protocol/openid-connect/certs`)).json;
    const jwk = keys.find((key) => key.kid === json(header).kid);
    assert.equal(jwk?.alg, json(header).alg);
    const key = createPublicKey({ key: jwk, format: "jwk" });
    const signed = Buffer.from(`${header}.${payload}`);
    const bytes = Buffer.from(signature, "base64url");
    assert.ok(verify("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, bytes));
    return json(payload);
  }
}
