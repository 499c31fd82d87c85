"""The worst requests that may be sent, made from the OpenAPI document."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from web.openapi.document import operations

HEAD_BYTES = 60_000
NAMES = {"job_id": "job_x", "memory_id": "mem_x", "key_id": "key_x", "worker_id": "w_x",
         "schedule_id": "sch_x",
         "hook_id": "hook_x", "webhook_id": "wh_x", "hook": "hook_x", "git_host": "github",
         "owner": "ann", "user_id": "u1", "name": "keepsake.memory", "org": "o",
         "repo": "r"}  # fmt: skip
Fields = Mapping[str, Any]
Make = Callable[[int], bytes]
"""A body of about as many bytes, and never more."""


def worst_targets(document: Fields) -> Iterator[tuple[str, str]]:
    """Methods and targets: one parameter again and again, and many that are unknown."""
    for path, method, operation in operations(dict(document)):
        target = path.format(**NAMES)
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "query":
                pair = f"{parameter['name']}=%01&"
                yield method, f"{target}?{pair * (HEAD_BYTES // len(pair))}"
        yield method, f"{target}?" + "&".join(f"x{n}=" for n in range(HEAD_BYTES // 8))


def worst_bodies(document: Fields) -> Iterator[tuple[str, str, str, Make]]:
    """A method, a target, what is wrong with the body, and what makes it."""
    for path, method, operation in operations(dict(document)):
        contents = operation.get("requestBody", {}).get("content", {})
        if "application/json" in contents:
            content = contents["application/json"]
            schema = resolved(content["schema"], document)
            for what, make in _bodies(schema, content["example"], document):
                yield method, path.format(**NAMES), what, make


def resolved(schema: Fields, document: Fields) -> Fields:
    """A schema instead of its name."""
    if "$ref" not in schema:
        return schema
    schemas: dict[str, Any] = document["components"]["schemas"]
    return resolved(schemas[schema["$ref"].rsplit("/", 1)[-1]], document)


def _bodies(schema: Fields, good: Fields, document: Fields) -> Iterator[tuple[str, Make]]:
    for name, field in schema["properties"].items():
        kind = resolved(field, document)
        if kind.get("type") == "array":
            for element in ("1", '"x"', "[]", "{}", '{"x":1}', '{"user_query":""}'):
                yield f"{name} of {element}", partial(_listed, good, name, element)
        if kind.get("type") == "object":
            yield f"{name} of many entries", partial(_entries, good, name)
    yield "unknown fields", lambda size: _members(size).encode()
    yield "arrays in arrays", lambda size: b"[" * size
    yield "objects in objects", lambda size: b'{"a":' * (size // 5)
    yield "one long number", lambda size: b"1" * size
    yield "one long name", lambda size: b'{"' + b"n" * (size - 6) + b'":1}'
    yield (
        "a name of control characters",
        lambda size: b'{"' + rb"\u0001" * (size // 6 - 1) + b'":1}',
    )
    yield "a text of quotes", lambda size: b'{"a":"' + b'\\"' * (size // 2 - 4) + b'"}'


def _listed(good: Fields, name: str, element: str, size: int) -> bytes:
    rest = _rest(good, name)
    count = (size - len(rest) - len(name) - 10) // (len(element) + 1)
    return f'{rest}"{name}":[{",".join([element] * count)}]}}'.encode()


def _entries(good: Fields, name: str, size: int) -> bytes:
    rest = _rest(good, name)
    return f'{rest}"{name}":{_members(size - len(rest) - len(name) - 10)}}}'.encode()


def _members(size: int) -> str:
    return "{" + ",".join(f'"x{number:07}":1' for number in range(size // 13 - 1)) + "}"


def _rest(good: Fields, name: str) -> str:
    """The other fields, up to where this one's name comes."""
    kept = json.dumps({key: value for key, value in good.items() if key != name})[:-1]
    return kept + ("," if kept != "{" else "")
