import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { admin, names, refusal } from "./world.mjs";

const CERTIFICATE = new URL("../../fixtures/keys/rsa2048-1.crt", import.meta.url);

/** What `routes` answer, on a port of this machine. */
async function serve(routes) {
  const provider = createServer((request, response) => response.end(JSON.stringify(routes(provider.url)[request.url])));
  await new Promise((resolve) => provider.listen(0, "localhost", resolve));
  provider.url = `http://localhost:${provider.address().port}`;
  return provider;
}

describe("identity providers", () => {
  const alias = "upstream";
  let elsewhere;

  before(async () => {
    elsewhere = await serve((url) => ({
      "/.well-known/openid-configuration": { issuer: url, authorization_endpoint: `${url}/authorize`, token_endpoint: `${url}/token`, jwks_uri: `${url}/keys` },
      "/keys": { keys: [{ kty: "RSA" }] },
    }));
  });
  after(() => elsewhere.close());

  test("are created, read, changed and listed", async () => {
    const config = { clientId: "kayaks", clientSecret: "of kayaks", authorizationUrl: "https://idp.example/auth", tokenUrl: "https://idp.example/token" };
    assert.match((await admin.identityProviders.create({ alias, providerId: "oidc", enabled: true, config })).id, /upstream/);
    assert.equal((await refusal(admin.identityProviders.create({ alias, providerId: "oidc", config })))[0], 409);
    const provider = await admin.identityProviders.findOne({ alias });
    assert.equal(provider.config.clientSecret, "**********");
    await admin.identityProviders.update({ alias }, { ...provider, displayName: "Upstream" });
    assert.equal((await admin.identityProviders.find())[0].displayName, "Upstream");
  });

  test("have mappers of the kinds that they tell", async () => {
    const { identityProviders } = admin;
    const types = await identityProviders.findMapperTypes({ alias });
    const kind = "hardcoded-attribute-idp-mapper";
    assert.equal(types[kind].id, kind);
    const mapper = { name: "m", identityProviderAlias: alias, identityProviderMapper: kind, config: {} };
    const { id } = await identityProviders.createMapper({ alias, identityProviderMapper: mapper });
    await identityProviders.updateMapper({ alias, id }, { ...mapper, id, config: { attribute: "boat" } });
    assert.equal((await identityProviders.findOneMapper({ alias, id })).config.attribute, "boat");
    assert.deepEqual(names(await identityProviders.findMappers({ alias })), ["m"]);
    await identityProviders.delMapper({ alias, id });
    assert.equal(await identityProviders.findOneMapper({ alias, id }), null);
    assert.equal((await refusal(identityProviders.findMapperTypes({ alias: "nobody" })))[0], 404);
  });

  test("tell what only their kind takes", async () => {
    const kind = await admin.identityProviders.findFactory({ providerId: "microsoft" });
    assert.ok(names(kind.configProperties).includes("tenantId"));
    assert.equal((await refusal(admin.identityProviders.findFactory({ providerId: "carrier-pigeon" })))[0], 400);
  });

  test("are configured from what they publish", async () => {
    const fromUrl = `${elsewhere.url}/.well-known/openid-configuration`;
    const config = await admin.identityProviders.importFromUrl({ providerId: "oidc", fromUrl });
    assert.deepEqual([config.tokenUrl, config.jwksUrl], [`${elsewhere.url}/token`, `${elsewhere.url}/keys`]);
    assert.equal((await refusal(admin.identityProviders.importFromUrl({ providerId: "oidc", fromUrl: `${elsewhere.url}/keys` })))[0], 400);
  });

  test("have their keys read again", async () => {
    const { identityProviders } = admin;
    assert.equal(await identityProviders.reloadKeys({ alias }), false, "none are published");
    const provider = await identityProviders.findOne({ alias });
    const config = { ...provider.config, validateSignature: "true", useJwksUrl: "true", jwksUrl: `${elsewhere.url}/keys` };
    await identityProviders.update({ alias }, { ...provider, config });
    assert.equal(await identityProviders.reloadKeys({ alias }), true);
  });

  test("have certificates read for them", async () => {
    const form = new FormData();
    form.append("keystoreFormat", "Certificate PEM");
    form.append("file", new Blob([await readFile(CERTIFICATE)]), "idp.crt");
    const { certificate } = await admin.identityProviders.uploadCertificate({}, form);
    assert.match(certificate, /^MII[A-Za-z0-9+/=]+$/);
    form.set("file", new Blob(["no certificate"]), "idp.crt");
    assert.equal((await refusal(admin.identityProviders.uploadCertificate({}, form)))[0], 400);
  });

  test("are deleted", async () => {
    await admin.identityProviders.del({ alias });
    assert.equal(await admin.identityProviders.findOne({ alias }), null);
    assert.equal((await refusal(admin.identityProviders.del({ alias })))[0], 404);
  });
});
