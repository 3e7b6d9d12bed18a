"""python-keycloak against the built Worker, as a script of a product's team.

Usage: python_keycloak.py BASE_URL. Prints a line per step and fails at the first
thing that is not as it should be.
"""

import sys
import time
from contextlib import contextmanager

from keycloak import KeycloakAdmin, KeycloakOpenID
from keycloak.exceptions import KeycloakError

REALM = "rapids"
PASSWORD = "four unrelated words"


@contextmanager
def step(name):
    print(f"... {name}", flush=True)
    yield


@contextmanager
def refused(status):
    try:
        yield
    except KeycloakError as error:
        assert error.response_code == status, f"{error.response_code} instead of {status}"
    else:
        raise AssertionError(f"not refused with {status}")


def names(items, key="name"):
    return sorted(item[key] for item in items)


def eventually(question, patience_s=20):
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError("it never came")


def main(url):
    admin = KeycloakAdmin(
        server_url=url, username="admin", password="admin", realm_name="master", user_realm_name="master"
    )

    with step("realms"):
        admin.create_realm({"realm": REALM, "enabled": True, "displayName": "Rapids"})
        with refused(409):
            admin.create_realm({"realm": REALM})
        admin.change_current_realm(REALM)
        assert admin.get_realm(REALM)["displayName"] == "Rapids"
        admin.update_realm(REALM, {"displayName": "Rapids and calm water"})
        assert "Rapids and calm water" in names(admin.get_realms(), "displayName")
        assert admin.get_keys()["keys"]

    with step("users"):
        user = admin.create_user(
            {
                "username": "ada",
                "email": "ada@rapids.example",
                "firstName": "Ada",
                "lastName": "Lovelace",
                "enabled": True,
                "attributes": {"team": ["sea"]},
                "credentials": [{"type": "password", "value": PASSWORD}],
            },
            exist_ok=False,
        )
        with refused(409):
            admin.create_user({"username": "ada"}, exist_ok=False)
        assert admin.create_user({"username": "ada"}, exist_ok=True) == user
        assert admin.get_user_id("ada") == user
        assert admin.get_user(user)["email"] == "ada@rapids.example"
        assert names(admin.get_users({"search": "love"}), "username") == ["ada"]
        assert admin.get_users({"search": "nobody"}) == []
        assert admin.users_count() == 1
        admin.update_user(user, {"firstName": "Augusta"})
        assert (admin.get_user(user)["firstName"], admin.get_user(user)["lastName"]) == ("Augusta", "Lovelace")
        with refused(404):
            admin.get_user("00000000-0000-4000-8000-000000000000")

    with step("passwords and sessions"):
        admin.set_user_password(user, "another four words", temporary=False)
        assert names(admin.get_credentials(user), "type") == ["password"]
        client = KeycloakOpenID(server_url=url, realm_name=REALM, client_id="admin-cli")
        with refused(401):
            client.token("ada", PASSWORD)
        token = client.token("ada", "another four words")
        assert client.refresh_token(token["refresh_token"])["access_token"]
        assert [session["userId"] for session in admin.get_sessions(user)] == [user]
        admin.user_logout(user)
        assert admin.get_sessions(user) == []
        admin.disable_user(user)
        with refused(401):
            client.token("ada", "another four words")
        admin.enable_user(user)

    with step("clients"):
        shop = admin.create_client(
            {
                "clientId": "shop",
                "secret": "the secret of the shop",
                "serviceAccountsEnabled": True,
                "redirectUris": ["https://shop.example/callback"],
            }
        )
        assert admin.get_client_id("shop") == shop
        assert admin.get_client(shop)["redirectUris"] == ["https://shop.example/callback"]
        admin.update_client(shop, {"name": "Shop"})
        assert admin.get_client(shop)["name"] == "Shop"
        assert admin.get_client_secrets(shop)["value"] == "the secret of the shop"
        secret = admin.generate_client_secrets(shop)["value"]
        service = KeycloakOpenID(server_url=url, realm_name=REALM, client_id="shop", client_secret_key=secret)
        assert service.token(grant_type="client_credentials")["access_token"]
        assert admin.get_client_service_account_user(shop)["username"] == "service-account-shop"
        assert "shop" in names(admin.get_clients(), "clientId")

    with step("roles"):
        admin.create_client_role(shop, {"name": "seller"})
        role = admin.get_client_role(shop, "seller")
        admin.assign_client_role(user, shop, [role])
        assert names(admin.get_client_roles_of_user(user, shop)) == ["seller"]
        assert names(admin.get_client_role_members(shop, "seller"), "username") == ["ada"]
        admin.delete_client_roles_of_user(user, shop, [role])
        assert admin.get_client_roles_of_user(user, shop) == []
        admin.create_realm_role({"name": "captain"})
        admin.create_realm_role({"name": "sailor"})
        admin.add_composite_realm_roles_to_role("captain", [admin.get_realm_role("sailor")])
        assert names(admin.get_composite_realm_roles_of_role("captain")) == ["sailor"]
        admin.assign_realm_roles(user, [admin.get_realm_role("captain")])
        assert "sailor" in names(admin.get_composite_realm_roles_of_user(user))
        assert "captain" not in names(admin.get_available_realm_roles_of_user(user))
        assert names(admin.get_realm_role_members("captain"), "username") == ["ada"]
        admin.delete_realm_roles_of_user(user, [admin.get_realm_role("captain")])
        admin.update_realm_role("captain", {"name": "captain", "description": "Leads"})
        assert admin.get_realm_role("captain")["description"] == "Leads"
        admin.delete_realm_role("captain")
        with refused(404):
            admin.get_realm_role("captain")

    with step("client scopes and mappers"):
        scope = admin.create_client_scope({"name": "fleet", "protocol": "openid-connect"})
        assert "fleet" in names(admin.get_client_scopes())
        mapper = {"name": "boats", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper"}
        admin.add_mapper_to_client_scope(scope, {**mapper, "config": {"claim.name": "boats"}})
        assert names(admin.get_mappers_from_client_scope(scope)) == ["boats"]
        admin.add_client_default_client_scope(shop, scope, {})
        assert "fleet" in names(admin.get_client_default_client_scopes(shop))
        admin.delete_client_default_client_scope(shop, scope)
        admin.add_default_optional_client_scope(scope)
        assert "fleet" in names(admin.get_default_optional_client_scopes())
        admin.delete_default_optional_client_scope(scope)
        admin.add_mapper_to_client(shop, {**mapper, "config": {}})
        assert "boats" in names(admin.get_mappers_from_client(shop))
        admin.delete_client_scope(scope)

    with step("identity providers"):
        admin.create_idp({"alias": "okta", "providerId": "oidc", "config": {"clientId": "rapids"}})
        assert names(admin.get_idps(), "alias") == ["okta"]
        admin.update_idp("okta", {**admin.get_idp("okta"), "displayName": "Okta"})
        assert admin.get_idp("okta")["displayName"] == "Okta"
        idp_mapper = {"name": "m", "identityProviderAlias": "okta", "identityProviderMapper": "hardcoded-attribute-idp-mapper"}
        admin.add_mapper_to_idp("okta", {**idp_mapper, "config": {}})
        assert names(admin.get_idp_mappers("okta")) == ["m"]
        admin.add_user_social_login(user, "okta", "00u1", "ada@okta.example")
        assert names(admin.get_user_social_logins(user), "userId") == ["00u1"]
        admin.delete_user_social_login(user, "okta")
        admin.delete_idp("okta")
        with refused(404):
            admin.get_idp("okta")

    with step("events"):
        deleted = {"resourceTypes": "IDENTITY_PROVIDER", "operationTypes": "DELETE"}
        assert eventually(lambda: admin.get_admin_events(deleted))[0]["resourcePath"].endswith("okta")

    with step("deletion"):
        admin.delete_client(shop)
        admin.delete_user(user)
        assert admin.users_count() == 0
        admin.change_current_realm("master")
        admin.delete_realm(REALM)
        with refused(404):
            admin.get_realm(REALM)

    print("python-keycloak is served")


if __name__ == "__main__":
    main(sys.argv[1])
