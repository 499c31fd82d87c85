"""What may be sent, field by field: kind, limits, and whether it has to be there."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from web.openapi.declared import WORD

Schema = Mapping[str, Any]
_FLAGS = {"writeOnly": "in no answer", "deprecated": "deprecated"}
_NUMBER = ",.12g"
_BOUNDS = (
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " items"),
    ("minProperties", "maxProperties", " entries"),
    ("minimum", "maximum", ""),
)
"""Keywords of JSON Schema that bound from below and above, and what they count."""


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One row: `name` is a place such as `items[].user_query`; texts have `code` in backquotes."""

    name: str
    kind: str
    limits: str
    description: str
    required: bool


def fields(schema: Schema, schemas: Schema, place: str = "") -> Iterator[FieldRow]:
    """The fields of a body, each followed by those inside it."""
    whole = resolved(schema, schemas)
    required = whole.get("required", ())
    for name, about in _entries(whole):
        field = resolved(about, schemas)
        at = place + name
        yield FieldRow(
            at, kind(field, schemas), limits(field, schemas), field.get("description", ""),
            name in required,
        )  # fmt: skip
        inner = resolved(field.get("items", {}), schemas)
        yield from fields(inner or field, schemas, f"{at}[]." if inner else f"{at}.")


def _entries(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Names and schemas of what is in an object; `*` stands for names that the client chooses."""
    yield from schema.get("properties", {}).items()
    yield from (("*", about) for about in schema.get("patternProperties", {}).values())


def resolved(schema: Schema, schemas: Schema) -> dict[str, Any]:
    """A schema without its references, and without the null that may stand for its absence."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    inner: Schema = choices[0] if len(choices) == 1 else {}
    if reference := schema.get("$ref", ""):
        inner = schemas[reference.rsplit("/", 1)[-1]]
    if not inner:
        return dict(schema)
    own = {name: said for name, said in schema.items() if name not in {"$ref", "anyOf"}}
    nullable = {"nullable": True} if "anyOf" in schema and "$ref" not in schema else {}
    return {**resolved(inner, schemas), **own, **nullable}


def kind(schema: Schema, schemas: Schema) -> str:
    """What a value is, such as `string`, `array of object` or `integer or null`."""
    if choices := schema.get("anyOf", schema.get("oneOf")):
        return " or ".join(kind(resolved(choice, schemas), schemas) for choice in choices)
    name = str(schema.get("format", schema.get("type", "any")))
    if items := schema.get("items"):
        name = f"array of {kind(resolved(items, schemas), schemas)}"
    return f"{name} or null" if schema.get("nullable") else name


def limits(schema: Schema, schemas: Schema) -> str:
    """The rules that a value of a resolved schema has to keep, and what holds without one."""
    return "; ".join(_rules(schema, schemas))


def _rules(schema: Schema, schemas: Schema) -> Iterator[str]:
    for low, high, counted in _BOUNDS:
        if low in schema or high in schema:
            yield f"{_between(schema.get(low), schema.get(high))}{counted}"
    if "exclusiveMinimum" in schema:
        yield f"more than {schema['exclusiveMinimum']:{_NUMBER}}"
    if choices := schema.get("enum", resolved(schema.get("items", {}), schemas).get("enum")):
        yield "one of " + ", ".join(f"`{choice}`" for choice in choices)
    yield from (f"names match {_pattern(names)}" for names in schema.get("patternProperties", ()))
    if "pattern" in schema:
        yield f"matches {_pattern(schema['pattern'])}"
    if schema.get("default") not in (None, "", {}, []):
        yield f"`{json.dumps(schema['default'])}` when not given"
    if schema.get("additionalProperties") is False and "properties" in schema:
        yield "no other fields"
    yield from (words for keyword, words in _FLAGS.items() if schema.get(keyword))


def _pattern(expression: str) -> str:
    return "`" + expression.replace(WORD, r"\w") + "`"


def _between(low: float | None, high: float | None) -> str:
    if high is None:
        return f"at least {low:{_NUMBER}}"
    least = f"{low:{_NUMBER}} to" if low is not None else "at most"
    return f"{least} {high:{_NUMBER}}"
