// What schemathesis cannot read in the document: who calls, and what there is
// that a path can name.
import assert from "node:assert/strict";
import { Client } from "./harness.mjs";
import { Api, CALLBACK, CLIENT_SECRET, REALM, linkIn, mailTo, pathOf, token } from "./travel0.mjs";

const ADMIN = "/admin/realms/travel0";
export const SCIM_SECRET = "granite-okta-secret";
const KEY_PROVIDER = "org.keycloak.keys.KeyProvider";
const PASSWORD = "four unrelated words";
/** Longer than any run: nobody signs in again. */
const TOKEN_SECONDS = 7200;
/** How many there are of a kind to be read, as many to be changed, as many to be deleted. */
const COPIES = 3;

export const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
  "response_headers_conformance",
];

/** Makes things, with the rights of `api`. */
class Maker {
  constructor(url, api) {
    this.url = url;
    this.api = api;
  }

  /** Makes one thing and gives its id. */
  async one(path, body) {
    const answer = await this.api.post(path, body);
    assert.equal(answer.status, 201, `${path}: ${answer.text}`);
    return answer.location && pathOf(answer.location).split("/").at(-1);
  }

  /** Makes enough of a kind called `name`. */
  async kind(name, path, body) {
    const made = [];
    for (let number = 0; number < 3 * COPIES; number++) made.push(await this.one(path, body(number)));
    return inThirds(name, made);
  }

  async change(path, json) {
    const answer = await this.api.send("PUT", path, { json });
    assert.ok(answer.status < 300, `${path}: ${answer.text}`);
  }

  async read(path) {
    return (await this.api.get(path)).json;
  }
}

/** A list, a third of it to be read, a third to be changed, a third to be deleted. */
const inThirds = (name, list) => ({
  [name]: list.slice(0, COPIES),
  [`changed_${name}`]: list.slice(COPIES, 2 * COPIES),
  [`doomed_${name}`]: list.slice(2 * COPIES),
});

const allOf = (name, things) => [...things[name], ...things[`changed_${name}`], ...things[`doomed_${name}`]];

/**
 * Lists of names, by what they name: a variable of a path where a path says
 * nothing else (`MEANINGS`).
 */
export async function furnish(url) {
  await allowEverything(new Maker(url, await Api.admin(url)));
  const maker = new Maker(url, await Api.admin(url));
  const granite = await maker.api.org("granite-outpost");
  const people = await makePeople(maker, granite);
  return {
    ...(await maker.kind("realm", "/admin/realms", (n) => ({ realm: `realm-${n}`, enabled: true }))),
    realm: ["travel0"],
    spare_realm: [await maker.one("/admin/realms", { realm: "spare", enabled: true })],
    domain: ["granite-outpost.example"],
    protocol: ["openid-connect"],
    container: ["travel0"],
    kind: ["oidc"],
    resource: ["orgs"],
    admin: [maker.api.token],
    ...people,
    ...(await makeOrganizations(maker)),
    org: [granite.split("/").at(-1)],
    ...(await makeInvitations(maker, granite)),
    ...(await makeClients(maker)),
    ...(await makeRoles(maker, granite, people.user[0])),
    ...(await makeProviders(maker, granite)),
    ...(await makeScim(maker, granite)),
    ...(await makeGroups(maker, people.user[0])),
    ...(await makeOwnGroups(maker, granite)),
    ...(await makeOwnRoles(maker, granite)),
    ...(await makeComponents(maker)),
    format: ["JSON Web Key Set"],
    file: [JSON.stringify(await maker.read(`${REALM}/protocol/openid-connect/certs`))],
    ...(await findSteps(maker)),
  };
}

async function allowEverything(maker) {
  const [{ id }] = await maker.read("/admin/realms/master/users?username=admin&exact=true");
  // Where a mail goes that tests mail.
  await maker.change(`/admin/realms/master/users/${id}`, { email: "admin@mail.example" });
  for (const realm of ["/admin/realms/master", ADMIN]) await maker.change(realm, { accessTokenLifespan: TOKEN_SECONDS });
  await maker.change(`${REALM}/orgs/config`, { scimEnabled: true, multipleIdpsEnabled: true, sharedIdpsEnabled: true });
  await maker.change(`${ADMIN}/events/config`, { eventsEnabled: true });
}

/** Members of Granite Outpost, of whom the first is signed in, and strangers. */
async function makePeople(maker, granite) {
  const person = (kind) => (n) => ({ username: `${kind}-${n}`, email: `${kind}-${n}@mail.example`, emailVerified: true, enabled: true });
  const members = await maker.kind("user", `${ADMIN}/users`, person("member"));
  const seated = await maker.kind("org_user", `${ADMIN}/users`, person("seated"));
  for (const member of [...allOf("user", members), ...allOf("org_user", seated)]) await maker.change(`${granite}/members/${member}`);
  const [first, second] = members.user;
  const credentials = [];
  for (const user of [first, second]) {
    await maker.change(`${ADMIN}/users/${user}/reset-password`, { value: PASSWORD });
    const [credential] = await maker.read(`${ADMIN}/users/${user}/credentials`);
    credentials.push(credential.id);
  }
  await maker.one(`${ADMIN}/clients`, { clientId: "signs-in", publicClient: true, directAccessGrantsEnabled: true });
  const attributes = { "oauth2.device.authorization.grant.enabled": "true" };
  await maker.one(`${ADMIN}/clients`, { clientId: "asks-devices", publicClient: true, attributes });
  const form = { grant_type: "password", client_id: "signs-in", username: "member-0", password: PASSWORD, scope: "openid" };
  const sessions = [];
  for (let number = 0; number <= 3 * COPIES; number++) sessions.push(await token(maker.url, form));
  const [own, ...others] = sessions;
  return {
    ...members,
    ...seated,
    ...(await maker.kind("stranger", `${ADMIN}/users`, person("stranger"))),
    credential: credentials.slice(0, 1),
    second: [second],
    doomed_credential: credentials.slice(1),
    member: [own.access_token],
    ...inThirds("session", others.map((one) => one.session_state)),
  };
}

/** Organizations without SCIM, and others to be changed and deleted. */
async function makeOrganizations(maker) {
  const bare = await maker.kind("bare", `${REALM}/orgs`, (n) => ({ name: `bare-${n}` }));
  const scim = { auth: { type: "EXTERNAL_SECRET" } };
  for (const org of bare.doomed_bare) await maker.one(`${REALM}/orgs/${org}/scim`, scim);
  return {
    ...bare,
    ...(await maker.kind("org", `${REALM}/orgs`, (n) => ({ name: `org-${n}` }))),
    ...(await maker.kind("realm_org", `${ADMIN}/organizations`, (n) => ({ name: `realm-org-${n}` }))),
  };
}

/** Of others to Granite Outpost, and of the first member elsewhere; and links as mails have them. */
async function makeInvitations(maker, granite) {
  const mine = [];
  for (let number = 0; number < 3 * COPIES; number++) {
    const org = await maker.one(`${REALM}/orgs`, { name: `host-${number}` });
    mine.push(await maker.one(`${REALM}/orgs/${org}/invitations`, { email: "member-0@mail.example" }));
  }
  await maker.api.invite(granite, "ticket@mail.example");
  const ticket = new URL(linkIn(await mailTo(maker.url, "ticket@mail.example"))).searchParams.get("ticket");
  const link = await maker.api.post(`${await portal(maker)}/portal-link`);
  return {
    ...inThirds("mine", mine),
    ...(await maker.kind("invitation", `${granite}/invitations`, (n) => ({ email: `guest-${n}@mail.example` }))),
    ...(await maker.kind("org_invitation", `${granite}/invitations`, (n) => ({ email: `visitor-${n}@mail.example` }))),
    ticket: [ticket],
    key: [new URL(link.json.link).searchParams.get("key")],
  };
}

/** An organization that came with an administrator of its own. */
async function portal(maker) {
  return `${REALM}/orgs/${await maker.one(`${REALM}/orgs`, { name: "with-administrator" })}`;
}

async function makeClients(maker) {
  const mapper = (n) => ({ name: `mapper-${n}`, protocol: "openid-connect", protocolMapper: "oidc-hardcoded-claim-mapper" });
  const clients = await maker.kind("client", `${ADMIN}/clients`, (n) => ({ clientId: `client-${n}`, serviceAccountsEnabled: true }));
  const access = [];
  for (let number = 0; number < 3 * COPIES; number++) {
    const made = await maker.api.post(`${ADMIN}/clients-initial-access`, { count: 1, expiration: 3600 });
    access.push(made.json.id);
  }
  const scopes = await maker.kind("scope", `${ADMIN}/client-scopes`, (n) => ({ name: `scope-${n}`, protocol: "openid-connect" }));
  return {
    ...clients,
    ...scopes,
    ...inThirds("access", access),
    ...(await maker.kind("client_mapper", `${ADMIN}/clients/${clients.client[0]}/protocol-mappers/models`, mapper)),
    ...(await maker.kind("scope_mapper", `${ADMIN}/client-scopes/${scopes.scope[0]}/protocol-mappers/models`, mapper)),
  };
}

/** Roles of the same names in the realm, in a client and in the organization. */
async function makeRoles(maker, granite, holder) {
  const [client] = await maker.read(`${ADMIN}/clients?clientId=client-0`);
  const role = (n) => ({ name: `role-${n}` });
  const roles = await maker.kind("role", `${ADMIN}/roles`, role);
  for (const place of [`${ADMIN}/clients/${client.id}/roles`, `${granite}/roles`]) await maker.kind("role", place, role);
  await maker.change(`${granite}/roles/role-0/users/${holder}`);
  await maker.kind("by_id", `${ADMIN}/roles`, (n) => ({ name: `by-id-${n}` }));
  const idsOf = (list) => list.filter((one) => one.name.startsWith("by-id-")).map((one) => one.id);
  return {
    ...roles,
    ...inThirds("role_id", idsOf(await maker.read(`${ADMIN}/roles`))),
    client_role: (await maker.read(`${ADMIN}/clients/${client.id}/roles`)).map((one) => one.id),
  };
}

async function makeProviders(maker, granite) {
  const provider = (name) => (n) => ({ alias: `${name}-${n}`, providerId: "oidc" });
  const mapper = (n) => ({ name: `mapper-${n}`, identityProviderMapper: "hardcoded-attribute-idp-mapper" });
  const own = await maker.kind("own_alias", `${granite}/idps`, provider("own"));
  const aliases = await maker.kind("alias", `${ADMIN}/identity-provider/instances`, provider("idp"));
  const [first] = (await maker.read(`${ADMIN}/users?username=member-0`)).map((one) => one.id);
  const elsewhere = Array.from({ length: 3 * COPIES }, (_, n) => `elsewhere-${n}`);
  for (const alias of elsewhere) {
    const linked = await maker.api.post(`${ADMIN}/users/${first}/federated-identity/${alias}`, { userId: alias });
    assert.equal(linked.status, 204, linked.text);
  }
  return {
    ...own,
    ...aliases,
    unlinked_alias: allOf("own_alias", await maker.kind("own_alias", `${granite}/idps`, provider("unlinked"))),
    ...(await maker.kind("org_alias", `${granite}/idps`, provider("linked"))),
    ...inThirds("provider", elsewhere),
    new_provider: ["new-0", "new-1", "new-2"],
    ...(await maker.kind("own_mapper", `${granite}/idps/${own.own_alias[0]}/mappers`, mapper)),
    ...(await maker.kind("idp_mapper", `${ADMIN}/identity-provider/instances/${aliases.alias[0]}/mappers`, mapper)),
  };
}

async function makeScim(maker, granite) {
  await maker.one(`${granite}/scim`, { auth: { type: "EXTERNAL_SECRET", shared_secret: SCIM_SECRET } });
  const urns = Array.from({ length: 3 * COPIES }, (_, number) => `urn:example:n${number}`);
  for (const id of urns) await maker.change(`${granite}/scim/schemas/${id}`, { id, attributes: [{ name: "made" }] });
  const directory = new Maker(maker.url, new Api(maker.url, SCIM_SECRET));
  const users = `${granite.replace("/orgs/", "/scim/v2/organizations/")}/Users`;
  return {
    ...(await directory.kind("id", users, (n) => ({ userName: `pushed-${n}@mail.example` }))),
    ...(await directory.kind("pushed_group", users.replace(/Users$/, "Groups"), (n) => ({ displayName: `pushed-${n}` }))),
    ...inThirds("urn", urns),
    schema: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    type: ["User"],
  };
}

/** Of the realm, and a role of their own, which the first of them has. */
async function makeGroups(maker, member) {
  const groups = await maker.kind("group", `${ADMIN}/groups`, (n) => ({ name: `group-${n}` }));
  for (const group of groups.group) await maker.change(`${ADMIN}/users/${member}/groups/${group}`);
  return { ...groups, path: ["group-0"] };
}

/** Of Granite Outpost, with nobody in them. */
async function makeOwnGroups(maker, granite) {
  const path = `${ADMIN}/organizations/${granite.split("/").at(-1)}/groups`;
  const groups = await maker.kind("own_group", path, (n) => ({ name: `own-group-${n}` }));
  return { ...groups, own_path: ["own-group-0"] };
}

/** Of Granite Outpost, which nobody holds. */
async function makeOwnRoles(maker, granite) {
  const path = `${ADMIN}/organizations/${granite.split("/").at(-1)}/roles`;
  return maker.kind("own_role", path, (n) => ({ name: `own-role-${n}` }));
}

/** Keys, which are the components that there are. */
async function makeComponents(maker) {
  const kind = { providerType: KEY_PROVIDER, providerId: "ecdsa-generated" };
  const key = (n) => ({ name: `key-${n}`, ...kind, config: { priority: ["-1"] } });
  return maker.kind("component", `${ADMIN}/components`, key);
}

/** What a login consists of; one action is taken out, so that it can be brought back. */
async function findSteps(maker) {
  const path = `${ADMIN}/authentication`;
  const actions = (await maker.read(`${path}/required-actions`)).map((one) => one.alias);
  const gone = actions.pop();
  await maker.api.send("DELETE", `${path}/required-actions/${gone}`);
  const [flow] = await maker.read(`${path}/flows`);
  const steps = await maker.read(`${path}/flows/${encodeURIComponent(flow.alias)}/executions`);
  return {
    action: actions.slice(0, 1),
    unregistered_action: [gone],
    authenticator: (await maker.read(`${path}/authenticator-providers`)).slice(0, 1).map((one) => one.id),
    flow: [flow.id],
    flow_alias: [flow.alias],
    execution: steps.slice(0, 1).map((one) => one.id),
  };
}

/** What a name stands for where it is not what it says; later lines win. */
const MEANINGS = [
  // Who renames, switches off or deletes the realm under test, or its SCIM, ends the test.
  [/^PUT \/realms\/{realm}\/orgs\/config$/, { "path.realm": "spare_realm" }],
  [/^(POST|GET) .*\/orgs\/{org}\/scim$/, { "path.org": "bare" }],
  [/^PUT .*\/orgs\/{org}\/scim$/, { "path.org": "bare" }],
  [/^POST .*\/orgs\/{org}\/scim\/rotate$/, { "path.org": "bare" }],
  [/^DELETE .*\/orgs\/{org}\/scim$/, { "path.org": "doomed_bare" }],
  [/^PUT .*\/users\/profile$/, { "path.realm": "spare_realm" }],
  [/\/portal-link$/, { "path.org": "bare" }],
  // So does who ends the session of the caller.
  [/^DELETE .*\/required-actions\/{action}$/, { "path.realm": "spare_realm" }],
  [/\/logout-all$/, { "path.realm": "spare_realm" }],
  [/\/users\/{user}\/(logout|reset-password)$/, { "path.user": "stranger" }],
  [/^PUT \/admin.*\/users\/{user}$/, { "path.user": "changed_stranger" }],
  [/^DELETE \/admin.*\/users\/{user}$/, { "path.user": "doomed_stranger" }],
  [/\/orgs\/me\/invitations\/{invitation}$/, { "path.invitation": "mine" }],
  [/^DELETE .*\/orgs\/me\/invitations\/{invitation}$/, { "path.invitation": "doomed_mine" }],
  [/\/credentials\/{credential}\/moveAfter/, { "path.previous": "credential" }],
  [/^DELETE .*\/credentials\/{credential}$/, { "path.user": "second" }],
  [/^POST .*\/federated-identity\/{provider}$/, { "path.provider": "new_provider" }],
  [/^DELETE .*-client-scopes\/{scope}$/, { "path.scope": "scope" }],
  [/^DELETE .*\/roles\/{role}\/users\/{user}$/, { "path.user": "user" }],
  [/\/role-mappings\/clients\/{client}$/, { "path.client": "first_client" }],
  [/\/clients\/{target}/, { "path.target": "first_client" }],
  [/\/(default-groups|users\/{user}\/groups)\/{group}$/, { "path.group": "group" }],
  // Who sits in a group already does not sit down again.
  [/^PUT .*\/groups\/{group}\/members\/{user}$/, { "path.group": "changed_own_group", "path.user": "user" }],
  [/^DELETE .*\/groups\/{group}\/members\/{user}$/, { "path.group": "own_group", "path.user": "user" }],
  [/\/flows\/{flow}\/executions$/, { "path.flow": "flow_alias" }],
  [/\/evaluate-scopes\/generate-example/, { "query.userId": "user" }],
  [/\/upload-certificate$/, { "body.keystoreFormat": "format", "body.file": "file" }],
  [/\/register-required-action$/, { "body.providerId": "unregistered_action" }],
  [/\/Groups\/{id}$/, { "path.id": "pushed_group" }],
  [/\/Schemas\/{id}$/, { "path.id": "schema" }],
  [/\/ResourceTypes\/{id}$/, { "path.id": "type" }],
  [/\/idps\/{alias}\/unlink$/, { "path.alias": "unlinked_alias" }],
  [/\/idps\/link$/, { "body.alias": "alias" }],
  [/\/switch-organization$/, { "body.id": "org" }],
  [/\/members\/invite-existing-user$/, { "body.id": "stranger" }],
  [/\/composites$|\/(role|scope)-mappings\/realm$/, { "body.[*].id": "role_id" }],
  [/\/(role|scope)-mappings\/clients\/{(client|target)}$/, { "body.[*].id": "client_role" }],
  [/\/organizations\/{org}\/.*role-mappings\/organization$/, { "body.[*].id": "own_role" }],
  // No role includes itself.
  [/\/organizations\/{org}\/roles\/{role_id}\/composites$/, { "path.role_id": "changed_own_role", "body.[*].id": "own_role" }],
  [/\/organizations\/{org}\/members\/{user}\/(role-mappings|effective)/, { "path.user": "user" }],
  [/^GET .*\/login-actions\/invitation$/, { "query.ticket": "ticket" }],
  [/^POST .*\/login-actions\/invitation$/, { "body.ticket": "ticket" }],
  [/^GET .*\/login-actions\/action-token$/, { "query.key": "key" }],
];

/** Variables whose names mean several things, and by which part of the path. */
const KINDS = [
  ["mapper", /\/clients\/{client}\//, "client_mapper"],
  ["mapper", /\/client-scopes\/{scope}\//, "scope_mapper"],
  ["mapper", /\/idps\/{alias}\//, "own_mapper"],
  ["mapper", /\/instances\/{alias}\//, "idp_mapper"],
  ["alias", /\/idps\/{alias}/, "own_alias"],
  ["alias", /\/organizations\/{org}\//, "org_alias"],
  ["user", /\/organizations\/{org}\//, "org_user"],
  ["invitation", /\/organizations\/{org}\//, "org_invitation"],
  ["group", /\/organizations\/{org}\//, "own_group"],
  ["role_id", /\/organizations\/{org}\//, "own_role"],
  ["path", /\/organizations\/{org}\//, "own_path"],
  ["org", /\/organizations\/{org}$/, "realm_org"],
  ["id", /\/clients-initial-access\//, "access"],
];

/** An authorization request that is answered with the login page. */
const ASKED = {
  client_id: "travel0-web",
  redirect_uri: CALLBACK,
  response_type: "code",
  response_mode: "query",
  code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  code_challenge_method: "S256",
};

/** `values` as they are called in `place`. */
const inside = (place, values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [`${place}.${name}`, value]));

/** What nobody would guess. */
const VALUES = [
  [/^GET .*\/openid-connect\/auth$/, inside("query", ASKED)],
  [/^POST .*\/openid-connect\/auth$/, inside("body", ASKED)],
  [/\/ext\/par\/request$/, inside("body", { ...ASKED, client_secret: CLIENT_SECRET })],
  [/\/(token\/introspect|revoke)$/, inside("body", { client_id: "travel0-machine", client_secret: CLIENT_SECRET, token: "none" })],
  [/\/members\/invite-user$/, { "body.email": "asked@mail.example" }],
  [/\/auth\/device$/, inside("body", { client_id: "asks-devices" })],
  [/\/clients-registrations\/openid-connect$/, { "body.redirect_uris": ["https://newcomer.example/cb"] }],
  [/\/openid-connect\/token$/, inside("body", { client_id: "travel0-machine", client_secret: CLIENT_SECRET, grant_type: "client_credentials" })],
  [/^GET .*\/action-token$/, { "query.client_id": "idp-wizard" }],
  [/\/(Users|Groups)\/{id}$/, { "header.If-Match": "*" }],
  [/\/evaluate-scopes\//, { "query.scope": "openid" }],
  [/\/sub-component-types$/, { "query.type": KEY_PROVIDER }],
  [/^PUT .*({realm}|{org})\/groups\/{group}$/, { "body.name": "renamed" }],
  // The alias of an organization that may be changed: it never does.
  [/^PUT .*\/organizations\/{org}$/, inside("body", { name: "renamed", alias: `realm-org-${COPIES}` })],
  [/^POST .*\/idps$/, inside("body", { alias: "made", providerId: "oidc" })],
  [/^POST .*\/identity-provider\/instances$/, inside("body", { alias: "made-of-realm", providerId: "oidc" })],
  [/^PUT .*\/mappers\/{mapper}$/, inside("body", { name: "renamed", identityProviderMapper: "hardcoded-attribute-idp-mapper" })],
  [/^POST .*\/models$/, inside("body", { name: "made", protocol: "openid-connect", protocolMapper: "oidc-hardcoded-claim-mapper" })],
];

/** Operations that speak of the caller, who must be a person of the realm. */
const OF_MEMBER = /\/orgs\/me|\/account\/organizations$|\/users\/(switch|active)-organization|\/userinfo$/;

/**
 * How far a run goes: its first phases, and how many requests the fuzzing makes of
 * an operation. A busy machine with two processors answers fifteen a second.
 */
export const BRIEF = { first: "examples", examples: 2 };
export const FULL = { first: "examples,coverage", examples: 20 };

/** Without what answers tell: `master` is among it, and the administrator would lose their roles. */
const PHASES = [
  "[phases.examples]",
  "extra-data-sources.responses = false",
  // Operations without an example are tried, too.
  "fill-missing = true",
  "[phases.coverage]",
  "extra-data-sources.responses = false",
  // One method that a path does not have tells as much as all of them.
  'unexpected-methods = ["PATCH"]',
  "[phases.fuzzing]",
  "extra-data-sources.responses = false",
];

/**
 * Paths of handlers that answer other paths too: those are tried at the bounds,
 * these by example and, without a body in a full run only, by chance.
 */
const TWINS =
  /^POST \/admin\/realms$|\/clients\/{client}\/(roles|protocol-mappers|scope-mappings)|\/roles-by-id\/|\/role-mappings\/clients\/|\/groups\/{group}\/role-mappings/;

/**
 * Bodies of so many members that each takes hundreds of requests: whoever makes
 * a thing tries what is wrong with each member, and whoever changes it what is right.
 */
const WIDE = /\/(partialImport|orgs\/import|users\/profile|realms\/{realm}|(clients|client-scopes|users|instances|idps|Users)(\/{\w+})?)$/;

/** What is tried at the bounds of the schemas; everything else is all of it. */
function coverage(name, operation) {
  const isBare = !operation.requestBody && !operation.parameters;
  if (TWINS.test(name)) return ["phases.coverage.enabled = false"];
  // The path is given, so there is nothing to do wrong.
  if (isBare || (WIDE.test(name) && name.startsWith("PUT"))) return ['phases.coverage.generation.mode = "positive"'];
  return WIDE.test(name) && name.startsWith("POST") ? ['phases.coverage.generation.mode = "negative"'] : [];
}

/** How often fuzzing names something that is there; else the name is made up. */
const THERE = 0.8;

const text = JSON.stringify;

/**
 * The configuration of a run of schemathesis: for each operation, who calls and
 * what it names: in each phase but fuzzing the first of a list, since these know
 * no dictionaries.
 */
export function configure(document, things, phase, extent) {
  const lines = [
    "seed = 1",
    "color = false",
    "continue-on-failure = true",
    "[generation]",
    "deterministic = true",
    'database = "none"',
    "no-shrink = true",
    // Everybody calls with what the operations below say.
    "with-security-parameters = false",
    `max-examples = ${extent.examples}`,
    ...PHASES,
    "[checks]",
    "enabled = false",
    ...CHECKS.map((check) => `${check}.enabled = true`),
  ];
  const lists = { ...things };
  for (const [name, list] of Object.entries(things)) lists[`first_${name}`] = list.slice(0, 1);
  for (const [name, list] of Object.entries(lists)) lines.push(`[dictionaries.${name}]`, `values = ${text(list)}`);
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (method !== "parameters") lines.push(...configured(`${method.toUpperCase()} ${path}`, operation, lists, phase, extent));
    }
  }
  return lines.join("\n") + "\n";
}

/** What is not asked of an answer that may be empty. */
const UNCHECKED = ["content_type_conformance", "response_schema_conformance"].map((check) => `checks.${check}.enabled = false`);

function configured(name, operation, lists, phase, extent) {
  const lines = ["[[operations]]", `include-operation-id = ${text(operation.operationId)}`];
  const [credential] = operation.security.map((one) => Object.keys(one)[0]);
  const caller = { token: lists[OF_MEMBER.test(name) ? "member" : "admin"][0], scimSecret: SCIM_SECRET }[credential];
  if (caller) lines.push(`headers = { Authorization = ${text(`Bearer ${caller}`)} }`);
  // OpenAPI has no word for an answer that may also be empty.
  if (Object.values(operation.responses).some((response) => response["x-may-be-empty"])) lines.push(...UNCHECKED);
  lines.push(...coverage(name, operation));
  if (extent === BRIEF && TWINS.test(name) && !operation.requestBody) lines.push("phases.fuzzing.enabled = false");
  lines.push("[operations.parameters]");
  for (const [key, list] of Object.entries(meaningsOf(name, lists))) {
    const dictionary = `{ dictionary = ${text(list)}, probability = ${THERE} }`;
    lines.push(`${text(key)} = ${phase === "fuzzing" ? dictionary : text(lists[list][0])}`);
  }
  const known = VALUES.filter(([where]) => where.test(name)).flatMap(([, values]) => Object.entries(values));
  for (const [key, value] of known) lines.push(`${text(key)} = ${text(value)}`);
  return lines;
}

/** Which list each name of an operation takes its values from. */
function meaningsOf(name, lists) {
  const meanings = {};
  for (const [, variable] of name.matchAll(/{(\w+)}/g)) {
    const kind = KINDS.find(([one, where]) => one === variable && where.test(name))?.[2] ?? variable;
    meanings[`path.${variable}`] = name.endsWith(`{${variable}}`) ? ofKind(kind, name, lists) : `first_${kind}`;
  }
  return Object.assign(meanings, ...MEANINGS.filter(([where]) => where.test(name)).map(([, special]) => special));
}

/** What an operation is about is one that it may change or delete. */
function ofKind(kind, name, lists) {
  const list = { PUT: `changed_${kind}`, DELETE: `doomed_${kind}` }[name.split(" ")[0]] ?? kind;
  return list in lists ? list : kind;
}
