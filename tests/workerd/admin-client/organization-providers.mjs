import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { admin, names, refusal } from "./world.mjs";

const UNKNOWN = "Identity provider not found with the given alias";

describe("identity providers of an organization", () => {
  const alias = "paddle-sso";
  const kind = "oidc-hardcoded-group-idp-mapper";
  const domain = { name: "sso.paddlers.example", verified: false };
  let orgId;
  let elsewhere;

  before(async () => {
    ({ id: orgId } = await admin.organizations.create({ name: "sso-paddlers", domains: [domain] }));
    ({ id: elsewhere } = await admin.organizations.create({ name: "sso-divers" }));
    const config = { clientId: "paddles", clientSecret: "of paddles" };
    await admin.identityProviders.create({ alias, providerId: "oidc", enabled: true, config });
  });
  after(async () => {
    await admin.identityProviders.del({ alias });
    for (const id of [orgId, elsewhere]) await admin.organizations.delById({ id });
  });

  test("are linked and listed", async () => {
    const { organizations } = admin;
    assert.deepEqual(await organizations.listIdentityProviders({ orgId }), []);
    assert.deepEqual(await refusal(organizations.linkIdp({ orgId, alias: "nobody" })), [400, UNKNOWN]);
    await organizations.linkIdp({ orgId, alias });
    const again = await refusal(organizations.linkIdp({ orgId, alias }));
    assert.deepEqual(again, [409, "Identity provider already associated to the organization"]);
    const taken = await refusal(organizations.linkIdp({ orgId: elsewhere, alias }));
    assert.deepEqual(taken, [400, "Identity provider already associated with a different organization"]);

    const [listed] = await organizations.listIdentityProviders({ orgId });
    assert.deepEqual([listed.alias, listed.organizationId], [alias, orgId]);
    assert.equal(listed.config.clientSecret, "**********");
    const { organizationLinks } = await admin.identityProviders.findOne({ alias });
    assert.deepEqual(organizationLinks, [{ organizationId: orgId, autoMembership: true, membershipType: "UNMANAGED" }]);
    assert.deepEqual(await organizations.listIdentityProviders({ orgId: elsewhere }), []);
  });

  test("stay linked when an update sends back what was read", async () => {
    const provider = await admin.identityProviders.findOne({ alias });
    await admin.identityProviders.update({ alias }, { ...provider, displayName: "Paddle" });
    assert.deepEqual(names(await admin.organizations.listIdentityProviders({ orgId }), "displayName"), ["Paddle"]);
  });

  test("are where the people of a domain sign in", async () => {
    const leading = { ...domain, identityProviderAlias: alias, autoRedirect: false };
    const organization = await admin.organizations.findOne({ id: orgId });
    await admin.organizations.updateById({ id: orgId }, { ...organization, domains: [leading] });
    assert.deepEqual((await admin.organizations.findOne({ id: orgId })).domains, [leading]);
  });

  test("have mappers to groups of the organization", async () => {
    const { identityProviders } = admin;
    const config = { syncMode: "FORCE", group: "/Guides", groupType: "ORGANIZATION" };
    const mapper = { name: "guides", identityProviderAlias: alias, identityProviderMapper: kind, config };
    const { id } = await identityProviders.createMapper({ alias, identityProviderMapper: mapper });
    assert.deepEqual((await identityProviders.findOneMapper({ alias, id })).config, config);
    const other = { ...mapper, name: "other", config: { ...config, groupType: "OTHER" } };
    assert.equal((await refusal(identityProviders.createMapper({ alias, identityProviderMapper: other })))[0], 400);
    assert.deepEqual(names(await identityProviders.findMappers({ alias })), ["guides"]);
  });

  test("are unlinked, and stay with the realm", async () => {
    await admin.organizations.unLinkIdp({ orgId, alias });
    assert.deepEqual(await admin.organizations.listIdentityProviders({ orgId }), []);
    assert.deepEqual(await refusal(admin.organizations.unLinkIdp({ orgId, alias })), [404, UNKNOWN]);
    assert.equal((await admin.identityProviders.findOne({ alias })).organizationLinks, undefined);
    assert.deepEqual((await admin.organizations.findOne({ id: orgId })).domains, [domain]);
  });
});
