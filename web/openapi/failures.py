"""Problems as responses: which an operation can answer with, and what they look like."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from web.edge.replies import ENVELOPED, V1_SCANNER
from web.openapi import values
from web.openapi.declared import PROBLEMS, reference
from web.problems import KINDS, TYPES

_NOT_FOUND = {
    "job_id": "job-not-found",
    "schedule_id": "schedule-not-found",
    "hook_id": "hook-not-found",
    "memory_id": "memory-not-found",
    "webhook_id": "webhook-not-found",
    "key_id": "key-not-found",
    "worker_id": "worker-not-found",
    "org": "not-indexed",
}
Fault = dict[str, str]
_COME_BACK = frozenset({409, 429, 503})
SCHEMAS: dict[str, dict[str, Any]] = {
    "Problem": {
        "title": "Problem",
        "description": "Why there is no better answer (RFC 9457); `GET /problems` lists the types.",
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": False,
        "properties": {
            "type": {"type": "string", "format": "uri-reference", "description": "Stable"},
            "title": {"type": "string", "description": "The status in words"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "What is wrong here, for people"},
            "errors": {
                "type": "array",
                "maxItems": 20,
                "items": {"$ref": "#/components/schemas/Fault"},
            },
            "more": {"type": "integer", "description": "Further faults, which `errors` leaves out"},
            "position": {
                "type": "integer",
                "description": "Where the body stops being JSON, or a query cannot be read",
            },
            "expected": {"type": "string", "description": "What a query may have there"},
            "state": {"type": "string", "description": "Where the job or dead letter stands"},
            "possible": {"type": "array", "items": {"type": "string"}},
            "job_id": {"type": "string", "description": "The job that the key stands for"},
            "job_ids": {"type": "array", "items": {"type": "string"}},
            "needed": {"type": "string", "description": "The scope that the key lacks"},
            "reason": {
                "type": "string",
                "description": "Why a git host gives no repository, or why a file was not read",
            },
            "hosts": {"type": "array", "items": {"type": "string"}},
            "owners": {"type": "array", "items": {"type": "string"}},
            "organisations": {"type": "array", "items": {"type": "string"}},
            "limit": {"type": "integer", "description": "Unfinished jobs that are allowed"},
            "limit_bytes": {
                "type": "integer",
                "description": "The largest body, or how much the owner may store",
            },
            "stored_bytes": {"type": "integer", "description": "How much the owner stores"},
        },
    },
    "Fault": {
        "title": "Fault",
        "description": "One thing about a request that does not fit.",
        "type": "object",
        "required": ["pointer", "in", "detail"],
        "additionalProperties": False,
        "properties": {
            "pointer": {"type": "string", "description": "A JSON pointer (RFC 6901), or a name"},
            "in": {"type": "string", "enum": ["body", "query", "path", "header"]},
            "detail": {"type": "string", "description": "The rule"},
        },
    },
    "ScannerError": {
        "title": "ScannerError",
        "description": "XMem's flat error.",
        "type": "object",
        "required": ["status", "error"],
        "properties": {"status": {"const": "error"}, "error": {"type": "string"}},
    },
}


def responses(
    path: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """The failures of an operation, by status."""
    misfit = _misfit(operation, schemas)
    kinds: dict[int, dict[str, None]] = {}
    for status, kind in sorted(_kinds(operation)):
        kinds.setdefault(status, {})[kind] = None
    return {
        str(status): _response(path, status, list(slugs), misfit) for status, slugs in kinds.items()
    }


def _kinds(operation: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Those that its parameters, its body and its key bring along, and those that it declares."""
    yield from ((400, "malformed-header"), (500, "internal"))
    if operation.get("security"):
        yield from ((401, "unauthorized"), (403, "forbidden"), (429, "too-many-requests"),
                    (503, "storage-unavailable"), (503, "record-unreadable"))  # fmt: skip
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    placed = {part["name"] for part in operation.get("parameters", ()) if part["in"] == "path"}
    yield from ((404, kind) for name, kind in _NOT_FOUND.items() if name in placed)
    if "page_token" in names:
        yield 400, "page-token-malformed"
    if "Prefer" in names:
        yield 429, "backlog-full"
    if "Idempotency-Key" in names:
        yield from ((400, "idempotency-key-malformed"), (422, "idempotency-key-reused"))
    if "requestBody" in operation:
        yield from ((400, "malformed-json"), (413, "body-too-large"),
                    (415, "unsupported-media-type"))  # fmt: skip
    if "requestBody" in operation or any(map(_is_held, operation.get("parameters", ()))):
        yield 422, "invalid-request"
    for status, response in operation["responses"].items():
        yield from ((int(status), kind) for kind in response.get(PROBLEMS, ()))


def _is_held(parameter: Mapping[str, Any]) -> bool:
    """Whether there is text that does not fit a parameter."""
    plain = {"type": "string"}.items() <= parameter["schema"].items()
    return not plain or bool(parameter["schema"].keys() - {"type", "title", "default", "examples"})


def _response(path: str, status: int, kinds: list[str], misfit: Fault) -> dict[str, Any]:
    headers = {}
    if status in _COME_BACK:
        headers["Retry-After"] = reference("Retry-After")
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = reference("WWW-Authenticate")
    return {
        "description": " ".join(KINDS[kind] for kind in kinds),
        "headers": headers,
        "content": _content(path, status, kinds, misfit),
        PROBLEMS: kinds,
    }


def _content(path: str, status: int, kinds: list[str], misfit: Fault) -> dict[str, Any]:
    """XMem's paths answer in XMem's forms."""
    if f"{path}/".startswith(ENVELOPED):
        example = {"status": "error", "request_id": "3f0c8a52b1d94d0e", "data": None,
                   "error": KINDS[kinds[0]], "elapsed_ms": 1.2}  # fmt: skip
        return _json("application/json", "Envelope", example)
    if path.startswith(V1_SCANNER):
        return _json("application/json", "ScannerError", _flat(kinds[0]))
    types = {"properties": {"type": {"enum": [f"{TYPES}{kind}" for kind in kinds]}}}
    schema = {"$ref": "#/components/schemas/Problem", **types}
    examples = {
        kind: {"summary": KINDS[kind], "value": _example(status, kind, misfit)} for kind in kinds
    }
    return {"application/problem+json": {"schema": schema, "examples": examples}}


def _json(media_type: str, name: str, example: Any) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": f"#/components/schemas/{name}"}, "example": example}}


def _flat(kind: str) -> dict[str, str]:
    return {"status": "error", "error": KINDS[kind]}


def _misfit(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Fault:
    """A fault that a request of the operation may have: in its body, else in a parameter."""
    detail = "Input should be a valid string"
    for content in operation.get("requestBody", {}).get("content", {}).values():
        name = content["schema"].get("$ref", "").rsplit("/", 1)[-1]
        for field in schemas.get(name, {}).get("properties", ()):
            return {"pointer": f"/{field}", "in": "body", "detail": detail}
    for parameter in operation.get("parameters", ()):
        return {"pointer": f"/{parameter['name']}", "in": parameter["in"], "detail": detail}
    return {"pointer": "", "in": "body", "detail": detail}


def _example(status: int, kind: str, misfit: Fault) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    problem = {"type": f"{TYPES}{kind}", "title": title, "status": status, "detail": KINDS[kind]}
    if kind == "invalid-request":
        return {**problem, "errors": [misfit]}
    return {**problem, **values.PROBLEMS.get(kind, {})}
