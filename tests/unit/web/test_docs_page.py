"""`/docs`, as it is read without a script, and who is shown pages at all."""

import re

import pytest

from web.openapi.declared import WORD
from web.openapi.document import operations
from web.openapi.fields import kind, limits, resolved
from web.openapi.page import rendered
from web.representations import is_better

RULES = {
    "minLength", "maxLength", "minItems", "maxItems", "maxProperties", "minimum", "maximum",
    "exclusiveMinimum", "enum", "pattern", "patternProperties", "default", "deprecated",
    "additionalProperties", "writeOnly",
}  # fmt: skip
NO_RULES = {"title", "description", "examples", "type", "format", "nullable"}
ANOTHERS = {"properties", "required", "items", "anyOf"}
"""They are rows of their own."""


def test_the_page_shows_every_operation_and_fetches_nothing_from_elsewhere(document):
    page = rendered(document, operations(document))

    assert page.count("<details") == len(list(operations(document)))
    assert re.findall(r"(?:src|href)=.https?:|<script", page) == []


def sent(document):
    """Operation, and each schema of what may be sent to it: parameters and bodies."""
    for *_, operation in operations(document):
        contents = operation.get("requestBody", {}).get("content", {}).values()
        for part in [*operation["parameters"], *contents]:
            yield operation["operationId"], part["schema"]


def test_the_page_shows_every_field_that_may_be_sent_and_what_bounds_it(document):
    schemas = document["components"]["schemas"]
    page = rendered(document, operations(document))
    shown = dict(re.findall(r'<details id="(\w+)">(.*?)</details>', page, re.DOTALL))

    missing = [
        (operation_id, name)
        for operation_id, schema in sent(document)
        for name in resolved(schema, schemas).get("properties", {})
        if f"<td><code>{name}</code>" not in shown[operation_id]
    ]

    assert missing == []
    assert "<code>labels.*</code>" in shown["memory_ingest"]
    turns = shown["memory_batch_ingest"]
    assert "<code>items[].user_query</code> <b>required</b>" in turns
    assert "What the user said<br>" in turns
    assert "1 to 10,000 characters" in turns


def test_the_page_has_words_for_every_rule_of_what_may_be_sent(document):
    schemas = document["components"]["schemas"]
    rules = set()
    seen = [schema for _, schema in sent(document)]
    while seen:
        schema = resolved(seen.pop(), schemas)
        rules |= schema.keys()
        inner = [schema["items"]] if schema.get("items") else []
        seen += [*schema.get("properties", {}).values(), *schema.get("anyOf", ()), *inner]

    assert rules <= {*NO_RULES, *ANOTHERS, *RULES}


@pytest.mark.parametrize(
    ("schema", "rules"),
    [
        ({"minLength": 1, "maxLength": 10_000}, "1 to 10,000 characters"),
        ({"maxItems": 100}, "at most 100 items"),
        ({"minimum": 0}, "at least 0"),
        ({"minimum": 0, "maximum": 1_000_000.0}, "0 to 1,000,000"),
        ({"exclusiveMinimum": 0.0}, "more than 0"),
        ({"enum": ["low", "high"], "default": "low"},
         'one of `low`, `high`; `"low"` when not given'),
        ({"items": {"$ref": "#/components/schemas/Kind"}}, "one of `a`"),
        ({"pattern": f"^[{WORD}]+$"}, r"matches `^[\w]+$`"),
        ({"default": ""}, ""),
        ({"patternProperties": {"^a$": {}}}, "names match `^a$`"),
        ({"maxProperties": 2}, "at most 2 entries"),
        ({"properties": {}, "additionalProperties": False}, "no other fields"),
        ({"deprecated": True}, "deprecated"),
    ],
)  # fmt: skip
def test_the_page_says_a_rule_in_words(schema, rules):
    assert limits(schema, {"Kind": {"enum": ["a"]}}) == rules


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "date-time"}, "date-time"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer or null"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Turn"}}, "array of object"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "string or integer"),
    ],
)
def test_the_page_says_what_a_value_is(schema, words):
    schemas = {"Turn": {"type": "object"}}

    assert kind(resolved(schema, schemas), schemas) == words


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("text/html", True),
        ("text/*, application/json;q=0.5", True),
        ("*/*", False),
        ("", False),
        ("application/json, text/html;q=0.9", False),
        ("text/html;q=0", False),
        ("text/html;q=wrong;q=0.1, application/json;q=0.2", False),
        ("application/json" + ", a/b" * 9_000, False),
    ],
)
def test_pages_are_for_those_who_like_html_better_than_json(accept, page):
    assert is_better(accept, "text/html") == page
