import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { admin, names, NOBODY, REALM, refusal } from "./world.mjs";

const KEYS = "org.keycloak.keys.KeyProvider";

describe("keys, which are components,", () => {
  const status = async (id) => {
    const { keys } = await admin.realms.getKeys({ realm: REALM });
    return keys.find((key) => key.providerId === id)?.status;
  };

  test("are made, listed, put aside and deleted", async () => {
    const { components } = admin;
    const component = { name: "spare", providerId: "ecdsa-generated", providerType: KEYS, config: { priority: ["1"] } };
    const { id } = await components.create(component);
    assert.deepEqual((await components.findOne({ id })).config.priority, ["1"]);
    assert.deepEqual(names(await components.find({ name: "spare" }), "id"), [id]);
    assert.equal(await status(id), "PASSIVE", "it does not sign before everybody knows it");
    await components.update({ id }, { ...component, config: { priority: ["1"], enabled: ["false"] } });
    assert.equal(await status(id), "DISABLED");
    await components.del({ id });
    assert.equal(await components.findOne({ id }), null);
    assert.equal(await status(id), undefined);
    assert.equal((await refusal(components.create({ ...component, providerType: "something.else" })))[0], 400);
  });

  test("are of a few kinds", async () => {
    const [{ id }] = await admin.components.find({ type: KEYS });
    const kinds = await admin.components.listSubComponents({ id, type: KEYS });
    assert.deepEqual(names(kinds, "id"), ["ecdsa-generated", "eddsa-generated", "rsa-generated"]);
    assert.equal((await refusal(admin.components.listSubComponents({ id: NOBODY, type: KEYS })))[0], 404);
  });
});
