"""The Python client has a call for every route of its versions, and asks for none that is not."""

import re
from contextlib import suppress
from inspect import Parameter, isasyncgen, signature

import pytest

from keepsake_client import JobFilter
from keepsake_client.admin import AsyncAdmin
from keepsake_client.admin_jobs import AsyncAdminJobs
from keepsake_client.client import ClientCalls
from keepsake_client.code import AsyncCode
from keepsake_client.handles import AsyncJob
from keepsake_client.jobs import AsyncDeadLetters, AsyncJobs, as_it_is
from keepsake_client.memory import AsyncMemories
from keepsake_client.models.jobs import JobInfo
from keepsake_client.session import Request, Session
from keepsake_client.surfaces import Call, ended
from keepsake_client.users import AsyncUsers
from keepsake_client.webhooks import AsyncWebhooks

ENDED = JobInfo.model_validate({
    "job_id": "job_1", "type": "any", "status": "succeeded", "revision": 1, "result_url": "/",
    "created_at": "2026-01-31T00:00:00Z", "updated_at": "2026-01-31T00:00:00Z",
})  # fmt: skip
CLIENTS_OWN = re.compile(
    r"/v2/(memory|scanner)/|/v2/(usage$|webhooks)|/v1/(jobs|dead-letters|admin|console)\b|/readyz$"
)
"""The routes that the client is for; the others keep XMem's contract, or are for machines."""

ANOTHER_CALL = {
    "GET /readyz", "GET /v2/usage", "POST /v1/console/links",
    "POST /v2/scanner/hooks/{git_host}/{hook}",
    "POST /v1/jobs/{job_id}:replay", "POST /v1/jobs/{job_id}:discard",
}  # fmt: skip
"""The client's own `ready`, `usage` and `console_link`, and what `dead_letters` asks by another
route; what git hosts deliver."""


class Asked(Exception):
    """A call has asked for something."""


class Recording(Session):
    """Notes what is asked for, and gives nothing."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    async def answer(self, request: Request, *, stream: bool = False):
        self.requests.append(request)
        raise Asked


async def tried(call) -> None:
    """Make a call with something for each parameter that it needs."""
    needed = [
        JobFilter() if "JobFilter" in str(parameter.annotation) else "a/b"
        for parameter in signature(call).parameters.values()
        if parameter.default is Parameter.empty
    ]
    given = [[{"user_query": "I ski."}]] if call.__name__ == "add_many" else needed
    asking = call(*given)
    await (anext(asking) if isasyncgen(asking) else asking)


@pytest.fixture(scope="module")
def asked():
    """What the calls of the client ask for: methods and paths."""
    session = Recording()
    parts = [kind(session) for kind in (AsyncAdmin, AsyncAdminJobs, AsyncCode, AsyncDeadLetters,
                                        AsyncJobs, AsyncMemories, AsyncUsers,
                                        AsyncWebhooks)]  # fmt: skip
    for part in (*parts, AsyncJob(session, ENDED, as_it_is)):
        for name in dir(part):
            if isinstance(_described(type(part), name), Call):
                with suppress(Asked):
                    ended(tried(getattr(part, name)))
    return {(request.method, request.path) for request in session.requests}


def _described(kind: type, name: str) -> object:
    return next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)


def fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/:]+", re.escape(template)), path) is not None


def test_every_route_of_the_clients_versions_has_a_call(document, asked):
    routes = [
        (method.upper(), template)
        for template, item in document["paths"].items()
        for method in item
        if CLIENTS_OWN.match(template)
    ]
    missing = [
        f"{method} {template}"
        for method, template in routes
        if not any(method == sent and fits(template, path) for sent, path in asked)
    ]

    assert len(routes) > 45
    assert set(missing) == ANOTHER_CALL
    assert isinstance(vars(ClientCalls)["ready"], Call)
    assert isinstance(vars(ClientCalls)["console_link"], Call)


def test_no_call_asks_for_what_is_not_served(document, asked):
    served = [
        (method.upper(), template)
        for template, item in document["paths"].items()
        for method in item
    ]

    assert [
        request
        for request in sorted(asked)
        if not any(request[0] == method and fits(t, request[1]) for method, t in served)
    ] == []
