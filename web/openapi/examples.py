"""Examples of a schema: what its fields give as theirs, put together."""

from collections.abc import Mapping
from typing import Any

_BY_FORMAT = {
    "date-time": "2026-01-31T12:00:00Z",
    "uri": "https://example.com",
    "binary": "Ana: I live in Lisbon.",
    "password": "a token",
}
_PLAIN: dict[str, Any] = {
    "string": "text", "integer": 1, "number": 1.0, "boolean": False, "null": None,
}  # fmt: skip


def example(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """One value that fits a schema, as its authors would show it."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    for given in ("example", "const", "default"):
        if given in schema and schema[given] is not None:
            return schema[given]
    if found := schema.get("examples") or schema.get("enum"):
        return found[0]
    for combined in ("anyOf", "oneOf", "allOf"):
        if combined in schema:
            return example(schema[combined][0], schemas)
    return _built(schema, schemas)


def _built(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "object":
        fields = schema.get("properties", {})
        return {name: example(field, schemas) for name, field in fields.items()}
    if "prefixItems" in schema:
        return [example(item, schemas) for item in schema["prefixItems"]]
    if kind == "array":
        return [example(schema["items"], schemas)] if schema.get("items") else []
    if kind == "string" and "format" in schema:
        return _BY_FORMAT.get(schema["format"], _PLAIN["string"])
    if kind in {"integer", "number"}:
        return schema.get("minimum", _PLAIN[kind])
    return _PLAIN.get(str(kind))
