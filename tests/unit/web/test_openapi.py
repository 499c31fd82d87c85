"""The OpenAPI document: whatever a route can answer is in it."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from fastapi.openapi.models import OpenAPI
from pydantic import BaseModel

import keepsake
from web.memory.turns import StrictIngest
from web.openapi import descriptions, values
from web.openapi.declared import PROBLEMS
from web.openapi.document import operations
from web.problems import KINDS, translate

WEB = Path(__file__).parents[3] / "web"
SCALARS = {"string", "integer", "number", "boolean"}
PLACEHOLDER = re.compile(r': "(text|string)"')
REPEATED_LETTERS = re.compile(r"'pattern': (?P<q>['\"])(?:(?!(?P=q)).)*\\w(?:(?!(?P=q)).)*\]\{\d")
DELIVERIES = "/v2/scanner/hooks/{git_host}/{hook}"
"""What git hosts sign; they do not come back for an answer."""
PROBES = {"/readyz", "/health"}
XMEM = ("/v1/memory/", "/v1/scanner/", "/v1/code/", "/auth/")


@pytest.fixture
def responses(document):
    return [
        (f"{method} {path} {status}", path, status, response)
        for path, method, operation in operations(document)
        for status, response in operation["responses"].items()
    ]


def faults_of(document, value, schema):
    """Where an example does not fit its schema."""
    whole = {**schema, "components": document["components"]}
    return [error.message for error in jsonschema.Draft202012Validator(whole).iter_errors(value)]


def examples_of(content):
    named = [example["value"] for example in content.get("examples", {}).values()]
    return [*named, content["example"]] if "example" in content else named


def schemas_of(document):
    return document["components"]["schemas"].items()


def fields(document):
    """Place, name and schema of every field of every schema, and of forms."""
    bodies = [
        (f"{operation['operationId']} body", content["schema"])
        for *_, operation in operations(document)
        for content in operation.get("requestBody", {}).get("content", {}).values()
    ]
    return [
        (f"{name}.{field}", field, about)
        for name, schema in [*schemas_of(document), *bodies]
        for field, about in schema.get("properties", {}).items()
    ]


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def test_it_is_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == keepsake.__version__
    OpenAPI.model_validate(document)


def test_every_operation_says_what_it_is(document):
    declared = list(operations(document))
    tags = {tag["name"] for tag in document["tags"]}

    silent = [
        f"{method} {path}"
        for path, method, operation in declared
        if not (operation["summary"] and operation["description"])
        or not set(operation["tags"]) <= tags
    ]

    assert silent == []
    ids = [operation["operationId"] for *_, operation in declared]
    assert len(ids) == len(set(ids)) > 50
    assert [name for name in ids if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", name)] == []
    assert [name for name in ids if len(set(name.split("_"))) < len(name.split("_"))] == []


def test_every_parameter_is_described(document):
    assert [
        f"{method} {path} {parameter['name']}"
        for path, method, operation in operations(document)
        for parameter in operation.get("parameters", ())
        if not parameter["description"]
    ] == []


def test_every_field_is_described(document):
    assert [place for place, _, field in fields(document) if not field.get("description")] == []
    assert [name for name, schema in schemas_of(document) if not schema.get("description")] == []


def test_no_word_about_fields_is_left_over(document):
    names = {name for name, *_ in (place.rpartition(".") for place, *_ in fields(document))}
    there = {place for place, *_ in fields(document)} | {name for _, name, _ in fields(document)}
    sent = {
        name
        for *_, operation in operations(document)
        for parameter in operation["parameters"]
        for name in (parameter["name"], f"{operation['operationId']}.{parameter['name']}")
    }

    assert {*descriptions.FIELDS} - there == set()
    assert {*values.FIELDS} - there - sent == set()
    assert {*descriptions.SCHEMAS} <= names | {name for name, _ in schemas_of(document)}
    ids = {operation["operationId"] for *_, operation in operations(document)}
    assert {name.split()[0] for name in [*values.ANSWERS, *values.TEXTS]} <= ids


def test_generators_can_name_every_schema(document):
    names = [name for name, _ in schemas_of(document)]
    titles = [schema.get("title", name) for name, schema in schemas_of(document)]

    assert [name for name in names if not re.fullmatch(r"([A-Z][a-z0-9]*)+", name)] == []
    assert len({title.lower() for title in titles}) == len(names)
    # In Python's modules of generated clients, a list of this name would hide the class.
    assert [
        place
        for place, name, field in fields(document)
        if name == snake(place.partition(".")[0]) and field.get("type") not in SCALARS
    ] == []


def test_examples_are_of_their_fields_and_operations(document, responses):
    assert [
        (place, value)
        for place, _, field in fields(document)
        for value in field.get("examples", ())
        if faults_of(document, value, field)
    ] == []
    shown = [
        (where, example)
        for where, _, _, response in responses
        for content in response.get("content", {}).values()
        for example in examples_of(content)
    ]
    assert [where for where, example in shown if PLACEHOLDER.search(json.dumps(example))] == []
    assert [where for where, example in shown if example in ({}, [], "", None)] == []


def test_what_has_to_be_sent_is_shown(document):
    required = [
        (operation["operationId"], parameter["name"], parameter["schema"])
        for *_, operation in operations(document)
        for parameter in operation["parameters"]
        if parameter["required"]
    ]

    assert len(required) > 50
    assert [
        (operation_id, name)
        for operation_id, name, schema in required
        if not schema.get("enum")
        and (not schema.get("examples") or faults_of(document, schema["examples"][0], schema))
    ] == []


def test_only_what_tells_nothing_needs_no_key(document):
    opened = {path for path, _, operation in operations(document) if operation["security"] == []}

    assert opened == {"/", "/health", "/healthz", "/readyz", "/problems", DELIVERIES}
    assert document["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"


def test_every_answer_is_described_and_carries_the_request_id(document, responses):
    assert [where for where, _, _, response in responses if not response["description"]] == []
    assert [
        where for where, _, _, response in responses if "X-Request-ID" not in response["headers"]
    ] == []
    named = {
        header["$ref"].rsplit("/", 1)[-1]
        for *_, response in responses
        for header in response["headers"].values()
    }
    assert named <= document["components"]["headers"].keys()


def test_every_body_has_an_example_that_fits_its_schema(document, responses):
    contents = [
        (where, content)
        for where, _, _, response in responses
        for content in response.get("content", {}).values()
    ] + [
        (f"{method} {path} body", content)
        for path, method, operation in operations(document)
        for content in operation.get("requestBody", {}).get("content", {}).values()
    ]

    misfits = [
        (where, fault)
        for where, content in contents
        for example in examples_of(content)
        for fault in faults_of(document, example, content.get("schema", {}))
    ]

    assert [where for where, content in contents if not examples_of(content)] == []
    assert misfits == []


@pytest.mark.parametrize("user_id", ["ana", "Ïda", "日本", "a.b-c@d", "\U00020000"])
def test_ids_of_all_scripts_fit_the_document_as_they_fit_the_model(document, user_id):
    body = {"user_query": "I like tea.", "user_id": user_id}
    schema = {"$ref": "#/components/schemas/StrictIngest"}

    assert StrictIngest.model_validate(body).user_id == user_id
    assert faults_of(document, body, schema) == []
    assert faults_of(document, {**body, "user_id": "a b"}, schema) != []


def test_every_link_leads_to_an_operation(document, responses):
    taking = {
        operation["operationId"]: {
            parameter["name"] for parameter in operation.get("parameters", ())
        }
        for *_, operation in operations(document)
    }
    links = [link for *_, response in responses for link in response.get("links", {}).values()]

    assert len(links) > 50
    assert [
        link for link in links if not link["parameters"].keys() <= taking[link["operationId"]]
    ] == []


def test_every_failure_is_a_problem_of_a_known_kind(responses):
    failures = [row for row in responses if row[2] >= "400" and row[1] not in PROBES]
    ours = [row for row in failures if not row[1].startswith(XMEM)]

    assert [where for where, _, _, response in failures if not response[PROBLEMS]] == []
    assert [
        where
        for where, *_, response in ours
        if list(response["content"]) != ["application/problem+json"]
    ] == []
    assert {kind for *_, response in failures for kind in response[PROBLEMS]} <= KINDS.keys()


def test_every_answer_that_asks_to_come_back_says_when(responses):
    assert [
        where
        for where, path, status, response in responses
        if status in {"202", "409", "429", "503"}
        and "Retry-After" not in response["headers"]
        and (path, status) != (DELIVERIES, "202")
    ] == []


def raised(below=WEB):
    """Status, kind and members of every problem that the code raises."""
    for module in below.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                status, kind, *_ = node.args
                if isinstance(status, ast.Constant) and isinstance(kind, ast.Constant):
                    members = {keyword.arg for keyword in node.keywords} - {"headers"}
                    yield status.value, kind.value, members


def test_every_problem_that_is_raised_is_documented(document, responses):
    documented = {
        (int(status), kind)
        for *_, status, response in responses
        for kind in response.get(PROBLEMS, ())
    }

    of_connections = {(status, kind) for status, kind, _ in raised(WEB / "server")}
    of_operations = {(status, kind) for status, kind, _ in raised()} - of_connections

    assert of_operations == documented
    prose = document["info"]["description"]
    assert [row for row in of_connections if "`{} {}`".format(*row) not in prose] == []
    known = document["components"]["schemas"]["Problem"]["properties"].keys()
    assert set().union(*(members for *_, members in raised())) <= known


def test_a_fault_of_ours_tells_nothing():
    assert translate(RuntimeError("secret")).body()["detail"].startswith("Something went wrong")


def models(kind: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    for model in kind.__subclasses__():
        yield model
        yield from models(model)


def test_no_model_repeats_a_class_of_all_letters():
    """A copy of the class for each place takes 2 MB, in each model that has it (`NamedPair`)."""
    schemas = {
        model.__name__: repr(vars(model).get("__pydantic_core_schema__")) for model in models()
    }

    assert "'pattern': '^[" in schemas["TurnTags"]
    assert [name for name, schema in schemas.items() if REPEATED_LETTERS.search(schema)] == []
