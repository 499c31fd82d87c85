"""The examples of the client's docstrings, against a real server: blocking, and awaited."""

import ast
import contextlib
import doctest
import io
from inspect import getdoc

import pytest

import keepsake_client
from keepsake.jobs import NewJob
from keepsake.memory import INGEST, MemoryScope
from keepsake_client import client as clients_module
from keepsake_client.admin import AdminCalls
from keepsake_client.client import ClientCalls
from keepsake_client.code import CodeCalls
from keepsake_client.handles import JobCalls
from keepsake_client.jobs import DeadLetterCalls, JobsCalls
from keepsake_client.memory import MemoryCalls, UserCalls
from keepsake_client.surfaces import Call
from tests.integration.client.conftest import Driven
from web.memory.turns import lane_of

RESOURCES = (AdminCalls, ClientCalls, CodeCalls, DeadLetterCalls, JobCalls, JobsCalls,
             MemoryCalls, UserCalls)  # fmt: skip
CALLS = {
    f"{resource.__name__}.{name}": call.__doc__ or ""
    for resource in RESOURCES
    for name, call in vars(resource).items()
    if isinstance(call, Call)
}
EXAMPLES = CALLS | {"Keepsake": getdoc(clients_module.Keepsake) or ""}


class Settled(ast.NodeTransformer):
    """Lets each call be ended by a function, `settled`."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return ast.Call(ast.Name("settled", ast.Load()), [node], [])


def told(source: str, names: dict[str, object]) -> str:
    """What an example shows: the value of an expression, as a prompt does."""
    tree = ast.parse(source, mode="single")
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(
            compile(ast.fix_missing_locations(Settled().visit(tree)), "<example>", "single"), names
        )
    return shown.getvalue()


@pytest.fixture
def arranged(request, client, engine, repo, dead):
    """What examples say is there, as far as one says so."""
    text = EXAMPLES[request.getfixturevalue("call")]
    names = {"repository": f"{repo.path.parent.name}/shop", "repository_url": repo.url}
    if "repositor" in text:
        client.code.scan(repo.url).result(60)
    if '"busy"' in text:  # an older job of this user is paused, so that others wait
        owner, about = "ann", MemoryScope("ann", "busy")
        payload = {"user_query": "I like sun.", "user_id": "busy"}
        accepted = engine.acceptance.accept(
            NewJob(type=INGEST.name, owner=owner, payload=payload, lane=lane_of(about))
        )
        engine.control.pause(owner, accepted.job.id, by=owner)
    if "dead_job_id" in text:
        names["dead_job_id"] = dead("I like figs.")
    return names


@pytest.fixture(params=["blocking", "awaited"])
def names(request, service, key, client, arranged):
    """What examples may use."""
    public = {name: getattr(keepsake_client, name) for name in keepsake_client.__all__}
    operator = key("root", role="operator")
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

    shown = [told(example.source, names) for example in examples]

    assert shown == [example.want for example in examples]


def test_every_call_has_an_example():
    assert [call for call, text in EXAMPLES.items() if ">>> " not in text] == []
