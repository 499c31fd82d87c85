"""Which files imports mean: the cases are in `resolution`."""

import pytest

from keepsake.scanner.parse.detection import language_of
from keepsake.scanner.parse.imports import looked_up_by
from keepsake.scanner.parse.worker import parse_blob
from keepsake.scanner.resolve import Project, Resolver
from tests.cpu_time import cpu_under
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


STRANGE = [
    "",
    "\0",
    "{",
    "[]",
    "null",
    "3",
    '"x"',
    "[" * 5_000,
    "{" * 5_000,
    "a." * 50_000,
    '"' * 50_000,
    "/*" * 50_000,
    ", " * 50_000,
    ".require_paths = [" * 5_000,
    '.target(name: "a", exclude: [' * 3_000,
    "include_directories(" * 5_000,
    "-I " * 20_000,
    "replace a => " * 5_000,
    "a\n=b\n",
    "[options]\npackage_dir\n",
    '{"name": 3, "exports": [null, {"a": [3]}], "imports": [], "main": {}, "extends": [3, "./x"]}',
    '{"autoload": {"psr-4": {"": 3, "A": [null]}, "psr-0": []}, "compilerOptions": {"paths": [1]}}',
    '{"extends": ["./tsconfig.json"], "compilerOptions": {"baseUrl": "../.."}}',
    '{"compilerOptions": {"paths": {"*": ["../*"]}}}',
    "[package]\nname = 3\nedition = []\n[lib]\npath = 7\n[dependencies]\na = 1\nb = {path = 3}",
    "[project]\ndependencies = [3]\n[tool]\nsetuptools = 3\n[tool.poetry]\npackages = [3]",
    "[target]\nx = 3\n[workspace]\ndependencies = []\n[dependencies]\na.workspace = true",
]
MANIFESTS = [
    "go.mod",
    "composer.json",
    "package.json",
    "tsconfig.json",
    "deno.json",
    "Cargo.toml",
    "x.gemspec",
    "Package.swift",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "requirements.txt",
    "CMakeLists.txt",
    "Makefile",
]
IMPORTERS = {
    "python": "a.py",
    "typescript": "a.ts",
    "go": "a.go",
    "rust": "src/a.rs",
    "php": "a.php",
    "csharp": "a.cs",
    "java": "a.java",
    "scala": "a.scala",
    "swift": "a.swift",
    "ruby": "a.rb",
    "c": "a.c",
    "bash": "a.sh",
}
MODULES = [
    "",
    ".",
    "..",
    "../..",
    "/",
    "a",
    "@/a",
    "#a",
    "*/",
    "<a.h>",
    "::",
    "a::b",
    "\\",
    "a.*",
    "a/b",
]


@pytest.mark.parametrize("text", STRANGE, ids=range(len(STRANGE)))
def test_no_manifest_and_no_import_keeps_others_from_being_resolved(text):
    languages = {path: language for language, path in IMPORTERS.items()}
    files = languages | dict.fromkeys(["b.py", "src/lib.rs", *MANIFESTS], "python")

    with cpu_under(seconds=3):
        resolver = Resolver(Project(files, lambda path: text if path in MANIFESTS else "", {}))
        for importer in languages:
            for module in MODULES:
                resolver.targets(importer, module, ["x"])
            resolver.words(importer)

    assert said(resolver.targets("a.py", "b", [])) == {"b.py"}


def test_a_manifest_with_half_of_a_surrogate_pair_gives_words_that_can_be_looked_up():
    manifest = r'{"name": "shop\ud800", "main": "a.js", "imports": {"#b\ud83d": "./a.js"}}'
    project, _ = project_of({"package.json": manifest, "a.js": "export const a = 1;\n"})

    words = Resolver(project).words("a.js")

    assert {"a", "shop?"} <= words
    assert all(word.encode() for word in words)
