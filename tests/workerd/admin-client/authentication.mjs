import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { admin, names, refusal } from "./world.mjs";

describe("required actions", () => {
  const alias = "VERIFY_EMAIL";
  const order = async () => (await admin.authenticationManagement.getRequiredActions()).map((action) => action.alias);

  test("are listed, changed and put in order", async () => {
    const { authenticationManagement } = admin;
    assert.deepEqual(await order(), ["VERIFY_EMAIL", "UPDATE_PASSWORD"]);
    const action = await authenticationManagement.getRequiredActionForAlias({ alias });
    await authenticationManagement.updateRequiredAction({ alias }, { ...action, defaultAction: true });
    assert.equal((await authenticationManagement.getRequiredActionForAlias({ alias })).defaultAction, true);
    await authenticationManagement.updateRequiredAction({ alias }, action);
    await authenticationManagement.lowerRequiredActionPriority({ alias });
    assert.deepEqual(await order(), ["UPDATE_PASSWORD", "VERIFY_EMAIL"]);
    await authenticationManagement.raiseRequiredActionPriority({ alias });
    assert.deepEqual(await order(), ["VERIFY_EMAIL", "UPDATE_PASSWORD"]);
    assert.equal(await authenticationManagement.getRequiredActionForAlias({ alias: "DANCE" }), null);
    assert.equal((await refusal(authenticationManagement.raiseRequiredActionPriority({ alias: "DANCE" })))[0], 404);
  });

  test("take no configuration", async () => {
    const { authenticationManagement } = admin;
    assert.deepEqual((await authenticationManagement.getRequiredActionConfigDescription({ alias })).properties, []);
    await authenticationManagement.updateRequiredActionConfig({ alias }, { config: {} });
    const config = { max_auth_age: "60" };
    assert.equal((await refusal(authenticationManagement.updateRequiredActionConfig({ alias }, { config })))[0], 400);
    await authenticationManagement.removeRequiredActionConfig({ alias });
    assert.deepEqual(await authenticationManagement.getRequiredActionConfig({ alias }), { config: {} });
  });

  test("are taken out and put back", async () => {
    const { authenticationManagement } = admin;
    await authenticationManagement.deleteRequiredAction({ alias });
    assert.deepEqual(await order(), ["UPDATE_PASSWORD"]);
    const [gone] = await authenticationManagement.getUnregisteredRequiredActions();
    assert.equal(gone.providerId, alias);
    await authenticationManagement.registerRequiredAction(gone);
    assert.deepEqual(await order(), ["UPDATE_PASSWORD", "VERIFY_EMAIL"]);
    assert.deepEqual(await authenticationManagement.getUnregisteredRequiredActions(), []);
    assert.equal((await refusal(authenticationManagement.registerRequiredAction(gone)))[0], 409);
  });
});

describe("flows", () => {
  test("are told with their steps", async () => {
    const { authenticationManagement } = admin;
    const flows = await authenticationManagement.getFlows();
    assert.deepEqual(names(flows, "alias"), ["browser", "clients", "direct grant", "first broker login"]);
    const browser = flows.find((flow) => flow.alias === "browser");
    assert.deepEqual(await authenticationManagement.getFlow({ flowId: browser.id }), browser);
    const steps = await authenticationManagement.getExecutions({ flow: "direct grant" });
    assert.deepEqual(names(steps, "providerId"), ["direct-grant-validate-password", "direct-grant-validate-username"]);
    assert.equal((await refusal(authenticationManagement.getFlow({ flowId: "nobody" })))[0], 404);
  });

  test("are made of what is there to ask people and clients", async () => {
    const { authenticationManagement } = admin;
    assert.ok(names(await authenticationManagement.getAuthenticatorProviders(), "id").includes("auth-cookie"));
    const ways = ["client-jwt", "client-secret", "client-secret-jwt"];
    assert.deepEqual(names(await authenticationManagement.getClientAuthenticatorProviders(), "id"), ways);
    assert.deepEqual(await authenticationManagement.getFormProviders(), []);
    assert.deepEqual(await authenticationManagement.getFormActionProviders(), []);
    const described = await authenticationManagement.getConfigDescription({ providerId: "auth-cookie" });
    assert.deepEqual([described.name, described.properties], ["Cookie", []]);
    assert.equal((await refusal(authenticationManagement.getConfigDescription({ providerId: "nobody" })))[0], 404);
  });
});
