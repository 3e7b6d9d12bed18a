// Power cuts in the provider's own sagas: nothing is given twice, an answer of a
// person counts or can be given again, and an app is told of an end.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { after, before } from "node:test";
import { Client, eventually } from "./harness.mjs";
import { kill } from "./kills.mjs";
import { CALLBACK, PASSWORD, REALM, TOKEN, heading, pathOf, submit } from "./travel0.mjs";

const ADMIN = `/admin${REALM}`;
const PROTOCOL = `${REALM}/protocol/openid-connect`;
const SECRET = "a secret of at least thirty-two bytes";
const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

/** An app of the realm, and what it asks of us. */
class App {
  constructor(world, clientId) {
    this.world = world;
    this.clientId = clientId;
    this.verifier = randomBytes(32).toString("base64url");
  }

  static async make(world, clientId, settings = {}) {
    await world.make(`${ADMIN}/clients`, { clientId, secret: SECRET, redirectUris: [CALLBACK], ...settings });
    return new App(world, clientId);
  }

  /** Where a person signs in for it. */
  get address() {
    const challenge = createHash("sha256").update(this.verifier).digest("base64url");
    const asked = { client_id: this.clientId, redirect_uri: CALLBACK, response_type: "code", scope: "openid", state: "s" };
    return `${PROTOCOL}/auth?${new URLSearchParams({ ...asked, code_challenge: challenge, code_challenge_method: "S256" })}`;
  }

  post(path, form) {
    const identity = { client_id: this.clientId, client_secret: SECRET };
    return new Client(this.world.url).post(path, { form: { ...identity, ...form } });
  }

  redeem(code) {
    return this.post(TOKEN, { grant_type: "authorization_code", code, redirect_uri: CALLBACK, code_verifier: this.verifier });
  }

  poll(device_code) {
    return this.post(TOKEN, { grant_type: DEVICE_CODE, device_code });
  }
}

/** Follows a browser to the page at which it ends up, or to the app. */
async function followed(visitor, answer) {
  while (answer.status === 303 && !answer.location.startsWith(CALLBACK)) answer = await visitor.get(answer.location);
  return answer;
}

const codeIn = (answer) => new URL(answer.location).searchParams.get("code");

/** A person opens `path` and signs in: their browser, and what they see then. */
async function signIn(world, path, username, typed) {
  const visitor = new Client(world.url);
  let page = await visitor.get(path);
  if (typed) page = await followed(visitor, await submit(visitor, page, typed));
  const answer = await submit(visitor, page, { username, password: PASSWORD });
  return { visitor, page: await followed(visitor, answer) };
}

const consent = {
  name: "a person agrees",
  points: ["oidc.consent.after_account"],
  async prepare(world) {
    const app = await App.make(world, "asks-first", { consentRequired: true });
    const question = await signIn(world, app.address, "hiroko");
    assert.equal(question.page.status, 200, question.page.text);
    return { app, ...question };
  },
  change: (_, { visitor, page }) => submit(visitor, page, { accept: "yes" }),
  async look(_, { app, visitor }) {
    const answer = await visitor.get(app.address);
    const tokens = await app.redeem(codeIn(answer));
    assert.equal(tokens.status, 200, "who agreed is not asked again");
  },
};

const device = {
  name: "a person connects a device",
  // Not in the first round: an answer to a device passes the point of `consent`, too.
  points: [null, "oidc.device.after_account", "oidc.device.after_directory"],
  async prepare(world, round) {
    const attributes = { "oauth2.device.authorization.grant.enabled": "true", "oauth2.device.polling.interval": "1" };
    const app = await App.make(world, `display${round}`, { attributes });
    const { json } = await app.post(`${PROTOCOL}/auth/device`, { scope: "openid" });
    const typed = { device_user_code: json.user_code };
    const question = await signIn(world, pathOf(json.verification_uri), "jonno", typed);
    assert.match(heading(question.page), /^Connect /);
    return { app, code: json.device_code, ...question };
  },
  change: (_, { visitor, page }) => submit(visitor, page, { accept: "yes" }),
  async look(_, { app, code, visitor, page }, point) {
    if (point.endsWith("after_account")) {
      assert.equal((await app.poll(code)).json.error, "authorization_pending", "nothing has begun");
    }
    const again = await followed(visitor, await submit(visitor, page, { accept: "yes" }));
    assert.equal(again.status, 200, again.text);

    const tokens = await eventually("tokens", async () => {
      const answer = await app.poll(code);
      return answer.status === 200 && answer.json;
    });

    assert.ok(tokens.access_token);
    await eventually("tokens come once", async () => (await app.poll(code)).json.error === "invalid_grant");
  },
};

const redemption = {
  name: "a code is redeemed",
  points: ["oidc.code.after_account"],
  async prepare(world) {
    const app = await App.make(world, "redeems");
    const { page } = await signIn(world, app.address, "emilio");
    return { app, code: codeIn(page) };
  },
  change: (_, { app, code }) => app.redeem(code),
  async look(world, { app, code }) {
    const again = await app.redeem(code);
    assert.deepEqual([again.status, again.json.error], [400, "invalid_grant"], "a code works once");
    const { page } = await signIn(world, app.address, "emilio");
    assert.equal((await app.redeem(codeIn(page))).status, 200);
  },
};

const registration = {
  name: "a client registers",
  points: ["client.register.after_token"],
  async prepare(world) {
    const made = await world.admin.post(`${ADMIN}/clients-initial-access`, { count: 2, expiration: 3600 });
    assert.equal(made.status, 200, made.text);
    return { id: made.json.id, token: made.json.token };
  },
  change: (world, { token }) => register(world, token),
  async look(world, { id, token }) {
    const left = async () => (await world.read(`${ADMIN}/clients-initial-access`)).find((one) => one.id === id)?.remainingCount;
    const named = async () => (await world.read(`${ADMIN}/clients`)).filter((client) => client.name === "Newcomer").length;
    assert.deepEqual([await left(), await named()], [1, 0], "it costs a use");
    assert.equal((await register(world, token)).status, 201);
    assert.equal((await register(world, token)).status, 401, "it gives none away");
    assert.equal(await named(), 1);
  },
};

function register(world, token) {
  const json = { client_name: "Newcomer", redirect_uris: [CALLBACK] };
  const headers = { authorization: `Bearer ${token}` };
  return new Client(world.url).post(`${REALM}/clients-registrations/openid-connect`, { json, headers });
}

/** An app's own server, which is told of ends by back-channel logout. */
class Listener {
  heard = [];
  #server = createServer((request, response) => {
    request.setEncoding("utf8").on("data", (text) => this.heard.push(text));
    request.on("end", () => response.writeHead(200).end());
  });

  async open() {
    await new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://localhost:${this.#server.address().port}/backchannel`;
  }

  close() {
    this.#server.close();
  }
}

const listener = new Listener();
before(() => listener.open());
after(() => listener.close());

const farewell = {
  name: "an app is told that a session has ended",
  points: ["account.farewell.after_queue"],
  async prepare(world) {
    const app = await App.make(world, "is-told", { attributes: { "backchannel.logout.url": listener.url } });
    const { page } = await signIn(world, app.address, "sumana");
    const tokens = (await app.redeem(codeIn(page))).json;
    return { app, tokens };
  },
  change: (_, { app, tokens }) => app.post(`${PROTOCOL}/logout`, { refresh_token: tokens.refresh_token }),
  async look(_, { app, tokens }) {
    await eventually("the app is told", () => listener.heard.length > 0);
    const claims = (jwt) => JSON.parse(Buffer.from(jwt.split(".")[1], "base64url"));
    const told = claims(new URLSearchParams(listener.heard[0]).get("logout_token"));
    assert.equal(told.sid, claims(tokens.id_token).sid);
    const refreshed = await app.post(TOKEN, { grant_type: "refresh_token", refresh_token: tokens.refresh_token });
    assert.equal(refreshed.json.error, "invalid_grant");
  },
};

kill([consent, device, redemption, registration, farewell]);
