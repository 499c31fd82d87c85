"""No route takes more than its schema says, and every schema has a maximum."""

import json

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, TypeAdapter

from tests.integration.web.routes import ROUTES
from web.edge.body_limits import BoundedRoute, Unbounded, largest, require_few_values
from web.openapi.document import operations
from web.problems import Problem

XMEM = ("/v1/memory/", "/v1/scanner/", "/v1/code/", "/auth/")

MODELS_MESSAGES = (".messages[]", ".messages[].content[]")
"""Messages as models' interfaces have them, with more fields; the body as a whole is bounded."""


def unbounded(schema, document, where):
    """The places of a schema that allow values of any size, or unknown fields."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    for choice in (*schema.get("anyOf", ()), *schema.get("allOf", ()), *schema.get("oneOf", ())):
        yield from unbounded(choice, document, where)
    kind, keys = schema.get("type"), schema.keys()
    timed = schema.get("format") == "date-time"
    if kind == "string" and not timed and not keys & {"maxLength", "enum", "const"}:
        yield f"{where}: a string"
    if kind in {"integer", "number"} and not (
        keys & {"minimum", "exclusiveMinimum"} and "maximum" in keys
    ):
        yield f"{where}: a number"
    if kind == "array":
        yield from () if "maxItems" in keys else (f"{where}: a list",)
        yield from unbounded(schema["items"], document, f"{where}[]")
    if kind == "object":
        closed = schema.get("additionalProperties") is False or "maxProperties" in keys
        open_to_more = where.startswith(XMEM) or where.endswith(MODELS_MESSAGES)
        yield from () if closed or open_to_more else (f"{where}: an object",)
        for name, field in schema.get("properties", {}).items():
            yield from unbounded(field, document, f"{where}.{name}")
        for entry in schema.get("patternProperties", {}).values():
            yield from unbounded(entry, document, f"{where}.*")


def test_all_that_a_route_takes_has_a_maximum(document):
    without_maximum = [
        place
        for path, method, operation in operations(document)
        for name, schema in (
            *(
                (parameter["name"], parameter["schema"])
                for parameter in operation.get("parameters", ())
            ),
            *(
                (media_type, content["schema"])
                for media_type, content in operation.get("requestBody", {})
                .get("content", {})
                .items()
            ),
        )
        for place in unbounded(schema, document, f"{path} {method} {name}")
    ]

    assert without_maximum == []


def test_every_route_is_bounded():
    assert [path for _, path, route in ROUTES if not isinstance(route, BoundedRoute)] == []
    bodies = [route for _, _, route in ROUTES if isinstance(route, APIRoute) and route.body_field]
    assert all(route.size.bytes < 100_000_000 for route in bodies)
    assert len(bodies) > 20


class Model(BaseModel):
    text: str = Field(max_length=100)
    numbers: list[int] = Field(max_length=50)


def test_the_largest_value_of_a_schema_is_within_its_size():
    schema = Model.model_json_schema()
    worst = {"text": "\U0001f600" * 100, "numbers": [-(10**18)] * 50}

    size = largest(schema, {})

    assert len(json.dumps(worst)) <= size.bytes
    assert size.values == 1 + 1 + 1 + 50


@pytest.mark.parametrize("kind", [str, list[int], dict[str, int], object])
def test_a_schema_without_a_maximum_is_refused(kind):
    with pytest.raises(Unbounded):
        largest(TypeAdapter(kind).json_schema(), {})


@pytest.mark.parametrize("text", [",[{" * 50, '\\",[{"' * 50, "\\\\" * 50 + ",,,,"])
def test_signs_inside_strings_are_no_values(text):
    require_few_values(json.dumps({"a": text, "b": [text]}).encode(), 5)


@pytest.mark.parametrize(
    "body",
    [b"[1,1,1,1,1]", b"[[[[[[", b'{"a":{"b":{"c":{"d":{', b'["",",","\\"","",""]', b'"\\\\",[[[['],
)
def test_too_many_values_are_refused_before_they_are_parsed(body):
    with pytest.raises(Problem) as refused:
        require_few_values(body, 4)

    assert refused.value.status == 422


def test_json_that_is_not_in_utf_8_is_refused():
    with pytest.raises(Problem) as refused:
        require_few_values(json.dumps({"a": "[,"}).encode("utf-16-le"), 100)

    assert (refused.value.status, refused.value.kind) == (400, "malformed-json")
