"""Roles and scopes, walked over every route that there is."""

from typing import Any

from fastapi.dependencies.models import Dependant

from keepsake.access.keys import ALL_SCOPES, Role
from tests.integration.web import routes
from web.edge import auth
from web.submission import submission_of

PUBLIC = {"/", "/health", "/healthz", "/readyz", "/problems", "/v2/scanner/hooks/{git_host}/{hook}"}
"""Without a key; what git hosts deliver is signed instead."""
ADMITTING = {auth.admitted, auth.admitted_in_outages, submission_of}
"""What checks key, rate and scope; the others ask the first."""


def needs(dependant: Dependant) -> list[Any]:
    """All that a route depends on."""
    return [dependant.call, *(need for below in dependant.dependencies for need in needs(below))]


def walked(wanted):
    return [(method, path) for method, path, _ in routes.ROUTES if wanted(method, path)]


ADMIN = walked(lambda _, path: path.startswith("/v1/admin") or path == "/metrics")
ACTS = walked(
    lambda method, path: method != "GET" and path.startswith(("/v1/admin", "/v1/dead-letters"))
)
GUARDED = walked(lambda _, path: path not in PUBLIC)
SCOPED = walked(lambda _, path: path not in PUBLIC and auth.scope_of(path) is not None)


def ask(client, method, path):
    names = {"job_id": "job_x", "key_id": "key_x", "worker_id": "w_x",
             "schedule_id": "sch_x", "hook_id": "hook_x", "webhook_id": "wh_x", "owner": "ann",
             "name": "keepsake.memory", "user_id": "u", "memory_id": "mem_x", "org": "o",
             "repo": "r"}  # fmt: skip
    return client.request(method, path.format(**names))


def test_whoever_may_act_is_checked_by_the_route_itself():
    unchecked = [
        f"{method} {path}"
        for method, path, route in routes.ROUTES
        if path not in PUBLIC and not ADMITTING & set(needs(route.dependant))
    ]
    acting = [
        f"{method} {path}"
        for method, path, route in routes.ROUTES
        if path.startswith("/v1/admin")
        and auth.operator not in needs(route.dependant)
        and method != "GET"
    ]

    assert unchecked == []
    assert acting == []


def test_an_owner_is_no_operator(alice):
    assert {(ask(alice, *route).status_code, *route) for route in ADMIN} == {
        (403, *route) for route in ADMIN
    }


def test_a_reading_operator_changes_nothing(clients, database):
    observer = clients("otto", role=Role.OPERATOR_READ_ONLY)

    refused = [ask(observer, *route) for route in ACTS]

    assert len(refused) > 5
    assert {answer.json()["type"] for answer in refused} == {"/problems#forbidden"}
    assert database["audit"].count_documents({}) == 0


def test_a_key_without_the_scope_of_a_route_is_refused(clients):
    lacking = {
        needed: clients("alice", scopes=[scope for scope in ALL_SCOPES if scope != needed])
        for needed in ALL_SCOPES
    }

    let_in = [
        (method, path)
        for method, path in SCOPED
        if ask(lacking[auth.scope_of(path)], method, path).status_code != 403
    ]

    assert let_in == []


def test_without_a_key_nothing_is_answered(clients):
    nobody = clients(None)

    assert {ask(nobody, *route).status_code for route in GUARDED} == {401}
