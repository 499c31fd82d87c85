"""Which files imports mean: the cases are in `resolution`."""

import pytest

from keepsake.scanner.parse.detection import language_of
from keepsake.scanner.parse.imports import looked_up_by
from keepsake.scanner.parse.worker import parse_blob
from keepsake.scanner.resolve import Project, Resolver
from tests.unit.scanner.resolution import FAMILIES, cases


def project_of(files):
    parsed = {path: parse_blob(text.encode(), language_of(path)) for path, text in files.items()}
    project = Project(
        {path: language_of(path) for path in files},
        files.get,
        {path: record["packages"] for path, record in parsed.items() if record["packages"]},
    )
    return project, {path: record["imports"] for path, record in parsed.items()}


def said(targets):
    return {f"{'' if target.sure else '?'}{target.path}" for target in targets}


@pytest.mark.parametrize("family", FAMILIES)
def test_an_import_means_the_files_that_its_language_would_find(family):
    wrong = []
    for case in cases(family):
        project, imports = project_of(case.files)
        resolver = Resolver(project)
        for importer, expected in case.expected:
            meant = set()
            for statement in imports[importer]:
                meant |= said(resolver.targets(importer, statement["module"], statement["names"]))
            if meant != expected:
                wrong.append((case.title, importer, sorted(meant), sorted(expected)))

    assert wrong == []


@pytest.mark.parametrize("family", FAMILIES)
def test_what_imports_a_file_is_looked_up_by_a_word_that_the_file_has(family):
    missed = []
    for case in cases(family):
        project, imports = project_of(case.files)
        resolver = Resolver(project)
        for importer, _ in case.expected:
            for statement in imports[importer]:
                module, names = statement["module"], statement["names"]
                words = looked_up_by(language_of(importer), module, names)
                missed += [
                    (case.title, module, target.path)
                    for target in resolver.targets(importer, module, names)
                    if words.isdisjoint(resolver.words(target.path))
                ]

    assert missed == []


def test_manifests_that_cannot_be_read_are_listed():
    project, _ = project_of({
        "tsconfig.json": "{",
        "web/package.json": "[]",
        "Cargo.toml": "[package",
        "pyproject.toml": "[project]",
        "jsconfig.json": '{"a": 1, /* here */ }',
        "data.json": "{",
        "deno.json": '"' + '\\"' * 100_000,
    })  # fmt: skip

    assert project.unread == ["Cargo.toml", "deno.json", "tsconfig.json", "web/package.json"]
