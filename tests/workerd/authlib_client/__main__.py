"""Authlib against the built Worker, as the backend of a product's team would use it.

Usage: python authlib_client BASE_URL

Prints a line per step and fails at the first thing that is not as it should be.
"""

import html
import json
import re
import sys
from contextlib import contextmanager
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey, KeySet

REALM = "/realms/travel0"
CALLBACK = "http://localhost:3000/callback"
SECRET = "a secret of at least thirty-two bytes"
USERNAME, PASSWORD = "jonno", "travel0-demo"


@contextmanager
def step(name):
    print(f"... {name}", flush=True)
    yield


@contextmanager
def refused(error):
    try:
        yield
    except OAuthError as refusal:
        assert refusal.error == error, refusal
    else:
        raise AssertionError(f"not refused with {error}")


class World:
    """The server: what its discovery document says, and its administrator."""

    def __init__(self, url):
        self.url = url
        self.known = requests.get(f"{url}{REALM}/.well-known/openid-configuration").json()
        form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
        answer = requests.post(f"{url}/realms/master/protocol/openid-connect/token", data=form)
        self.admin = {"authorization": f"Bearer {answer.json()['access_token']}"}

    def register(self, client_id, **settings):
        client = {"clientId": client_id, "secret": SECRET, "redirectUris": [CALLBACK], **settings}
        made = requests.post(f"{self.url}/admin{REALM}/clients", json=client, headers=self.admin)
        assert made.status_code == 201, made.text

    def session(self, client_id, secret=SECRET, method="client_secret_basic"):
        return OAuth2Session(
            client_id,
            secret,
            scope="openid profile email",
            redirect_uri=CALLBACK,
            code_challenge_method="S256",
            token_endpoint=self.known["token_endpoint"],
            token_endpoint_auth_method=method,
            revocation_endpoint_auth_method=method,
        )

    def keys(self):
        return KeySet.import_key_set(requests.get(self.known["jwks_uri"]).json())


def attribute(tag, name):
    found = re.search(f' {name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""


def sign_in(url):
    """Where the browser of a person comes back to who signs in at `url`."""
    browser = requests.Session()
    page = browser.get(url)
    assert page.status_code == 200, page.text
    form = {attribute(tag, "name"): attribute(tag, "value") for tag in re.findall('<input type="hidden"[^>]*>', page.text)}
    action = attribute(re.search("<form[^>]*>", page.text)[0], "action")
    form |= {"username": USERNAME, "password": PASSWORD}
    # The cookies are `Secure`, and browsers trust localhost all the same.
    for cookie in browser.cookies:
        cookie.secure = False
    back = browser.post(urljoin(page.url, action), data=form, allow_redirects=False)
    assert back.status_code == 303, back.text
    return back.headers["location"]


def log_in(world, session):
    """The code flow with PKCE, and the claims of the ID token, which is not believed unseen."""
    verifier, nonce = generate_token(48), generate_token()
    url, state = session.create_authorization_url(
        world.known["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )
    answer = sign_in(url)
    assert parse_qs(urlsplit(answer).query)["iss"] == [world.known["issuer"]]
    tokens = session.fetch_token(authorization_response=answer, state=state, code_verifier=verifier)
    return tokens, believed(world, session, tokens, nonce)


def believed(world, session, tokens, nonce):
    token = jwt.decode(tokens["id_token"], world.keys(), algorithms=world.known["id_token_signing_alg_values_supported"])
    claims = CodeIDToken(
        token.claims,
        token.header,
        {"iss": {"essential": True, "value": world.known["issuer"]}},
        {"nonce": nonce, "client_id": session.client_id, "access_token": tokens["access_token"]},
    )
    claims.validate()
    return claims


def code_flow(world):
    world.register("authlib-web")
    session = world.session("authlib-web")
    with step("a person logs in, and the ID token is validated against the realm's keys"):
        tokens, claims = log_in(world, session)
        person = session.get(world.known["userinfo_endpoint"]).json()
        assert (person["sub"], person["preferred_username"]) == (claims["sub"], USERNAME)

    with step("a key that is not the realm's signs nothing"):
        try:
            jwt.decode(tokens["id_token"], ECKey.generate_key("P-256"), algorithms=["ES256"])
        except BadSignatureError:
            pass
        else:
            raise AssertionError("anybody could have signed it")

    with step("tokens are refreshed, each once"):
        refreshed = session.refresh_token(refresh_token=tokens["refresh_token"])
        assert refreshed["refresh_token"] != tokens["refresh_token"]
        assert introspected(world, session, refreshed["access_token"])["active"]

    with step("a token is introspected, and revoked"):
        known = introspected(world, session, refreshed["access_token"])
        assert (known["client_id"], known["sub"]) == ("authlib-web", claims["sub"])
        answer = session.revoke_token(
            world.known["revocation_endpoint"], refreshed["refresh_token"], "refresh_token"
        )
        assert answer.status_code == 200, answer.text
        for token in ("access_token", "refresh_token"):
            assert introspected(world, session, refreshed[token]) == {"active": False}
        with refused("invalid_grant"):
            session.refresh_token(refresh_token=refreshed["refresh_token"])


def introspected(world, session, token):
    answer = session.introspect_token(world.known["introspection_endpoint"], token)
    assert answer.status_code == 200, answer.text
    return answer.json()


def signed_assertions(world):
    key = ECKey.generate_key("P-256", {"kid": "authlib", "use": "sig", "alg": "ES256"})
    attributes = {
        "use.jwks.string": "true",
        "jwks.string": json.dumps(KeySet([key]).as_dict(private=False)),
        # Authlib's assertions live an hour.
        "token.endpoint.auth.signing.max.exp": "3600",
    }
    world.register("authlib-jwt", clientAuthenticatorType="client-jwt", attributes=attributes)

    def session(own_key):
        made = world.session("authlib-jwt", own_key, "private_key_jwt")
        made.register_client_auth_method(PrivateKeyJWT(headers={"kid": "authlib"}, alg="ES256"))
        return made

    with step("a client proves itself with a signed assertion"):
        mine = session(key)
        tokens, _ = log_in(world, mine)
        assert mine.refresh_token(refresh_token=tokens["refresh_token"])["access_token"]

    with step("and with no other key"), refused("invalid_client"):
        log_in(world, session(ECKey.generate_key("P-256")))


def main():
    world = World(sys.argv[1])
    for area in (code_flow, signed_assertions):
        area(world)
    print("Authlib is served")


main()
