from world import PASSWORD, eventually, names, refused, refused_grant, step

KEYS = "org.keycloak.keys.KeyProvider"


def keys(world):
    admin = world.admin
    status = lambda key: [one["status"] for one in admin.get_keys()["keys"] if one["providerId"] == key]
    with step("keys are components"):
        payload = {"name": "spare", "providerId": "ecdsa-generated", "providerType": KEYS, "config": {"priority": ["1"]}}
        key = admin.create_component(payload)
        assert admin.get_component(key)["config"]["priority"] == ["1"]
        assert names(admin.get_components({"name": "spare"}), "id") == [key]
        admin.update_component(key, {**payload, "config": {"priority": ["1"], "enabled": ["false"]}})
        assert status(key) == ["DISABLED"]
        with refused(400):
            admin.create_component({**payload, "providerType": "something.else"})
        admin.delete_component(key)
        assert status(key) == []
        with refused(404):
            admin.get_component(key)


def authentication(world):
    admin = world.admin
    with step("required actions are listed and changed"):
        assert names(admin.get_required_actions(), "alias") == ["UPDATE_PASSWORD", "VERIFY_EMAIL"]
        action = admin.get_required_action_by_alias("VERIFY_EMAIL")
        admin.update_required_action("VERIFY_EMAIL", {**action, "defaultAction": True})
        assert admin.get_required_action_by_alias("VERIFY_EMAIL")["defaultAction"] is True
        admin.update_required_action("VERIFY_EMAIL", action)
        assert admin.get_required_action_by_alias("VERIFY_EMAIL") == action
        assert admin.get_required_action_by_alias("DANCE") is None
        with refused(404):
            admin.update_required_action("DANCE", action)

    with step("flows are told with their steps"):
        flows = admin.get_authentication_flows()
        [browser] = [flow for flow in flows if flow["alias"] == "browser"]
        assert admin.get_authentication_flow_for_id(browser["id"]) == browser
        cookie = admin.get_authentication_flow_executions("browser")[0]
        assert cookie["providerId"] == "auth-cookie"
        assert admin.get_authentication_flow_execution(cookie["id"])["authenticator"] == "auth-cookie"
        assert "auth-cookie" in names(admin.get_authenticator_providers(), "id")
        assert admin.get_authenticator_provider_config_description("auth-cookie")["properties"] == []
        with refused(404):
            admin.get_authentication_flow_for_id("nobody")


def events(world):
    admin = world.admin
    with step("events tell what administrators did"):
        user = admin.create_user({"username": "fleeting"})
        admin.delete_user(user)
        deleted = {"resourceTypes": "USER", "operationTypes": "DELETE"}
        paths = lambda: names(admin.get_admin_events(dict(deleted)), "resourcePath")
        assert eventually(lambda: f"users/{user}" in paths())

    with step("events tell what people did, where that is wanted"):
        assert admin.get_events() == []
        admin.set_events({"eventsEnabled": True, "adminEventsEnabled": True})
        user = admin.create_user(
            {"username": "rosalind", "enabled": True, "credentials": [{"type": "password", "value": PASSWORD}]}
        )
        with refused_grant():
            world.openid().token("rosalind", "wrong")
        [event] = eventually(lambda: admin.get_events({"type": "LOGIN_ERROR"}))
        assert (event["clientId"], event["error"]) == ("admin-cli", "invalid_user_credentials")
        with refused(400):
            admin.set_events({"enabledEventTypes": ["DANCE"]})
        admin.delete_user(user)
