"""Examples: every field, parameter, body and answer shows a value that fits."""

from collections.abc import Mapping
from typing import Any

from web.openapi.values import ANSWERS, FIELDS, TEXTS

_BY_FORMAT = {
    "date-time": "2026-01-31T12:00:00Z",
    "uri": "https://example.com",
    "binary": "User: I live in Lisbon.\nAssistant: Noted.",
}
_PLAIN: dict[str, Any] = {
    "string": "text", "integer": 1, "number": 1.0, "boolean": False, "null": None,
}  # fmt: skip
Schemas = Mapping[str, Any]


def illustrate(schemas: Schemas) -> None:
    """Show a value of each field of the schemas that shows none."""
    for name, schema in schemas.items():
        for field, about in schema.get("properties", {}).items():
            if f"{name}.{field}" in FIELDS:
                about["examples"] = [FIELDS[f"{name}.{field}"]]
            else:
                _show(about, field)


def show_parameter(parameter: Mapping[str, Any], operation_id: str) -> None:
    """Show a value of a parameter that has to be sent."""
    name = str(parameter["name"])
    if parameter.get("required"):
        own = f"{operation_id}.{name}"
        _show(parameter["schema"], own if own in FIELDS else name)


def _show(schema: dict[str, Any], name: str) -> None:
    if name in FIELDS and not {"examples", "enum", "const"} & schema.keys():
        schema["examples"] = [FIELDS[name]]


def exemplify(
    holder: Mapping[str, Any], schemas: Schemas, operation_id: str = "", status: str = ""
) -> None:
    """Give a body, or the answer of an operation, its example."""
    for content in holder.get("content", {}).values():
        if not {"example", "examples"} & content.keys():
            content["example"] = _answer(content.get("schema", {}), schemas, operation_id, status)


def _answer(schema: Mapping[str, Any], schemas: Schemas, operation_id: str, status: str) -> Any:
    if operation_id in TEXTS:
        return TEXTS[operation_id]
    value = example(schema, schemas)
    differs = ANSWERS.get(f"{operation_id} {status}", ANSWERS.get(operation_id))
    return {**value, **differs} if differs else value


def example(schema: Mapping[str, Any], schemas: Schemas) -> Any:
    """One value that fits a schema, as its authors would show it."""
    if examples := schema.get("examples"):
        return examples[0]
    for keyword in ("example", "const", "default"):
        if keyword in schema and schema[keyword] is not None:
            return schema[keyword]
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    if choices := schema.get("enum"):
        return choices[0]
    for combined in ("anyOf", "oneOf", "allOf"):
        if combined in schema:
            return example(schema[combined][0], schemas)
    return _built(schema, schemas)


def _built(schema: Mapping[str, Any], schemas: Schemas) -> Any:
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
