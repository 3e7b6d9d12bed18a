import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { admin, names, NOBODY, refusal } from "./world.mjs";

describe("organizations", () => {
  let river;

  test("are created, read, found and changed", async () => {
    const draft = {
      name: "River Runners",
      alias: "runners",
      description: "Rafts and kayaks",
      redirectUrl: "https://runners.example/in",
      domains: [{ name: "Runners.example", verified: false }],
      attributes: { plan: ["pro"] },
    };
    ({ id: river } = await admin.organizations.create(draft));
    const domains = [{ name: "runners.example", verified: false }];
    assert.deepEqual(await admin.organizations.findOne({ id: river }), { id: river, enabled: true, ...draft, domains });
    await admin.organizations.create({ name: "lakes" });

    assert.deepEqual(names(await admin.organizations.find()), ["River Runners", "lakes"]);
    const [found] = await admin.organizations.find({ search: "RUNNERS.EX" });
    assert.deepEqual([found.id, found.attributes], [river, undefined]);
    const [whole] = await admin.organizations.find({ q: "plan:pro", briefRepresentation: false });
    assert.deepEqual(whole.attributes, { plan: ["pro"] });
    assert.deepEqual(await admin.organizations.find({ search: "River", exact: true }), []);
    assert.deepEqual(names(await admin.organizations.find({ first: 1, max: 1 })), ["lakes"]);

    await admin.organizations.updateById({ id: river }, { ...draft, name: "Runners", enabled: false, attributes: undefined });
    const changed = await admin.organizations.findOne({ id: river });
    assert.deepEqual([changed.name, changed.enabled, changed.attributes], ["Runners", false, { plan: ["pro"] }]);
  });

  test("are refused in the words of Keycloak", async () => {
    const twice = await refusal(admin.organizations.create({ name: "lakes", alias: "other" }));
    assert.deepEqual(twice, [409, "A organization with the same name already exists."]);
    const slash = await refusal(admin.organizations.create({ name: "x", alias: "a/b" }));
    assert.deepEqual(slash, [400, "Character '/' not allowed."]);
    const renamed = await refusal(admin.organizations.updateById({ id: river }, { name: "Runners", alias: "new" }));
    assert.deepEqual(renamed, [400, "Cannot change the alias"]);
    const taken = await refusal(admin.organizations.create({ name: "x", domains: [{ name: "runners.example" }] }));
    assert.equal(taken[0], 400);
    assert.deepEqual(await refusal(admin.organizations.findOne({ id: NOBODY })), [404, "Organization not found."]);
  });

  test("are listed of whom belongs to them", async () => {
    const { id: user } = await admin.users.create({ username: "loner", enabled: true });
    assert.deepEqual(await admin.organizations.memberOrganizations({ userId: user }), []);
    await admin.users.del({ id: user });
  });

  test("are deleted", async () => {
    for (const { id } of await admin.organizations.find()) await admin.organizations.delById({ id });
    assert.deepEqual(await admin.organizations.find(), []);
    assert.deepEqual(await refusal(admin.organizations.delById({ id: river })), [404, "Organization not found."]);
  });
});
