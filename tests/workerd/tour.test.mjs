// The tour of the README, step by step, against the demo data. Each step goes on
// where the one before stopped.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { Client, start } from "./harness.mjs";
import {
  Api,
  App,
  CALLBACK,
  CLIENT_SECRET,
  INVALID_GRANT,
  REALM,
  heading,
  linkIn,
  mailTo,
  pathOf,
  submit,
  token,
} from "./travel0.mjs";

const ADMIN_SERVICE_SECRET = "a-secret-for-automation-in-tests";
const SCIM_SECRET = "granite-okta-secret";
const MARA = { email: "mara@granite-outpost.example", password: "four unrelated words" };
const PERSON = { firstName: "Mara", lastName: "Lind", password: MARA.password };
const GRANITE_TITLE = "Granite Outpost Rafting and Ziplines";

const fixture = async (name) =>
  JSON.parse(await readFile(new URL(`../fixtures/${name}.json`, import.meta.url)));

let server;
let admin;
let app;
let granite;

before(async () => {
  server = await start({ demo: true, vars: { ADMIN_SERVICE_SECRET } });
  app = await App.discover(server.url);
});
after(() => server?.stop());

const browser = () => new Client(server.url);

/** Invites somebody to `org` and gives the link in the mail. */
async function invited(email, rest) {
  const at = await admin.invite(granite, email, rest);
  const mail = await mailTo(server.url, email);
  return { at, mail, link: linkIn(mail) };
}

describe("1. an administrator's token", () => {
  test("comes by password, from admin-cli", async () => {
    admin = await Api.admin(server.url);
    granite = await admin.org("granite-outpost");
  });

  test("comes by client_credentials, from a service account", async () => {
    const form = { grant_type: "client_credentials", client_id: "admin-service", client_secret: ADMIN_SERVICE_SECRET };
    const service = new Api(server.url, (await token(server.url, form, "master")).access_token);
    assert.equal((await service.get(`${REALM}/orgs`)).json.length, 3);
  });

  test("does not come with a wrong password", async () => {
    const form = { grant_type: "password", client_id: "admin-cli", username: "admin", password: "wrong" };
    const answer = await browser().post("/realms/master/protocol/openid-connect/token", { form });
    assert.deepEqual([answer.status, answer.json.error], [400, "invalid_grant"]);
  });
});

describe("2. an organization", () => {
  const asked = {
    name: "blue-canyon",
    displayName: "Blue Canyon Kayaks",
    url: "https://blue-canyon.example",
    domains: ["blue-canyon.example"],
    attributes: { tier: ["gold"] },
  };

  test("is created, listed and read", async () => {
    const created = await admin.post(`${REALM}/orgs`, asked);
    assert.equal(created.status, 201, created.text);
    const id = pathOf(created.location).split("/").at(-1);
    const expected = { id, realm: "travel0", ...asked };

    assert.deepEqual((await admin.get(pathOf(created.location))).json, expected);
    const listed = (await admin.get(`${REALM}/orgs`)).json;
    assert.equal(listed.length, 4);
    assert.deepEqual(listed.find((one) => one.id === id), expected);
  });

  test("of the same name is refused", async () => {
    assert.equal((await admin.post(`${REALM}/orgs`, asked)).status, 409);
  });
});

describe("3. an invitation", () => {
  test("is mailed, with a link, as text and as HTML", async () => {
    const { mail, link } = await invited(MARA.email, { roles: ["guide"] });
    assert.match(mail.subject, new RegExp(`join ${GRANITE_TITLE}$`));
    assert.match(mail.text, /You will join as: guide/);
    assert.ok(mail.html.includes(`href="${link}"`), mail.html);
    assert.equal(pathOf(link), `${REALM}/login-actions/invitation`);
  });

  test("with a role that is unknown is refused", async () => {
    const asked = { email: "x@granite-outpost.example", roles: ["captain"] };
    assert.equal((await admin.post(`${granite}/invitations`, asked)).status, 400);
  });
});

describe("4. the invited person", () => {
  const link = async () => linkIn(await mailTo(server.url, MARA.email));

  test("sees who invites them, and nothing is changed by looking", async () => {
    const page = await browser().get(await link());
    assert.equal(page.status, 200, page.text);
    assert.equal(heading(page), `Join ${GRANITE_TITLE}`);
    assert.match(page.text, /<img[^>]* src="data:image\/svg\+xml/);
    assert.ok(!(await admin.members(granite)).includes(MARA.email));
  });

  test("is told that a password is too short", async () => {
    const visitor = browser();
    const page = await submit(visitor, await visitor.get(await link()), { ...PERSON, password: "short" });
    assert.match(page.text, /shorter than 8 characters/);
    assert.ok(!(await admin.members(granite)).includes(MARA.email));
  });

  test("chooses a password and is a member", async () => {
    const visitor = browser();
    const page = await submit(visitor, await visitor.get(await link()), PERSON);
    assert.equal(page.status, 200, page.text);
    assert.equal(heading(page), `Welcome to ${GRANITE_TITLE}`);
    assert.ok((await admin.members(granite)).includes(MARA.email));
  });

  test("cannot use the link again", async () => {
    const page = await browser().get(await link());
    assert.deepEqual([page.status, heading(page)], [410, "This invitation has already been used"]);
  });

  test("cannot be somebody else", async () => {
    const { link } = await invited("nils@granite-outpost.example");
    const visitor = browser();
    await app.logIn(visitor, "openid", "jonno");
    const before = await admin.members(granite);

    const page = await visitor.get(link);

    assert.deepEqual([page.status, heading(page)], [403, "This invitation is for someone else"]);
    assert.deepEqual(await admin.members(granite), before);
  });

  test("cannot use an invitation that was withdrawn, even with the page open", async () => {
    const { at, link } = await invited("revoked@granite-outpost.example");
    const visitor = browser();
    const open = await visitor.get(link);
    assert.equal((await admin.delete(at)).status, 204);

    const pages = [await submit(visitor, open, PERSON), await visitor.get(link)];

    for (const page of pages) {
      assert.deepEqual([page.status, heading(page)], [410, "This invitation was withdrawn"]);
    }
    assert.ok(!(await admin.members(granite)).includes("revoked@granite-outpost.example"));
  });

  test("cannot use a link that was changed", async () => {
    const page = await browser().get((await link()).replace(/.{6}$/, "AAAAAA"));
    assert.deepEqual([page.status, heading(page)], [404, "This invitation link does not work"]);
  });

  test("who accepts twice at once is one member", async () => {
    const email = "twice@granite-outpost.example";
    const { link } = await invited(email, { roles: ["guide"] });
    const before = (await admin.get(`${granite}/members/count`)).json;
    const attempts = [1, 2, 3, 4].map(async () => {
      const visitor = browser();
      return { visitor, page: await visitor.get(link) };
    });
    const open = await Promise.all(attempts);

    const pages = await Promise.all(open.map(({ visitor, page }) => submit(visitor, page, PERSON)));

    assert.ok(pages.some((page) => heading(page) === `Welcome to ${GRANITE_TITLE}`));
    assert.deepEqual(pages.filter((page) => page.status >= 500), []);
    assert.equal((await admin.get(`${granite}/members/count`)).json, before + 1);
    const members = await admin.members(granite);
    assert.equal(members.filter((member) => member === email).length, 1);
  });
});

describe("5. the app", () => {
  const marasBrowser = new Client();
  const scope = "openid organization:granite-outpost";
  let granted;

  before(() => {
    marasBrowser.url = server.url;
    granted = { "granite-outpost": { id: granite.split("/").at(-1), roles: ["guide"], groups: [] } };
  });

  test("logs the person in and learns their organization", async () => {
    const tokens = await app.logIn(marasBrowser, scope, MARA.email, MARA.password);
    assert.deepEqual(tokens.claims().organization, granted);
    assert.equal(tokens.claims().email, MARA.email);
    assert.deepEqual((await app.accessClaims(tokens)).organization, granted);
    assert.deepEqual((await app.userinfo(tokens)).organization, granted);
  });

  test("logs them in without a word the second time", async () => {
    const kept = await app.begin(scope);
    const tokens = await app.finish(kept, await marasBrowser.get(kept.url));
    assert.deepEqual(tokens.claims().organization, granted);
  });

  test("gets fresh tokens that say the same", async () => {
    const tokens = await app.logIn(browser(), scope, MARA.email, MARA.password);
    const fresh = await app.refresh(tokens);
    assert.deepEqual((await app.accessClaims(fresh)).organization, granted);
    assert.notEqual(fresh.refresh_token, tokens.refresh_token);
  });

  test("learns nested groups", async () => {
    const tokens = await app.logIn(browser(), scope, "hiroko");
    const { roles, groups } = tokens.claims().organization["granite-outpost"];
    assert.deepEqual(roles.sort(), ["guide", "scheduler"]);
    assert.deepEqual(groups.sort(), ["/Guides/Rafting", "/Office"]);
  });

  test("has a member of two asked which", async () => {
    const visitor = browser();
    const kept = await app.begin("openid organization");
    const login = await visitor.get(kept.url);
    const choice = await submit(visitor, login, { username: "emilio", password: "travel0-demo" });
    assert.equal(heading(choice), "Choose an organization");
    const aliases = [...choice.text.matchAll(/name="kc.org" value="([^"]*)"/g)].map(([, alias]) => alias);
    assert.deepEqual(aliases.sort(), ["granite-outpost", "rocky-mountain"]);

    const answer = await submit(visitor, choice, { "kc.org": "rocky-mountain" });

    const tokens = await app.finish(kept, answer);
    assert.deepEqual(Object.keys(tokens.claims().organization), ["rocky-mountain"]);
  });

  test("is not given an organization the person does not belong to", async () => {
    const tokens = await app.logIn(browser(), scope, "jonno");
    assert.equal(tokens.claims().organization, undefined);
  });

  test("gets nothing for a wrong password", async () => {
    const visitor = browser();
    const kept = await app.begin(scope);
    const page = await submit(visitor, await visitor.get(kept.url), { username: "hiroko", password: "wrong" });
    assert.equal(page.status, 200);
    assert.match(page.text, /Invalid username or password/);
  });
});

describe("6. the organization's directory", () => {
  const TYPE = "application/scim+json";
  let directory;
  let users;

  const push = (method, path, json) => directory.send(method, path, { json, headers: { "content-type": TYPE } });

  before(() => {
    directory = new Api(server.url, SCIM_SECRET);
    users = `${REALM}/scim/v2/organizations/${granite.split("/").at(-1)}/Users`;
  });

  test("is let in once it is configured", async () => {
    assert.equal((await directory.get(users)).status, 401);
    const asked = { enabled: true, auth: { type: "EXTERNAL_SECRET", shared_secret: SCIM_SECRET } };
    const configured = await admin.post(`${granite}/scim`, asked);
    assert.equal(configured.status, 201, configured.text);
    assert.ok(!configured.text.includes(SCIM_SECRET));
    assert.equal((await directory.get(users)).json.totalResults, 0);
    assert.equal((await new Api(server.url, "another secret").get(users)).status, 401);
  });

  test("creates a person as Okta does, who is a member then", async () => {
    const body = await fixture("okta/create_user");
    const created = await push("POST", users, body);
    assert.equal(created.status, 201, created.text);
    assert.equal(created.json.userName, body.userName);
    assert.equal(created.headers.get("content-type"), TYPE);
    assert.ok((await admin.members(granite)).includes(body.userName));
  });

  test("ends what somebody may do by making them inactive", async () => {
    const tokens = await app.logIn(browser(), "openid organization:granite-outpost", MARA.email, MARA.password);
    const body = { ...(await fixture("okta/create_user")), userName: MARA.email, externalId: "00umara" };
    body.emails = [{ primary: true, value: MARA.email, type: "work" }];
    const created = await push("POST", users, body);
    assert.equal(created.status, 201, created.text);
    const before = await app.userinfo(tokens);
    assert.ok(before.organization, "pushing changes nothing for a member");

    const at = pathOf(created.location);
    const off = await push("PATCH", at, await fixture("okta/deactivate_user"));

    assert.deepEqual([off.status, off.json.active], [200, false]);
    assert.equal((await app.userinfo(tokens)).organization, undefined);
    await assert.rejects(app.refresh(tokens), INVALID_GRANT);
  });
});

test("7. a machine gets a token", async () => {
  const form = { grant_type: "client_credentials", client_id: "travel0-machine", client_secret: CLIENT_SECRET };
  const tokens = await token(server.url, form);
  const claims = await app.accessClaims(tokens);
  assert.deepEqual([claims.azp, claims.preferred_username], ["travel0-machine", "service-account-travel0-machine"]);
  assert.equal(tokens.refresh_token, undefined);
});

describe("8. effective on the next request", () => {
  test("is the removal of a member", async () => {
    const tokens = await app.logIn(browser(), "openid organization:granite-outpost", "hiroko");
    const hiroko = new Api(server.url, tokens.access_token);
    assert.equal((await hiroko.get(granite)).status, 200);
    const at = `${granite}/members/${tokens.claims().sub}`;

    assert.equal((await admin.delete(at)).status, 204);

    assert.equal((await admin.get(at)).status, 404);
    assert.equal((await hiroko.get(granite)).status, 401);
    assert.deepEqual((await hiroko.get(`${REALM}/orgs`)).json, []);
    assert.equal((await app.userinfo(tokens)).organization, undefined);
    await assert.rejects(app.refresh(tokens), INVALID_GRANT);
  });

  test("is the deletion of an organization", async () => {
    const adventurez = await admin.org("adventurez");
    const scim = adventurez.replace("/orgs/", "/scim/v2/organizations/");
    const auth = { type: "EXTERNAL_SECRET", shared_secret: SCIM_SECRET };
    await admin.post(`${adventurez}/scim`, { auth });
    const directory = new Api(server.url, SCIM_SECRET);
    assert.equal((await directory.get(`${scim}/Users`)).status, 200);
    const scope = "openid organization:adventurez";
    const visitor = browser();
    const tokens = await app.logIn(visitor, scope, "sumana");
    assert.ok(tokens.claims().organization);

    assert.equal((await admin.delete(adventurez)).status, 204);

    assert.equal((await admin.get(adventurez)).status, 404);
    assert.ok(!(await admin.get(`${REALM}/orgs`)).text.includes("adventurez"));
    assert.equal((await directory.get(`${scim}/Users`)).status, 401);
    assert.equal((await app.userinfo(tokens)).organization, undefined);
    await assert.rejects(app.refresh(tokens), INVALID_GRANT);
    const kept = await app.begin(scope);
    const later = await app.finish(kept, await visitor.get(kept.url));
    assert.equal(later.claims().organization, undefined);
    assert.ok((await visitor.get(kept.url)).location.startsWith(CALLBACK));
  });
});
