// Moving things in and out in numbers: organizations as documents, parts of a realm
// and whole ones, and the profile that people must fit.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { objects, query } from "./directory.mjs";
import { Client, eventually, start } from "./harness.mjs";
import { Api, App, REALM, token } from "./travel0.mjs";

const ADMIN = "/admin/realms/travel0";
const PASSWORD = "four unrelated words";
const credentials = [{ type: "password", value: PASSWORD }];
/** Most organizations of one document (src/app/org_transfer/limits.rs). */
const MAX_ORGANIZATIONS = 250;
/** Most things and users of a partial import (src/transfer/document.rs). */
const [MAX_IMPORT_ITEMS, MAX_IMPORT_USERS] = [500, 200];

let server;
let admin;

before(async () => {
  server = await start({ demo: true });
});
beforeEach(async () => {
  admin = await Api.admin(server.url);
});
after(() => server?.stop());

const times = (count, make) => Array.from({ length: count }, (_, number) => make(number));

async function read(path) {
  const answer = await admin.get(path);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

async function make(path, json) {
  const answer = await admin.post(path, json);
  assert.equal(answer.status, 201, answer.text);
}

/** Posts what must succeed, and tells how long it took. */
async function took(test, path, json) {
  const started = Date.now();
  const answer = await admin.post(path, json);
  assert.equal(answer.status, 200, answer.text);
  test.diagnostic(`${path}: ${Date.now() - started} ms, ${answer.io.d1} batches of D1, ${answer.io.object} objects`);
  return answer.text && answer.json;
}

describe("organizations", () => {
  const IMPORT = `${REALM}/orgs/import`;
  const EXPORT = `${REALM}/orgs/export`;
  /** The list gives 100 at a time. */
  async function named(prefix) {
    const all = [];
    for (let page = []; all.length === 0 || page.length === 100; all.push(...page)) {
      page = await read(`${REALM}/orgs?search=${prefix}&first=${all.length}&max=100`);
      if (page.length === 0) break;
    }
    return all;
  }
  const total = (table) => Number(query(server.state, `SELECT count(*) AS total FROM ${table}`)[0].total);
  /** Everything that an import of organizations could leave behind, but for events that are still on their way. */
  const left = () => [
    ...["organization", "membership", "user", "identity_provider", "domain_claim"].map(total),
    objects(server.state).length,
  ];

  /** `count` organizations with domains, a role, a member and an invitation each. */
  const many = (prefix, count) => ({
    organizations: times(count, (number) => {
      const name = `${prefix}-${number}`;
      return {
        organization: { name, displayName: name, domains: [`${name}.example`], attributes: { plan: ["pro"] } },
        roles: [{ name: "paddler", description: "Paddles" }],
        members: [{ username: "hiroko", roles: ["paddler", "view-members"] }],
        invitations: [{ email: `guest@${name}.example`, inviterUsername: "hiroko", roles: ["paddler"] }],
      };
    }),
  });

  test("in Phase Two's form come in as they went out", async (t) => {
    const document = many("phase-two", 3);
    await make(`${ADMIN}/identity-provider/instances`, { alias: "blue", providerId: "oidc", enabled: true });
    document.organizations[0].idpLink = "blue";

    const before = left();
    const told = await took(t, `${IMPORT}?dryRun=true`, document);
    assert.deepEqual([told.status, told.problems], [200, []]);
    assert.equal(told.organizations.length, 3);
    assert.deepEqual(left(), before, "a dry run writes nothing");
    assert.deepEqual(await named("phase-two"), []);

    await took(t, IMPORT, document);
    const ids = (await named("phase-two")).map((one) => one.id).join(",");
    const out = await read(`${EXPORT}?exportMembersAndInvitations=true&orgIds=${ids}`);
    assert.equal(out.organizations.length, 3);
    for (const [number, entry] of out.organizations.entries()) {
      const came = document.organizations[number];
      assert.equal(entry.organization.name, came.organization.name);
      assert.deepEqual(entry.organization.domains, came.organization.domains);
      assert.deepEqual(entry.organization.attributes, came.organization.attributes);
      assert.equal(entry.idpLink, came.idpLink);
      assert.deepEqual(entry.members.map((one) => [one.username, one.roles.sort()]), [["hiroko", ["paddler", "view-members"]]]);
      assert.deepEqual(entry.invitations.map((one) => one.email), [came.invitations[0].email]);
      assert.ok(entry.roles.some((role) => role.name === "paddler"));
    }

    for (const { id } of await named("phase-two")) assert.equal((await admin.delete(`${REALM}/orgs/${id}`)).status, 204);
    await took(t, IMPORT, out);
    const again = (await named("phase-two")).map((one) => one.id).join(",");
    assert.deepEqual(await read(`${EXPORT}?exportMembersAndInvitations=true&orgIds=${again}`), out);
  });

  test("in our form come back whole, under their ids", async (t) => {
    const org = await admin.org("rocky-mountain");
    await admin.invite(org, "later@rocky-mountain.example", { send: false });
    const id = org.split("/").at(-1);
    const path = `${EXPORT}?format=guildhall&orgIds=${id}`;
    const out = await read(path);
    assert.ok(out.organizations[0].members.length > 2 && out.organizations[0].groups.length > 0);
    const taken = await admin.post(IMPORT, out);
    assert.equal(taken.status, 409, "it is there");
    assert.equal((await admin.delete(org)).status, 204);

    await took(t, IMPORT, out);

    assert.deepEqual(await read(path), out);
    const app = await App.discover(server.url);
    const tokens = await app.logIn(new Client(server.url), "openid organization:rocky-mountain", "jonno");
    assert.ok(tokens.claims().organization["rocky-mountain"], "its people are in it");
  });

  test("are all refused when one of a hundred cannot be", async () => {
    const before = left();
    const taken = many("refused", 100);
    taken.organizations[73].organization.name = "adventurez";
    const bad = many("refused", 100);
    bad.organizations[99].members.push({ username: "nobody-knows" });
    for (const [document, status, words] of [[taken, 409, "duplicate"], [bad, 400, "nobody-knows"]]) {
      const told = await admin.post(`${IMPORT}?dryRun=true`, document);
      assert.deepEqual([told.status, told.json.status, told.json.problems.length], [200, status, 1], told.text);
      const answer = await admin.post(IMPORT, document);
      assert.equal(answer.status, status, answer.text);
      assert.ok(answer.json.errorMessage.includes(words), answer.text);
    }
    assert.deepEqual(left(), before);
  });

  test(`${MAX_ORGANIZATIONS} come in with one document`, async (t) => {
    await took(t, IMPORT, many("bulk", MAX_ORGANIZATIONS));

    const listed = await named("bulk");
    assert.equal(listed.length, MAX_ORGANIZATIONS);
    assert.equal(await read(`${REALM}/orgs/count?search=bulk`), MAX_ORGANIZATIONS);
    for (const one of [listed[0], listed.at(-1)]) {
      const org = `${REALM}/orgs/${one.id}`;
      assert.ok((await admin.members(org)).includes("hiroko@granite-outpost.example"));
      assert.deepEqual((await read(`${org}/invitations`)).map((mail) => mail.email), [`guest@${one.name}.example`]);
    }
    const hiroko = (await read(`${ADMIN}/users?username=hiroko&exact=true`))[0].id;
    const present = "SELECT org_id FROM membership WHERE user_id = ? AND present = 1";
    const hers = query(server.state, present, hiroko).map((row) => row.org_id);
    assert.ok(listed.every((one) => hers.includes(one.id)), "the directory knows every membership");
  });

  test("are refused by name of the limit when there are too many", async () => {
    const before = left();
    for (const count of [MAX_ORGANIZATIONS + 1, 300, 1000]) {
      for (const path of [IMPORT, `${IMPORT}?dryRun=true`]) {
        const document = { organizations: times(count, (number) => ({ organization: { name: `over-${number}` } })) };
        const answer = await admin.post(path, document);
        assert.equal(answer.status, 400, answer.text);
        assert.match(answer.json.errorMessage, /250.*MAX_ORGANIZATIONS/);
      }
    }
    const heavy = many("heavy", 2);
    heavy.organizations[0].organization.displayName = "x".repeat(1024 * 1024);
    assert.equal((await admin.post(IMPORT, heavy)).status, 413);
    assert.deepEqual(left(), before);
  });

  test("are refused by name of the limit when they take too many statements", async () => {
    // The flat form: each organization brings a provider of its own.
    const provider = (number) => ({ alias: `own-${number}`, providerId: "oidc", enabled: true });
    const entry = (number) => ({ name: `stated-${number}`, identityProviders: [provider(number)] });
    const document = { organizations: times(MAX_ORGANIZATIONS, entry) };

    const answer = await admin.post(IMPORT, document);

    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.json.errorMessage, /at most 950 \(MAX_STATEMENTS\)/);
    assert.deepEqual(await named("stated"), []);
    assert.equal((await admin.get(`${ADMIN}/identity-provider/instances/own-0`)).status, 404);
  });

  test("go out in pages, or are refused by name of the limit", async () => {
    const all = await admin.get(`${EXPORT}?format=guildhall`);
    assert.equal(all.status, 400, all.text);
    assert.match(all.json.errorMessage, /MAX_(ORGANIZATIONS|DOCUMENT_BYTES)/);
    const count = await read(`${REALM}/orgs/count`);
    const page = async (first) => {
      const out = await read(`${EXPORT}?format=guildhall&first=${first}&max=40`);
      return out.organizations.map((one) => one.name);
    };
    const [first, last] = [await page(0), await page(count - 3)];
    assert.deepEqual([first.length, last.length, new Set([...first, ...last]).size], [40, 3, 43]);
  });
});

describe("a partial import", () => {
  const IMPORT = `${ADMIN}/partialImport`;
  const [ROLES, CLIENTS, USERS] = [340, 100, 60];
  const body = (description) => ({
    roles: { realm: times(ROLES, (number) => ({ name: `part-role-${number}`, description })) },
    clients: times(CLIENTS, (number) => ({
      clientId: `part-client-${number}`,
      name: description,
      redirectUris: ["https://part.example/cb"],
    })),
    users: times(USERS, (number) => ({
      username: `part-user-${number}`,
      email: `part-user-${number}@part.example`,
      firstName: description,
      lastName: "Part",
      enabled: true,
      realmRoles: [`part-role-${number}`],
      // A password takes a moment to hash.
      credentials: number < 4 ? credentials : undefined,
    })),
  });
  const counts = ({ added, skipped, overwritten, results }) => [added, skipped, overwritten, results.length];
  const seen = async () => {
    const user = (await read(`${ADMIN}/users?username=part-user-59&exact=true`))[0];
    const client = (await read(`${ADMIN}/clients?clientId=part-client-99`))[0];
    const role = await read(`${ADMIN}/roles/part-role-339`);
    return { user, client, role };
  };

  test(`takes ${MAX_IMPORT_ITEMS} things, fails on one that is there, skips and overwrites them`, async (t) => {
    const all = MAX_IMPORT_ITEMS;
    assert.deepEqual(counts(await took(t, IMPORT, body("first"))), [all, 0, 0, all]);
    const first = await seen();
    assert.deepEqual([first.user.firstName, first.client.name, first.role.description], Array(3).fill("first"));
    assert.equal(await read(`${ADMIN}/users/count?search=part-user`), USERS);
    const roles = await read(`${ADMIN}/users/${first.user.id}/role-mappings/realm`);
    assert.deepEqual(roles.map((role) => role.name), ["part-role-59"]);
    const app = await App.discover(server.url);
    await app.logIn(new Client(server.url), "openid", "part-user-3", PASSWORD);

    const failing = body("second");
    failing.roles.realm.unshift({ name: "part-role-new" });
    failing.roles.realm.splice(ROLES);
    const refused = await admin.post(IMPORT, failing);
    assert.equal(refused.status, 409, refused.text);
    assert.equal((await admin.get(`${ADMIN}/roles/part-role-new`)).status, 404, "nothing of it");
    assert.deepEqual(await seen(), first);

    const skipped = await took(t, IMPORT, { ...body("second"), ifResourceExists: "SKIP" });
    assert.deepEqual(counts(skipped), [0, all, 0, all]);
    assert.deepEqual(await seen(), first);

    const overwritten = await took(t, IMPORT, { ...body("third"), ifResourceExists: "OVERWRITE" });
    assert.deepEqual(counts(overwritten), [0, 0, all, all]);
    const third = await seen();
    assert.deepEqual([third.user.firstName, third.client.name, third.role.description], Array(3).fill("third"));
    assert.deepEqual([third.client.id, third.role.id], [first.client.id, first.role.id], "they keep their keys");
    assert.notEqual(third.user.id, first.user.id, "a user is made anew");
    assert.equal(await read(`${ADMIN}/users/count?search=part-user`), USERS);
    await app.logIn(new Client(server.url), "openid", "part-user-3", PASSWORD);
    const erasures = () => query(server.state, "SELECT user_id FROM user_erasure").length === 0;
    await eventually("the old ones are forgotten", erasures, 60_000);
  });

  test("names its limits", async () => {
    const things = await admin.post(IMPORT, { roles: { realm: times(MAX_IMPORT_ITEMS + 1, (n) => ({ name: `over-${n}` })) } });
    assert.equal(things.status, 400, things.text);
    assert.match(things.text, /500.*MAX_IMPORT_ITEMS/);
    const users = await admin.post(IMPORT, { users: times(MAX_IMPORT_USERS + 1, (n) => ({ username: `over-${n}` })) });
    assert.equal(users.status, 400, users.text);
    assert.match(users.text, /200.*MAX_IMPORT_USERS/);
    assert.equal((await admin.get(`${ADMIN}/roles/over-0`)).status, 404);
  });

  test("takes what a partial export gives, and finds everything there", async (t) => {
    const path = `${ADMIN}/partial-export?exportClients=true&exportGroupsAndRoles=true`;
    const out = await took(t, path);
    assert.equal(out.realm, "travel0");
    assert.ok(out.roles.realm.some((role) => role.name === "part-role-0"));
    const web = out.clients.find((client) => client.clientId === "travel0-web");
    assert.equal(web.secret, "**********");
    assert.ok(!JSON.stringify(out).includes("travel0-demo-client-secret"));

    const back = await took(t, IMPORT, { ...out, ifResourceExists: "SKIP" });

    assert.deepEqual([back.added, back.overwritten], [0, 0]);
    assert.ok(back.skipped >= ROLES + CLIENTS);
    assert.deepEqual(await took(t, path), out);
    const plain = (await admin.post(`${ADMIN}/partial-export`)).json;
    assert.deepEqual([plain.clients, plain.roles, plain.users], [undefined, undefined, undefined]);
  });
});

describe("a realm", () => {
  const whole = (realm, count) => ({
    realm,
    enabled: true,
    clients: [{ clientId: "shop", secret: "shop-secret", directAccessGrantsEnabled: true, redirectUris: ["https://shop.example/cb"] }],
    roles: {
      realm: [{ name: "guide" }, { name: "head guide", composites: { realm: ["guide"], client: { shop: ["seller"] } } }],
      client: { shop: [{ name: "seller" }] },
    },
    users: times(count, (number) => ({
      username: `person-${number}`,
      email: `person-${number}@made.example`,
      firstName: "Per",
      lastName: "Son",
      enabled: true,
      realmRoles: ["head guide"],
      credentials: number === 0 ? credentials : undefined,
    })),
  });

  test("is made with its clients, roles and people", async () => {
    await make("/admin/realms", whole("made", 40));

    assert.equal(await read("/admin/realms/made/users/count"), 40);
    const secrets = { client_id: "shop", client_secret: "shop-secret" };
    await token(server.url, { grant_type: "password", ...secrets, username: "person-0", password: PASSWORD }, "made");
    const [person] = await read("/admin/realms/made/users?username=person-0&exact=true");
    const [shop] = await read("/admin/realms/made/clients?clientId=shop");
    const roles = `/admin/realms/made/users/${person.id}/role-mappings`;
    const held = async (path) => (await read(`${roles}/${path}/composite`)).map((role) => role.name).sort();
    assert.deepEqual(await held("realm"), ["guide", "head guide"]);
    assert.deepEqual(await held(`clients/${shop.id}`), ["seller"]);
    assert.equal((await admin.post("/admin/realms", whole("made", 1))).status, 409);
  });

  test("is not made when anything of it cannot be", async () => {
    const bad = whole("unmade", 3);
    bad.users[2].realmRoles = ["nobody has it"];
    const answer = await admin.post("/admin/realms", bad);
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.text, /nobody has it/);
    assert.equal((await admin.get("/admin/realms/unmade")).status, 404);
    await make("/admin/realms", whole("unmade", 3));
  });
});

describe("a user profile", () => {
  const REALM_PATH = "/admin/realms/profiled";

  before(async () => {
    admin = await Api.admin(server.url);
    await make("/admin/realms", { realm: "profiled", enabled: true });
    const profile = await read(`${REALM_PATH}/users/profile`);
    delete profile.unmanagedAttributePolicy;
    profile.attributes.push({
      name: "badge",
      required: { roles: ["admin", "user"] },
      validations: { pattern: { pattern: "[A-Z]{2}[0-9]{4}" } },
      permissions: { view: ["admin", "user"], edit: ["admin"] },
    });
    const put = await admin.send("PUT", `${REALM_PATH}/users/profile`, { json: profile });
    assert.equal(put.status, 200, put.text);
  });

  const person = (username, badge) => ({
    username,
    email: `${username}@profiled.example`,
    firstName: "Pat",
    lastName: "Lee",
    enabled: true,
    attributes: { shoe: ["44"], ...(badge && { badge: [badge] }) },
  });

  test("is asked of whoever makes or changes a user", async () => {
    for (const badge of [undefined, "ab1234", "AB12345"]) {
      const refused = await admin.post(`${REALM_PATH}/users`, person("pat", badge));
      assert.deepEqual([refused.status, refused.json.field], [400, "badge"], refused.text);
    }
    await make(`${REALM_PATH}/users`, person("pat", "AB1234"));
    const [pat] = await read(`${REALM_PATH}/users?username=pat&exact=true`);
    assert.deepEqual(pat.attributes, { badge: ["AB1234"] }, "what is no field is passed over");
    const change = { ...pat, attributes: { badge: ["wrong"] } };
    assert.equal((await admin.send("PUT", `${REALM_PATH}/users/${pat.id}`, { json: change })).status, 400);
    assert.deepEqual((await read(`${REALM_PATH}/users/${pat.id}`)).attributes, { badge: ["AB1234"] });
  });

  test("is not asked of a document, but of who changes its people", async () => {
    const imported = await admin.post(`${REALM_PATH}/partialImport`, { users: [person("kim", "none")] });
    assert.equal(imported.status, 200, imported.text);
    const [kim] = await read(`${REALM_PATH}/users?username=kim&exact=true`);
    const put = (json) => admin.send("PUT", `${REALM_PATH}/users/${kim.id}`, { json });
    assert.equal((await put({ enabled: false })).status, 204);
    const refused = await put({ ...kim, firstName: "Kimmie" });
    assert.deepEqual([refused.status, refused.json.field], [400, "badge"], refused.text);
    assert.equal((await put({ ...kim, attributes: { badge: ["KI0001"] } })).status, 204);
  });

  test("that makes no sense is refused and changes nothing", async () => {
    const profile = await read(`${REALM_PATH}/users/profile`);
    const broken = structuredClone(profile);
    broken.attributes.at(-1).validations = { pattern: { pattern: "([" } };
    const answer = await admin.send("PUT", `${REALM_PATH}/users/profile`, { json: broken });
    assert.equal(answer.status, 400, answer.text);
    assert.deepEqual(await read(`${REALM_PATH}/users/profile`), profile);
  });
});
