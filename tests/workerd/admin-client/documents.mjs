import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { admin, login, names, PASSWORD, REALM, refusal, tokens } from "./world.mjs";

const DOCUMENT = {
  clients: [{ clientId: "boathouse", secret: "of the boathouse", redirectUris: ["https://boathouse.example/callback"] }],
  roles: { realm: [{ name: "guide", description: "Guides" }], client: { boathouse: [{ name: "keeper", clientRole: true }] } },
  users: [{ username: "lise", enabled: true, realmRoles: ["guide"], clientRoles: { boathouse: ["keeper"] },
    credentials: [{ type: "password", value: PASSWORD }] }],
};

describe("documents", () => {
  test("bring clients, roles and people along, once", async () => {
    const rep = { ...DOCUMENT, ifResourceExists: "FAIL" };
    const imported = await admin.realms.partialImport({ realm: REALM, rep });
    assert.deepEqual([imported.added, imported.skipped], [4, 0], JSON.stringify(imported));
    assert.ok((await tokens(login("lise"))).access_token);
    assert.equal((await refusal(admin.realms.partialImport({ realm: REALM, rep })))[0], 409);
    const again = await admin.realms.partialImport({ realm: REALM, rep: { ...DOCUMENT, ifResourceExists: "SKIP" } });
    assert.deepEqual([again.added, again.skipped], [0, 4]);
  });

  test("tell of a realm without its people and secrets", async () => {
    const exported = await admin.realms.export({ realm: REALM, exportClients: true, exportGroupsAndRoles: true });
    assert.equal(exported.realm, REALM);
    const boathouse = exported.clients.find((client) => client.clientId === "boathouse");
    assert.equal(boathouse.secret, "**********");
    assert.ok(names(exported.roles.realm).includes("guide"));
    assert.ok(!JSON.stringify(exported).includes("lise"));
    const brief = await admin.realms.export({ realm: REALM, exportClients: false, exportGroupsAndRoles: false });
    assert.ok(!brief.clients?.length && !brief.roles?.realm?.length);
    assert.equal((await refusal(admin.realms.export({ realm: "nowhere" })))[0], 404);
  });

  test("bring what is deleted like everything else", async () => {
    const [[client], [lise]] = await Promise.all([admin.clients.find({ clientId: "boathouse" }), admin.users.find({ username: "lise" })]);
    assert.ok(names(await admin.users.listRealmRoleMappings({ id: lise.id })).includes("guide"));
    await admin.users.del({ id: lise.id });
    await admin.clients.del({ id: client.id });
    await admin.roles.delByName({ name: "guide" });
  });
});
