"""OpenAPI 3.1, complete by construction.

FastAPI knows parameters, bodies and the types of good answers. What else a route can answer follows
from these: a key, a body, an id or an idempotency key bring their failures along. A route declares
the rest with `fails` and `carries`. Unit tests walk the document, and every answer that the
integration tests see is held against it.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.routing import Route

from web.job_views import sse_events
from web.openapi import failures, try_it
from web.openapi.declared import HEADERS, METHODS, PROBLEMS, REQUEST_ID, WORD, reference
from web.openapi.descriptions import describe
from web.openapi.examples import exemplify, illustrate, show_parameter
from web.openapi.page import rendered
from web.openapi.parameters import PARAMETERS
from web.openapi.texts import DESCRIPTION, TAGS, described, summary

_LIMITED = ("RateLimit", "RateLimit-Policy")
_LINKS = {
    "JobView": ("job_id", "/job_id", (
        "jobs_read", "jobs_result", "jobs_items", "jobs_attempts", "jobs_logs", "events_of_job",
        "jobs_effects", "jobs_undo", "jobs_cancel", "jobs_pause", "jobs_resume", "jobs_erase",
    )),
    "MadeKey": ("key_id", "/about/key_id", ("admin_revoke_key",)),
}  # fmt: skip
"""By what an answer is: the id it tells, where, and the operations that take it."""
_SUBMITTED = {
    "200": ("Location", "Idempotency-Replayed", "Preference-Applied"),
    "202": ("Location", "Idempotency-Replayed", "Preference-Applied", "Retry-After"),
}
_NAMES = {"listed": "list", "healthz": "alive", "readyz": "ready"}
_PARAMETER = re.compile(r"\\\{\w+\\\}")


class DocumentedApi(FastAPI):
    """A FastAPI application whose document says all that its routes can answer."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            description=DESCRIPTION,
            openapi_tags=TAGS,
            generate_unique_id_function=operation_id,
            # It would export paths and queries, which name users (`keepsake.telemetry`).
            telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
            **options,
        )
        self._making = threading.Lock()
        self._completed: dict[str, Any] | None = None
        self._allowed: Allowed | None = None
        self._encoded: bytes | None = None
        self.router.routes[:0] = [
            Route("/openapi.json", self._served, include_in_schema=False),
            Route("/docs", self._shown, include_in_schema=False),
            *try_it.routes(),
        ]

    def openapi(self) -> dict[str, Any]:
        """The document; made once."""
        with self._making:
            if self._completed is None:
                self._completed = complete(self._made())
        return self._completed

    def _made(self) -> dict[str, Any]:
        """FastAPI's document.

        It looks fields up by identity in a cache. The first request of a route may fill that at the
        same moment with fields of its own; the next look finds those.
        """
        try:
            return super().openapi()
        except KeyError:
            return super().openapi()

    def _served(self, _: Request) -> Response:
        """The document as JSON, off the event loop: making it takes half a second."""
        if self._encoded is None:
            self._encoded = json.dumps(self.openapi()).encode()
        return Response(self._encoded, media_type="application/json")

    def _shown(self, _: Request) -> Response:
        document = self.openapi()
        return HTMLResponse(rendered(document, operations(document)))

    def allowed(self, path: str) -> str:
        """The methods that a path serves."""
        if self._allowed is None:
            self._allowed = Allowed(self.openapi())
        return self._allowed.methods(path)


def operation_id(route: APIRoute) -> str:
    """`jobs_cancel`: the tag and the function, as generated clients name their methods."""
    tag = str(route.tags[0]) if route.tags else "service"
    name = _NAMES.get(route.name, route.name)
    again = "_v2" if route.path.startswith("/v2/jobs") else ""
    words = tag.replace("(", "").replace(")", "").split()
    return "_".join([*words, name]) + again


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation, of all."""
    for path, item in document["paths"].items():
        yield from ((path, method, item[method]) for method in item if method in METHODS)


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """The document with what all routes share."""
    document = spelt_out(document)
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(failures.SCHEMAS, **sse_events.SCHEMAS)
    describe(schemas)
    illustrate(schemas)
    document["components"]["headers"] = HEADERS
    document["servers"] = [{"url": "/"}]
    for path, _, operation in operations(document):
        operation["summary"] = summary(operation.get("description", ""))
        operation.setdefault("security", [])
        for parameter in operation.get("parameters", ()):
            parameter.setdefault("description", PARAMETERS.get(parameter["name"], ""))
            parameter["schema"] = _sent(parameter["schema"])
            show_parameter(parameter, operation["operationId"])
        _complete_responses(path, operation, schemas)
        exemplify(operation.get("requestBody", {}), schemas)
        operation["parameters"] = [*operation.get("parameters", ()), REQUEST_ID]
    return document


def _sent(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema when it is sent: absent it may be, null it cannot be."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    return {**kinds[0], **{name: said for name, said in schema.items() if name != "anyOf"}}


def _complete_responses(path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    if "HTTPValidationError" in str(operation["responses"].get("422")):
        del operation["responses"]["422"]
    failed = failures.responses(path, operation, schemas)
    good = {
        status: response
        for status, response in operation["responses"].items()
        if status not in failed or _is_more(response)
    }
    if any(parameter["name"] == "Prefer" for parameter in operation.get("parameters", ())):
        good["200"] = deepcopy(good["202"])
        for status, names in _SUBMITTED.items():
            good[status]["headers"] = {name: reference(name) for name in names}
    for status, response in good.items():
        _describe(status, response, schemas)
        exemplify(response, schemas, operation["operationId"], status)
    everything = {**failed, **good}
    for response in everything.values():
        headers = response.setdefault("headers", {})
        headers["X-Request-ID"] = reference("X-Request-ID")
        if operation["security"]:
            headers.update({name: reference(name) for name in _LIMITED})
    operation["responses"] = dict(sorted(everything.items()))


def _is_more(response: dict[str, Any]) -> bool:
    """Whether a route says itself what an answer of a failure's status holds."""
    return "content" in response and PROBLEMS not in response


def _describe(status: str, response: dict[str, Any], schemas: dict[str, Any]) -> None:
    response["description"] = described(status, response, schemas)
    for content in response.get("content", {}).values():
        name = content.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
        if name in _LINKS:
            response["links"] = _links(*_LINKS[name])


def _links(parameter: str, place: str, targets: tuple[str, ...]) -> dict[str, Any]:
    taken = {parameter: f"$response.body#{place}"}
    return {target: {"operationId": target, "parameters": taken} for target in targets}


class Allowed:
    """Looked up when a method is refused: a router names those of one of its routes only."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._paths = [
            (re.compile(_PARAMETER.sub("[^/]+", re.escape(path))), _literal(path), item)
            for path, item in document["paths"].items()
        ]

    def methods(self, path: str) -> str:
        """The value of `Allow` (RFC 9110, 10.2.1), by the most literal path that fits."""
        fitting = [(literal, item) for form, literal, item in self._paths if form.fullmatch(path)]
        _, item = max(fitting, key=lambda candidate: candidate[0], default=(0, {}))
        return ", ".join(sorted(method.upper() for method in METHODS & item.keys()))


def _literal(path: str) -> int:
    return len(re.sub(r"\{\w+\}", "", path))


def spelt_out(node: Any) -> Any:
    """A part of the document with its patterns in words that all readers read alike."""
    if isinstance(node, list):
        return [spelt_out(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    spelt = {name: spelt_out(inner) for name, inner in node.items()}
    if isinstance(spelt.get("pattern"), str):
        spelt["pattern"] = spelt["pattern"].replace(r"\w", WORD)
    if "patternProperties" in spelt:
        entries = spelt["patternProperties"].items()
        spelt["patternProperties"] = {
            pattern.replace(r"\w", WORD): entry for pattern, entry in entries
        }
    return spelt
