"""The public SCIM suites against one organization, which must be empty.

Usage: python scim_suites SUITE BASE_URL REPORT

SUITE is `scim2-tester` or `scim-sanity`; the credential is in the environment:
SCIM_TOKEN, or SCIM_USERNAME and SCIM_PASSWORD. What the suite found is written to
the file REPORT: a list of `{name, status, reason}`, the status in the suite's own
words. That a check failed is no failure of this program: who reads the report judges.
"""

import json
import os
import subprocess
import sys

from httpx2 import BasicAuth, Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server

TIMEOUT_SECONDS = 60


def environment(name):
    return os.environ.get(name, "")


def scim2_tester(url):
    if token := environment("SCIM_TOKEN"):
        client = Client(base_url=url, headers={"authorization": f"Bearer {token}"}, timeout=TIMEOUT_SECONDS)
    else:
        auth = BasicAuth(environment("SCIM_USERNAME"), environment("SCIM_PASSWORD"))
        client = Client(base_url=url, auth=auth, timeout=TIMEOUT_SECONDS)
    with client:
        # Strict: status codes, content types and every body against what is announced.
        results = check_server(SyncSCIMClient(client))
    return [
        {"name": f"{one.resource_type or 'service'}: {one.title}", "status": one.status.name, "reason": told(one)}
        for one in results
    ]


def told(result):
    """A check that failed shows what it saw, for it made it up and nobody can ask again."""
    if result.status.name == "SUCCESS":
        return result.reason
    return f"{result.reason} {result.data}"


def scim_sanity(url):
    if token := environment("SCIM_TOKEN"):
        credential = ["--token", token]
    else:
        credential = ["--username", environment("SCIM_USERNAME"), "--password", environment("SCIM_PASSWORD")]
    options = ["--strict", "--json-output", "--i-accept-side-effects", "--timeout", str(TIMEOUT_SECONDS)]
    command = [sys.executable, "-m", "scim_sanity", "probe", url, *credential, *options]
    run = subprocess.run(command, capture_output=True, text=True)
    try:
        results = json.loads(run.stdout)["results"]
    except (ValueError, KeyError):
        raise SystemExit(f"scim-sanity said {run.returncode}: {run.stdout} {run.stderr}")
    return [
        {"name": f"{one['phase']}: {one['name']}", "status": one["status"], "reason": one.get("message")}
        for one in results
    ]


SUITES = {"scim2-tester": scim2_tester, "scim-sanity": scim_sanity}


def main():
    suite, url, report = sys.argv[1:]
    results = SUITES[suite](url)
    with open(report, "w", encoding="utf-8") as file:
        json.dump(results, file)
    print(f"{suite} made {len(results)} checks")


main()
