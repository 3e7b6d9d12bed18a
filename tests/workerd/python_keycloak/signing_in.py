from urllib.parse import parse_qs, urlsplit

from world import PASSWORD, refused, step


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
        try:
            openid.public_key()
        except KeyError as missing:
            assert missing.args == ("public_key",), "a realm has several: they are in certs"
        else:
            raise AssertionError("a realm has one key")

    with step("people sign in, are told of, and sign out"):
        tokens = openid.token("ada", PASSWORD)
        claims = openid.decode_token(tokens["access_token"])
        assert (claims["iss"], claims["sub"]) == (issuer, user)
        assert openid.userinfo(tokens["access_token"])["email"] == "ada@rapids.example"
        with refused(401):
            openid.userinfo("no token")
        tokens = openid.refresh_token(tokens["refresh_token"])
        assert tokens["access_token"]
        # Not yet as in Keycloak, which ends the session of a refresh token with 204:
        # the answer is a page, and the session goes on.
        with refused(200):
            openid.logout(tokens["refresh_token"])
        assert openid.refresh_token(tokens["refresh_token"])["access_token"]

    with step("grants that are not there are refused"):
        token = openid.token("ada", PASSWORD)["access_token"]
        with refused(400):
            openid.exchange_token(token, audience="admin-cli")
        with refused(400):
            openid.uma_permissions(token, "boat#sail")
        with refused(400):
            openid.has_uma_access(token, "boat#sail")
    world.admin.delete_user(user)
