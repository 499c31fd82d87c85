"""How large a request may be: bytes and values, from the schema of its route.

Both are checked before anything is parsed, since each value costs memory.
"""

import json
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.datastructures import Headers
from starlette.types import Message, Receive

from web.problems import Problem, misfit

_ESCAPED = (b"\\\\", b'\\"')
_STRING_OR_SIGN = re.compile(rb'"[^"]*"?|[,\[{]')
_CHARACTER_BYTES = 12
"""A character beyond the basic plane as JSON escapes it: two units of `\\uXXXX`."""
_SCALAR_BYTES = 32
_NAME_BYTES = 80
_SCALARS = frozenset({"integer", "number", "boolean", "null"})
_TEXT_CHARACTERS = {"date-time": 64}
Schema = Mapping[str, Any]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_PARAMETERS_MOST = 200


def limited(receive: Receive, headers: Headers, limit: int) -> Receive:
    """What receives a body of at most `limit` bytes; a chunked one announces no length.

    Raises:
        Problem: 413, at once when the length is announced, else as soon as it is too much.
    """
    length = headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) > limit:
        raise too_large(limit)
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise too_large(limit)
        return message

    return counted


def too_large(limit: int) -> Problem:
    """The answer to a body that is larger than its route takes."""
    detail = f"The body is larger than {limit} bytes; send less at once."
    return Problem(413, "body-too-large", detail, limit_bytes=limit)


def require_few_values(body: bytes, most: int) -> None:
    """Make sure that JSON holds no more values than its route takes: each costs memory when parsed.

    Raises:
        Problem: 400, when it is not in UTF-8, as JSON is (RFC 8259, 8.1), 422, when it is too much.
    """
    if b"\0" in body:
        position = body.index(b"\0")
        detail = f"The body is not JSON: a NUL at position {position}."
        raise Problem(400, "malformed-json", detail, position=position)
    if sum(map(body.count, (b",", b"[", b"{"))) < most:
        return
    if _exceeds(body, most):
        raise misfit("body", "", f"At most {most} values are allowed")


def _exceeds(body: bytes, most: int) -> bool:
    """Whether more than `most` values begin outside of strings: each after `,`, `[` or `{`."""
    for escaped in _ESCAPED:
        body = body.replace(escaped, b"")
    signs = 0
    for token in _STRING_OR_SIGN.finditer(body):
        signs += token[0][:1] != b'"'
        if signs >= most:
            return True
    return False


class Unbounded(Exception):
    """A schema allows values of any size."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much JSON: its bytes, and its values, those inside others too."""

    bytes: int
    values: int

    def __add__(self, other: "Size") -> "Size":
        return Size(self.bytes + other.bytes, self.values + other.values)


def largest(schema: Schema, definitions: Mapping[str, Schema]) -> Size:
    """The size of the largest value that fits a schema.

    Raises:
        Unbounded: There is none: a string, list or object in it has no maximum.
    """
    if "$ref" in schema:
        return largest(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions)
    if "enum" in schema or "const" in schema:
        values = schema.get("enum") or [schema["const"]]
        return Size(max(len(json.dumps(value)) for value in values), 1)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        sizes = [largest(choice, definitions) for choice in choices]
        return Size(max(size.bytes for size in sizes), max(size.values for size in sizes))
    return _typed(schema, definitions)


def _typed(schema: Schema, definitions: Mapping[str, Schema]) -> Size:
    kind = schema.get("type")
    if kind == "string":
        return _text(schema)
    if kind == "array":
        elements = largest(schema["items"], definitions)
        return Size(2, 1) + _all(elements, schema, "maxItems")
    if kind == "object":
        return _object(schema, definitions)
    if kind in _SCALARS:
        return Size(_SCALAR_BYTES, 1)
    raise Unbounded(dict(schema))


def _text(schema: Schema) -> Size:
    characters = schema.get("maxLength") or _TEXT_CHARACTERS.get(schema.get("format", ""))
    if characters is None:
        raise Unbounded(dict(schema))
    return Size(2 + characters * _CHARACTER_BYTES, 1)


def _object(schema: Schema, definitions: Mapping[str, Schema]) -> Size:
    """Its fields, or the entries whose names fit a pattern; further ones are no part of it."""
    if isinstance(schema.get("additionalProperties"), Mapping):
        raise Unbounded(dict(schema))
    size = Size(2, 1)
    for field in schema.get("properties", {}).values():
        size += _named(largest(field, definitions))
    for entry in schema.get("patternProperties", {}).values():
        size += _all(_named(largest(entry, definitions)), schema, "maxProperties")
    return size


def _named(size: Size) -> Size:
    return size + Size(_NAME_BYTES, 0)


def _all(element: Size, schema: Schema, most: str) -> Size:
    """As many elements as there may be, with what stands between them."""
    if most not in schema:
        raise Unbounded(dict(schema))
    return Size((element.bytes + 2) * schema[most], element.values * schema[most])


_SLACK = Size(65_536, 1_000)
"""For spaces, and for fields that v1 ignores."""


class BoundedRoute(APIRoute):
    """A route that parses no body and no query that its schema cannot allow.

    So a request costs no more than the largest good one, whatever stands in it.
    """

    @cached_property
    def size(self) -> Size:
        """The most that a body may be."""
        if self.body_field is None:
            raise TypeError(f"{self.path} takes no body")
        body: Any = self.body_field.field_info.annotation
        schema = TypeAdapter(body).json_schema()
        return largest(schema, schema.get("$defs", {})) + _SLACK

    def get_route_handler(self) -> Handler:
        """FastAPI's handler of requests, behind the bounds."""
        within = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await within(await self.bounded(request))

        return handle

    async def bounded(self, request: Request) -> Request:
        """The request with its body read, if the route takes one.

        Raises:
            Problem: 400, 413 or 422, when it is larger than any good one.
        """
        if request.scope["query_string"].count(b"&") >= _PARAMETERS_MOST:
            raise misfit("query", "", f"At most {_PARAMETERS_MOST} parameters are allowed")
        if self.body_field is None:
            return request
        request = Request(request.scope, limited(request.receive, request.headers, self.size.bytes))
        body = await request.body()
        if "json" in request.headers.get("content-type", ""):
            require_few_values(body, self.size.values)
        return request
