from world import names, refused, step


def realms(world):
    admin, realm = world.admin, world.realm
    with step("realms are made, changed and listed"):
        admin.create_realm({"realm": realm, "enabled": True, "displayName": "Rapids"})
        with refused(409):
            admin.create_realm({"realm": realm})
        admin.change_current_realm(realm)
        assert admin.get_current_realm() == realm
        assert admin.get_realm(realm)["displayName"] == "Rapids"
        admin.update_realm(realm, {"displayName": "Rapids and calm water"})
        assert "Rapids and calm water" in names(admin.get_realms(), "displayName")
        with refused(404):
            admin.get_realm("nowhere")

    with step("realms are made of documents"):
        other = f"{realm}-two"
        admin.import_realm({"realm": other, "enabled": True, "users": [{"username": "ada"}]})
        assert admin.get_realm(other)["enabled"] is True
        with refused(409):
            admin.import_realm({"realm": other})
        admin.delete_realm(other)
        with refused(404):
            admin.get_realm(other)

    with step("the server says what it is, and forgets its copies"):
        assert admin.get_server_info()["systemInfo"]["version"].startswith("26.")
        for forget in (admin.clear_keys_cache, admin.clear_realm_cache, admin.clear_user_cache):
            assert forget() == {}


def documents(world):
    admin, realm = world.admin, world.realm
    document = {
        "clients": [{"clientId": "boathouse", "secret": "of the boathouse"}],
        "roles": {"realm": [{"name": "guide"}]},
        "users": [{"username": "lise", "enabled": True, "realmRoles": ["guide"]}],
    }
    with step("documents bring clients, roles and people along, once"):
        imported = admin.partial_import_realm(realm, {**document, "ifResourceExists": "FAIL"})
        assert (imported["added"], imported["skipped"]) == (3, 0), imported
        with refused(409):
            admin.partial_import_realm(realm, {**document, "ifResourceExists": "FAIL"})
        skipped = admin.partial_import_realm(realm, {**document, "ifResourceExists": "SKIP"})
        assert (skipped["added"], skipped["skipped"]) == (0, 3), skipped

    with step("documents tell of a realm without its people and secrets"):
        exported = admin.export_realm(export_clients=True, export_groups_and_role=True)
        assert exported["realm"] == realm
        assert "boathouse" in {client["clientId"] for client in exported["clients"]}
        assert "guide" in {role["name"] for role in exported["roles"]["realm"]}
        assert "lise" not in str(exported) and "of the boathouse" not in str(exported)
        admin.delete_user(admin.get_user_id("lise"))
        admin.delete_client(admin.get_client_id("boathouse"))
        admin.delete_realm_role("guide")


def removal(world):
    admin, realm = world.admin, world.realm
    with step("a realm that is deleted is gone"):
        admin.change_current_realm("master")
        admin.delete_realm(realm)
        with refused(404):
            admin.get_realm(realm)
        with refused(404):
            world.openid().well_known()
