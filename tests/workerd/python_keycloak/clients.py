from world import NOBODY, PASSWORD, eventually, find, names, refused, step

SECRET = "the secret of the shop"
PROTOCOL = "openid-connect"


def mapper(name):
    return {
        "name": name,
        "protocol": PROTOCOL,
        "protocolMapper": "oidc-hardcoded-claim-mapper",
        "config": {"claim.name": name},
    }


def clients(world):
    admin = world.admin
    with step("clients are made, found and changed"):
        payload = {
            "clientId": "shop",
            "secret": SECRET,
            "serviceAccountsEnabled": True,
            "redirectUris": ["https://shop.example/callback"],
        }
        shop = admin.create_client(payload)
        with refused(409):
            admin.create_client(payload)
        assert admin.create_client(payload, skip_exists=True) == shop
        assert admin.get_client_id("shop") == shop
        assert admin.get_client_id("nothing") is None
        assert admin.get_client(shop)["redirectUris"] == ["https://shop.example/callback"]
        admin.update_client(shop, {"name": "Shop"})
        assert admin.get_client(shop)["name"] == "Shop"
        assert "shop" in names(admin.get_clients(), "clientId")

    with step("clients show and renew their secret"):
        assert admin.get_client_secrets(shop)["value"] == SECRET
        secret = admin.generate_client_secrets(shop)["value"]
        assert world.openid("shop", secret).token(grant_type="client_credentials")["access_token"]
        with refused(401):
            world.openid("shop", SECRET).token(grant_type="client_credentials")
        assert admin.get_client_service_account_user(shop)["username"] == "service-account-shop"

    with step("clients register themselves with a token that is good for so many"):
        made = admin.create_initial_access_token(count=2, expiration=60)
        assert made["token"] and (made["count"], made["remainingCount"]) == (2, 2)

    with step("clients have mappers"):
        admin.add_mapper_to_client(shop, mapper("boats"))
        with refused(409):
            admin.add_mapper_to_client(shop, mapper("boats"))
        boats = find(admin.get_mappers_from_client(shop), "boats")
        admin.update_client_mapper(shop, boats["id"], {**boats, "config": {"claim.name": "ships"}})
        assert find(admin.get_mappers_from_client(shop), "boats")["config"]["claim.name"] == "ships"
        admin.remove_client_mapper(shop, boats["id"])
        assert "boats" not in names(admin.get_mappers_from_client(shop))
        with refused(404):
            admin.remove_client_mapper(shop, boats["id"])

    with step("clients have scopes, by default or when asked for"):
        scope = admin.create_client_scope({"name": "harbour", "protocol": PROTOCOL})
        for has, add, take_out in (
            (
                admin.get_client_default_client_scopes,
                admin.add_client_default_client_scope,
                admin.delete_client_default_client_scope,
            ),
            (
                admin.get_client_optional_client_scopes,
                admin.add_client_optional_client_scope,
                admin.delete_client_optional_client_scope,
            ),
        ):
            add(shop, scope, {})
            assert "harbour" in names(has(shop))
            take_out(shop, scope)
            assert "harbour" not in names(has(shop))
            with refused(404):
                add(shop, NOBODY, {})
        admin.delete_client_scope(scope)

    with step("clients are deleted"):
        admin.delete_client(shop)
        with refused(404):
            admin.get_client(shop)


def client_sessions(world):
    admin = world.admin
    with step("sessions of a client are listed a moment later"):
        user = admin.create_user(
            {"username": "mary", "enabled": True, "credentials": [{"type": "password", "value": PASSWORD}]}
        )
        session = world.openid().token("mary", PASSWORD)["session_state"]
        cli = admin.get_client_id("admin-cli")
        assert eventually(lambda: session in names(admin.get_client_all_sessions(cli), "id"))
        [stats] = [one for one in admin.get_client_sessions_stats() if one["id"] == cli]
        assert int(stats["active"]) >= 1
        with refused(404):
            admin.get_client_all_sessions(NOBODY)
        admin.delete_user(user)


def scopes(world):
    admin = world.admin
    with step("client scopes are made, found, changed and deleted"):
        payload = {"name": "fleet", "protocol": PROTOCOL}
        scope = admin.create_client_scope(payload)
        with refused(409):
            admin.create_client_scope(payload)
        assert admin.create_client_scope(payload, skip_exists=True) == scope
        assert "fleet" in names(admin.get_client_scopes())
        assert admin.get_client_scope_by_name("fleet")["id"] == scope
        admin.update_client_scope(scope, {**payload, "description": "Boats"})
        assert admin.get_client_scope(scope)["description"] == "Boats"

    with step("client scopes have mappers"):
        admin.add_mapper_to_client_scope(scope, mapper("boats"))
        [boats] = admin.get_mappers_from_client_scope(scope)
        admin.update_mapper_in_client_scope(scope, boats["id"], {**boats, "config": {"claim.name": "ships"}})
        assert admin.get_mappers_from_client_scope(scope)[0]["config"]["claim.name"] == "ships"
        admin.delete_mapper_from_client_scope(scope, boats["id"])
        assert admin.get_mappers_from_client_scope(scope) == []
        with refused(404):
            admin.delete_mapper_from_client_scope(scope, boats["id"])

    with step("client scopes are what new clients have"):
        for has, add, take_out in (
            (
                admin.get_default_default_client_scopes,
                admin.add_default_default_client_scope,
                admin.delete_default_default_client_scope,
            ),
            (
                admin.get_default_optional_client_scopes,
                admin.add_default_optional_client_scope,
                admin.delete_default_optional_client_scope,
            ),
        ):
            add(scope)
            assert "fleet" in names(has())
            take_out(scope)
            assert "fleet" not in names(has())
            with refused(404):
                add(NOBODY)
        admin.delete_client_scope(scope)
        with refused(404):
            admin.get_client_scope(scope)


def scope_mappings(world):
    admin = world.admin
    with step("roles are put into the scope of clients and client scopes"):
        narrow = admin.create_client({"clientId": "narrow", "fullScopeAllowed": False})
        depot = admin.create_client({"clientId": "depot"})
        scope = admin.create_client_scope({"name": "narrow", "protocol": PROTOCOL})
        admin.create_realm_role({"name": "sailor"})
        admin.create_client_role(depot, {"name": "porter"})
        sailor, porter = admin.get_realm_role("sailor"), admin.get_client_role(depot, "porter")

        admin.assign_realm_roles_to_client_scope(narrow, [sailor])
        assert names(admin.get_realm_roles_of_client_scope(narrow)) == ["sailor"]
        admin.assign_client_roles_to_client_scope(narrow, depot, [porter])
        assert names(admin.get_client_roles_of_client_scope(narrow, depot)) == ["porter"]
        admin.delete_realm_roles_of_client_scope(narrow, [sailor])
        assert admin.get_realm_roles_of_client_scope(narrow) == []
        admin.delete_client_roles_of_client_scope(narrow, depot, [porter])
        assert admin.get_client_roles_of_client_scope(narrow, depot) == []
        with refused(404):
            admin.assign_realm_roles_to_client_scope(narrow, [{"id": NOBODY, "name": "ghost"}])

        admin.add_client_specific_roles_to_client_scope(scope, depot, [porter])
        assert names(admin.get_client_specific_roles_of_client_scope(scope, depot)) == ["porter"]
        assert list(admin.get_all_roles_of_client_scope(scope)["clientMappings"]) == ["depot"]
        admin.remove_client_specific_roles_of_client_scope(scope, depot, [porter])
        assert admin.get_client_specific_roles_of_client_scope(scope, depot) == []
        assert admin.get_all_roles_of_client_scope(scope) == {}

        admin.delete_client(narrow)
        admin.delete_client(depot)
        admin.delete_client_scope(scope)
        admin.delete_realm_role("sailor")
