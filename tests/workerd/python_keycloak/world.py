"""What the areas share: the realm in which everything happens, and words for what
is expected."""

import asyncio
import time
from contextlib import contextmanager

from keycloak import KeycloakAdmin, KeycloakOpenID
from keycloak.exceptions import KeycloakError

PASSWORD = "four unrelated words"
ANOTHER = "another four words"
# The id of nobody and nothing.
NOBODY = "00000000-0000-4000-8000-000000000000"
PATIENCE_S = 20
PAUSE_S = 0.05


class Waiting:
    """A client of which the asynchronous methods are called, and waited for."""

    loop = asyncio.new_event_loop()

    def __init__(self, client):
        self.client = client

    def __getattr__(self, name):
        method = getattr(self.client, f"a_{name}", None)
        if method is None:
            return getattr(self.client, name)
        return lambda *arguments, **options: self.loop.run_until_complete(method(*arguments, **options))


class World:
    """The server, the realm's name, and which methods of the client are called."""

    def __init__(self, url, realm, asynchronous):
        self.url = url
        self.realm = realm
        self.of = Waiting if asynchronous else lambda client: client
        self.admin = self.of(
            KeycloakAdmin(server_url=url, username="admin", password="admin", realm_name="master", user_realm_name="master")
        )

    def openid(self, client_id="admin-cli", secret=None):
        client = KeycloakOpenID(
            server_url=self.url, realm_name=self.realm, client_id=client_id, client_secret_key=secret
        )
        return self.of(client)


@contextmanager
def step(name):
    print(f"... {name}", flush=True)
    yield


@contextmanager
def refused(status):
    try:
        yield
    except KeycloakError as error:
        assert error.response_code == status, f"{error.response_code} instead of {status}: {error}"
    else:
        raise AssertionError(f"not refused with {status}")


@contextmanager
def refused_grant():
    """A password is wrong, or the session of a refresh token is over."""
    try:
        yield
    except KeycloakError as error:
        assert b"invalid_grant" in error.response_body, error
    else:
        raise AssertionError("not refused")


def names(items, key="name"):
    return sorted(item[key] for item in items)


def find(items, name):
    [found] = [item for item in items if item["name"] == name]
    return found


def eventually(question):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(PAUSE_S)
    raise AssertionError("it never came")
