"""python-keycloak against the built Worker, as a script of a product's team: all of
its calls that are answered here, each area in the realm of the one before.

Usage: python python_keycloak BASE_URL REPORT [async]

`async` calls the asynchronous half of the client. Prints a line per step and fails
at the first thing that is not as it should be. Writes to REPORT what the client
offers and what was asked, for operations.mjs.
"""

import json
import sys

import operations
from clients import client_sessions, clients, scope_mappings, scopes
from groups import groups
from organization_members import organization_members
from organization_providers import organization_providers
from organizations import organizations
from people import credentials, people
from providers import providers
from realms import documents, realms, removal
from roles import client_roles, role_mappings, roles
from settings import authentication, events, keys
from signing_in import signing_in
from world import World

AREAS = (
    realms,
    people,
    credentials,
    signing_in,
    clients,
    client_sessions,
    scopes,
    scope_mappings,
    roles,
    client_roles,
    role_mappings,
    groups,
    organizations,
    organization_members,
    organization_providers,
    providers,
    keys,
    authentication,
    documents,
    events,
    removal,
)


def main(url, report, *options):
    asynchronous = options == ("async",)
    requests = operations.record()
    world = World(url, "rapids-later" if asynchronous else "rapids", asynchronous)
    for area in AREAS:
        area(world)
    with open(report, "w") as file:
        json.dump({"offered": operations.offered(asynchronous), "requests": requests}, file)
    print("python-keycloak is served")


if __name__ == "__main__":
    main(*sys.argv[1:])
