// keycloak-js and oidc-client-ts in a real Chromium: an app that is a static page of
// another site (browser_clients), with what that means for cookies and CORS.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { Browser, NO_BROWSER } from "./browser.mjs";
import { Client, start } from "./harness.mjs";
import { Api, PASSWORD, REALM } from "./travel0.mjs";

const CLIENT = "browser-app";
const PACKAGES = "../../node_modules";
const FILES = {
  "/keycloak-js-sso.html": "browser_clients/keycloak-js.html",
  "/keycloak-js-silent.html": "browser_clients/keycloak-js-silent.html",
  "/keycloak-js.html": "browser_clients/keycloak-js.html",
  "/oidc-client-ts.html": "browser_clients/oidc-client-ts.html",
  "/keycloak.js": `${PACKAGES}/keycloak-js/lib/keycloak.js`,
  "/oidc-client-ts.js": `${PACKAGES}/oidc-client-ts/dist/esm/oidc-client-ts.js`,
  "/jwt-decode.js": `${PACKAGES}/jwt-decode/build/esm/index.js`,
};

let server;
let site;
let origin;

/** The app's site: files, and in which settings the app runs. */
async function answer({ url }, response) {
  const { pathname } = new URL(url, origin);
  if (pathname === "/settings.json") {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ server: server.url, client: CLIENT }));
    return;
  }
  if (!FILES[pathname]) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader("content-type", pathname.endsWith(".js") ? "text/javascript" : "text/html");
  response.end(await readFile(new URL(FILES[pathname], import.meta.url)));
}

before(async () => {
  if (NO_BROWSER) return;
  server = await start({ demo: true });
  site = createServer(answer).listen(0, "127.0.0.1");
  await once(site, "listening");
  origin = `http://127.0.0.1:${site.address().port}`;
  const pages = Object.keys(FILES).filter((path) => path.endsWith(".html")).map((path) => origin + path);
  const admin = await Api.admin(server.url);
  const made = await admin.post(`/admin${REALM}/clients`, {
    clientId: CLIENT,
    publicClient: true,
    redirectUris: pages,
    webOrigins: [origin],
    attributes: { "post.logout.redirect.uris": pages.join("##") },
  });
  assert.equal(made.status, 201, made.text);
});
after(async () => {
  await server?.stop();
  site?.closeAllConnections();
  site?.close();
});

/** What userinfo says to the bearer of `token`. */
const asked = (token) =>
  new Client(server.url).get(`${REALM}/protocol/openid-connect/userinfo`, { headers: { authorization: `Bearer ${token}` } });

for (const name of ["keycloak-js", "oidc-client-ts"]) {
  describe(`${name} in Chromium`, { skip: NO_BROWSER }, () => {
    let browser;
    let first;

    before(async () => (browser = await Browser.open()));
    after(() => browser?.close());

    test("logs a person in on our page", async () => {
      await browser.visit(`${origin}/${name}.html`);
      await browser.titled("Signed out");
      await browser.run("app.login()");
      await browser.type("#username", "jonno");
      await browser.type("#password", PASSWORD);
      await browser.click("#kc-login");
      await browser.titled("Signed in");
      first = await browser.run("return app.told()");
      assert.equal(first.username, "jonno");
      assert.equal((await asked(first.token)).json.sub, first.subject);
    });

    test("refreshes the token", async () => {
      const refreshed = await browser.run("return app.refresh()");
      assert.equal(refreshed.subject, first.subject);
      assert.notEqual(refreshed.token, first.token);
      assert.equal((await asked(refreshed.token)).status, 200);
    });

    test("reads userinfo from another origin", async () => {
      const person = await browser.run("return app.userinfo()");
      assert.deepEqual([person.sub, person.preferred_username], [first.subject, "jonno"]);
    });

    test("logs the person out", async () => {
      await browser.run("app.logout()");
      await browser.titled("Signed out");
      assert.equal((await asked(first.token)).status, 401, "the session's tokens are over");
      await browser.run("app.login()");
      await browser.type("#username", "jonno");
    });
  });
}

describe("keycloak-js in Chromium, without a click", { skip: NO_BROWSER }, () => {
  let browser;

  before(async () => (browser = await Browser.open()));
  after(() => browser?.close());

  test("finds out that nobody is signed in", async () => {
    await browser.visit(`${origin}/keycloak-js-sso.html`);
    await browser.titled("Signed out");
  });

  test("finds out who is signed in", async () => {
    await browser.run("app.login()");
    await browser.type("#username", "jonno");
    await browser.type("#password", PASSWORD);
    await browser.click("#kc-login");
    await browser.titled("Signed in");
    await browser.visit("about:blank");
    await browser.visit(`${origin}/keycloak-js-sso.html`);
    await browser.titled("Signed in");
    assert.equal((await browser.run("return app.told()")).username, "jonno");
  });
});
