"""The largest value that a JSON schema allows: in bytes of JSON, and in values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_CHARACTER_BYTES = 12
"""A character beyond the basic plane as JSON escapes it: two units of `\\uXXXX`."""
_SCALAR_BYTES = 32
_NAME_BYTES = 80
_SCALARS = frozenset({"integer", "number", "boolean", "null"})
_TEXT_CHARACTERS = {"date-time": 64}
Schema = Mapping[str, Any]


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
