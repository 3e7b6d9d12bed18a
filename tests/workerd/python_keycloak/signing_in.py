import base64
import json
import tempfile
from urllib.parse import parse_qs, urlsplit

from world import PASSWORD, refused, refused_grant, step

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
RULE = {"logic": "POSITIVE", "decisionStrategy": "UNANIMOUS"}
# What the client decides by itself, from the roles in a token.
MAY_SAIL = {
    "name": "may sail",
    "type": "role",
    "config": {"roles": json.dumps([{"id": "kiosk/sailor", "required": False}])},
    **RULE,
}
SAILING = {
    "name": "sailing",
    "type": "scope",
    "config": {"scopes": '["sail"]', "applyPolicies": '["may sail"]', "resources": '["boat"]'},
    **RULE,
}


def signing_in(world):
    openid = world.openid()
    user = world.admin.create_user(
        {
            "username": "ada",
            "email": "ada@rapids.example",
            "firstName": "Ada",
            "lastName": "Lovelace",
            "enabled": True,
            "credentials": [{"type": "password", "value": PASSWORD}],
        }
    )
    with step("the issuer describes itself"):
        issuer = f"{world.url}/realms/{world.realm}"
        known = openid.well_known()
        assert known["issuer"] == issuer
        assert openid.certs()["keys"]
        asked = urlsplit(openid.auth_url("https://shop.example/callback", scope="openid", state="s"))
        assert f"{asked.scheme}://{asked.netloc}{asked.path}" == known["authorization_endpoint"]
        assert parse_qs(asked.query)["client_id"] == ["admin-cli"]
        assert base64.b64decode(openid.public_key(), validate=True)[:1] == b"\x30", "a sequence"

    with step("people sign in, are told of, and sign out"):
        tokens = openid.token("ada", PASSWORD)
        claims = openid.decode_token(tokens["access_token"])
        assert (claims["iss"], claims["sub"]) == (issuer, user)
        assert openid.userinfo(tokens["access_token"])["email"] == "ada@rapids.example"
        with refused(401):
            openid.userinfo("no token")
        tokens = openid.refresh_token(tokens["refresh_token"])
        assert tokens["access_token"]
        openid.logout(tokens["refresh_token"])
        with refused_grant():
            openid.refresh_token(tokens["refresh_token"])

    with step("a client with a secret asks about tokens, and a device for some"):
        registered = world.admin.create_client(
            {
                "clientId": "kiosk",
                "publicClient": False,
                "secret": "kiosk secret",
                "directAccessGrantsEnabled": True,
                "attributes": {
                    "oauth2.device.authorization.grant.enabled": "true",
                    "standard.token.exchange.enabled": "true",
                    "standard.token.exchange.enableRefreshRequestedTokenType": "SAME_SESSION",
                },
            }
        )
        kiosk = world.openid("kiosk", "kiosk secret")
        token = openid.token("ada", PASSWORD)["access_token"]
        told = kiosk.introspect(token)
        assert (told["active"], told["sub"], told["username"]) == (True, user, "ada")
        assert kiosk.introspect("no token") == {"active": False}
        with refused(403):
            openid.introspect(token)
        asked = kiosk.device("openid")
        assert asked["verification_uri"] == f"{issuer}/device"
        assert asked["user_code"] and asked["device_code"] and asked["interval"] > 0
        with refused(400):
            kiosk.token(grant_type="urn:ietf:params:oauth:grant-type:device_code", code=asked["device_code"])
        with tempfile.NamedTemporaryFile("w", suffix=".json") as settings:
            json.dump({"policies": [MAY_SAIL, SAILING]}, settings)
            settings.flush()
            kiosk.load_authorization_config(settings.name)
        world.admin.create_client_role(registered, {"name": "sailor"})
        world.admin.assign_client_role(user, registered, [world.admin.get_client_role(registered, "sailor")])
        own = kiosk.token("ada", PASSWORD)["access_token"]
        # Without a word on the type it asks for a refresh token.
        exchanged = kiosk.exchange_token(own, subject_token_type=ACCESS_TOKEN)
        assert exchanged["issued_token_type"].endswith(":refresh_token")
        assert kiosk.refresh_token(exchanged["refresh_token"])["access_token"]
        for way in ("introspect", "decode"):
            assert [policy.name for policy in kiosk.get_policies(own, method_token_info=way)] == ["may sail"]
            assert [one.name for one in kiosk.get_permissions(own, method_token_info=way)] == ["sailing"]
        world.admin.delete_client(registered)

    with step("grants that are not there are refused"):
        token = openid.token("ada", PASSWORD)["access_token"]
        with refused(400):
            openid.exchange_token(token, audience="admin-cli")
        with refused(400):
            openid.uma_permissions(token, "boat#sail")
        with refused(400):
            openid.has_uma_access(token, "boat#sail")
    world.admin.delete_user(user)
