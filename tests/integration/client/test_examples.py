"""The examples of the client's docstrings, against a real server: blocking, and awaited."""

import ast
import contextlib
import doctest
import importlib
import inspect
import io
import pkgutil

import pytest

import keepsake_client
from keepsake.access import ALL_SCOPES, CONTENT
from keepsake_client import client as clients_module
from keepsake_client.surfaces import Call
from tests.integration.client.conftest import Driven

MODULES = [
    importlib.import_module(f"{keepsake_client.__name__}.{module.name}")
    for module in pkgutil.iter_modules(keepsake_client.__path__)
    if not module.ispkg
]
CALLS = {
    f"{resource.__name__}.{name}": call.__doc__ or ""
    for module in MODULES
    for resource in vars(module).values()
    if inspect.isclass(resource) and resource.__module__ == module.__name__
    for name, call in vars(resource).items()
    if isinstance(call, Call)
}
"""Every call of every module of the client: none is left out of a list."""
EXAMPLES = CALLS | {"Keepsake": inspect.getdoc(clients_module.Keepsake) or ""}


class Settled(ast.NodeTransformer):
    """Lets each call be ended by a function, `settled`."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return ast.Call(ast.Name("settled", ast.Load()), [node], [])


def printed(source: str, names: dict[str, object]) -> str:
    """What an example shows: the value of an expression, as a prompt does."""
    tree = ast.parse(source, mode="single")
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(
            compile(ast.fix_missing_locations(Settled().visit(tree)), "<example>", "single"), names
        )
    return shown.getvalue()


@pytest.fixture
def arranged(request, client, busy, dead, tmp_path):
    """What examples say is there, as far as one says so."""
    text, names = EXAMPLES[request.getfixturevalue("call")], {}
    if "repositor" in text:
        repo = request.getfixturevalue("repo")
        names |= {"repository": f"{repo.path.parent.name}/shop", "repository_url": repo.url}
        client.code.scan(repo.url).result(60)
    if "export_file" in text:
        names["export_file"] = tmp_path / "conversations.json"
        names["export_file"].write_text('[{"role": "user", "content": "I ski."}]')
    if '"busy"' in text:
        busy("ann", "busy")
    if "dead_job_id" in text:
        names["dead_job_id"] = dead("I like figs.")
    return names


@pytest.fixture(params=["blocking", "awaited"])
def names(request, service, key, client, arranged):
    """What examples may use."""
    public = {name: getattr(keepsake_client, name) for name in keepsake_client.__all__}
    operator = key("root", role="operator", scopes=(*ALL_SCOPES, CONTENT))
    if request.param == "blocking":
        acting = keepsake_client.Keepsake(service, operator)
        settled = {"client": client, "operator": acting, "settled": lambda given: given}
        yield {**public, **arranged, **settled}
        acting.close()
        return
    driven = Driven(service, key("ann"))
    acting = keepsake_client.AsyncKeepsake(service, operator)
    settled = {"client": driven.client, "operator": acting, "settled": driven.settled}
    yield {**public, **arranged, **settled}
    driven.settled(acting.close())
    driven.close()


@pytest.mark.parametrize("call", EXAMPLES)
def test_an_example_shows_what_happens(call, names):
    examples = doctest.DocTestParser().get_examples(EXAMPLES[call])

    shown = [printed(example.source, names) for example in examples]

    assert shown == [example.want for example in examples]


def test_every_call_has_an_example():
    assert [call for call, text in EXAMPLES.items() if ">>> " not in text] == []
