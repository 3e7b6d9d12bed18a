"""The calls that python-keycloak offers, read from its source, and a recorder of
those that are made: `operations.mjs` compares the two."""

import ast
import functools
import inspect
from urllib.parse import unquote, urlsplit

import httpx
import requests
from keycloak import keycloak_admin, keycloak_openid, urls_patterns

MODULES = {"KeycloakAdmin": keycloak_admin, "KeycloakOpenID": keycloak_openid}
VERBS = {"raw_get": "GET", "raw_post": "POST", "raw_put": "PUT", "raw_delete": "DELETE"}


class Function:
    """What a method of the client names: verbs, addresses, and other methods."""

    def __init__(self, node):
        named = [one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)]
        named += [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]
        self.verbs = {VERBS[name.removeprefix("a_")] for name in named if name.removeprefix("a_") in VERBS}
        self.urls = {name for name in named if name.startswith("URL_")}
        self.calls = {
            one.attr
            for one in ast.walk(node)
            if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "self"
        } - {node.name}


def _functions(name):
    [of_class] = [
        node for node in ast.parse(inspect.getsource(MODULES[name])).body
        if isinstance(node, ast.ClassDef) and node.name == name
    ]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name: Function(node) for node in of_class.body if isinstance(node, kinds)}


def _is_private(name):
    return name.removeprefix("a_").startswith("_")


def _operations(functions, name):
    """What a method asks the server for: its own verbs, and those of methods that
    take the address from it, with its addresses; or else what the methods that it
    calls ask for."""
    function = functions[name]
    called = sorted(function.calls & functions.keys())
    lent = [functions[one].verbs for one in called if not functions[one].urls]
    verbs = function.verbs.union(*lent)
    if verbs and function.urls:
        return {f"{verb} /{getattr(urls_patterns, url)}" for verb in verbs for url in function.urls}
    return set().union(*(_operations(functions, one) for one in called))


def offered(asynchronous):
    """Each public method of the client, with the operations it makes."""
    calls = {}
    for of_class in MODULES:
        functions = _functions(of_class)
        for name in functions:
            if not _is_private(name) and name.startswith("a_") == asynchronous:
                calls[f"{of_class}.{name}"] = sorted(_operations(functions, name))
    return calls


# The call that is being made: the first that was entered.
_calls = []


def _witnessed(name, method):
    """`method`, known by `name` while it runs."""

    @functools.wraps(method)
    def call(*arguments, **options):
        _calls.append(name)
        try:
            return method(*arguments, **options)
        finally:
            _calls.pop()

    @functools.wraps(method)
    async def call_async(*arguments, **options):
        _calls.append(name)
        try:
            return await method(*arguments, **options)
        finally:
            _calls.pop()

    return call_async if inspect.iscoroutinefunction(method) else call


def record():
    """The list to which every request of the client is added from now on."""
    made = []

    def note(method, url, status):
        if _calls:
            path = unquote(urlsplit(str(url)).path)
            made.append({"call": _calls[0], "method": method, "path": path, "status": status})

    send, send_async = requests.Session.send, httpx.AsyncClient.send

    def witness(session, request, **options):
        answer = send(session, request, **options)
        note(request.method, request.url, answer.status_code)
        return answer

    async def witness_async(client, request, **options):
        answer = await send_async(client, request, **options)
        note(request.method, request.url, answer.status_code)
        return answer

    requests.Session.send, httpx.AsyncClient.send = witness, witness_async
    for name, module in MODULES.items():
        of_class = getattr(module, name)
        for method in _functions(name):
            if not _is_private(method) and inspect.isfunction(inspect.getattr_static(of_class, method)):
                setattr(of_class, method, _witnessed(f"{name}.{method}", getattr(of_class, method)))
    return made
