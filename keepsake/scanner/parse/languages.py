"""The languages: which files they have, which grammar reads them, how their names are written.

A new language takes a line in `LANGUAGES`. To have symbols it also takes:

- its grammar's wheel in `pyproject.toml`,
- a query `queries/NAME.scm` that captures definitions by kind, `call`, `import` and `comment`,
- a reader in `import_readers._READERS`, unless it imports like Java: `import a.b.C`,
- an entry in `definition_name._FIELDS`, where its grammar keeps a name in an unusual field,
- a higher `PARSER_VERSION`, so that the next scan parses everything again,
- a sample in `tests/unit/scanner/sources`, and what is to be found in it beside the others.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

PARSER_VERSION = "6"
"""Part of every parsed blob's id: raising it makes the next scan parse everything again."""

Exported = Callable[[str, str], bool]
"""From a symbol's name and the text before its body to whether outsiders can use it."""


def _without_underscore(name: str, _: str) -> bool:
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))


def _capital(name: str, _: str) -> bool:
    return name[:1].isupper()


def _public_word(_: str, declared: str) -> bool:
    words = declared.split()
    return "public" in words or words[:1] == ["namespace"]


def _pub(_: str, declared: str) -> bool:
    return declared.startswith("pub")


def _not_hidden(name: str, declared: str) -> bool:
    words = declared.split()
    return not name.startswith("#") and "private" not in words and "fileprivate" not in words


def _not_static(_: str, declared: str) -> bool:
    return "static" not in declared.split()


@dataclass(frozen=True, slots=True)
class Language:
    """One language. Without a grammar its files are read as sections or chunks."""

    name: str
    extensions: tuple[str, ...]
    grammar: str = ""
    """`module:function` of the grammar's wheel."""
    query: str = ""
    """Names of files in `queries`, separated by spaces."""
    files: tuple[str, ...] = ()
    separator: str = "."
    exported: Exported = _not_hidden
    export_word: bool = False
    """Top-level definitions are hidden unless `export` stands before them or names them."""
    docstrings: bool = False
    """Documentation stands inside the body, not in comments before it."""


LANGUAGES: tuple[Language, ...] = (
    Language("python", (".py", ".pyi", ".pyw"), "tree_sitter_python:language", "python",
             exported=_without_underscore, docstrings=True),
    Language("javascript", (".js", ".jsx", ".mjs", ".cjs"), "tree_sitter_javascript:language",
             "javascript exports jsx", export_word=True),
    Language("typescript", (".ts", ".mts", ".cts"),
             "tree_sitter_typescript:language_typescript", "typescript exports",
             export_word=True),
    Language("tsx", (".tsx",), "tree_sitter_typescript:language_tsx",
             "typescript exports jsx", export_word=True),
    Language("go", (".go",), "tree_sitter_go:language", "go", exported=_capital),
    Language("rust", (".rs",), "tree_sitter_rust:language", "rust", separator="::",
             exported=_pub),
    Language("java", (".java",), "tree_sitter_java:language", "java", exported=_public_word),
    Language("c", (".c", ".h"), "tree_sitter_c:language", "c", exported=_not_static),
    Language("cpp", (".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx", ".ipp"),
             "tree_sitter_cpp:language", "cpp", separator="::", exported=_not_static),
    Language("csharp", (".cs",), "tree_sitter_c_sharp:language", "csharp", exported=_public_word),
    Language("ruby", (".rb", ".rake", ".gemspec"), "tree_sitter_ruby:language", "ruby",
             files=("Rakefile", "Gemfile"), separator="::", exported=_without_underscore),
    Language("php", (".php", ".phtml"), "tree_sitter_php:language_php", "php", separator="::"),
    Language("kotlin", (".kt", ".kts"), "tree_sitter_kotlin:language", "kotlin"),
    Language("swift", (".swift",), "tree_sitter_swift:language", "swift"),
    Language("scala", (".scala", ".sc"), "tree_sitter_scala:language", "scala"),
    Language("bash", (".sh", ".bash"), "tree_sitter_bash:language", "bash"),
    Language("sql", (".sql",), "tree_sitter_sql:language", "sql"),
    Language("markdown", (".md", ".markdown", ".mdx")),
    Language("restructuredtext", (".rst",)),
    Language("text", (".txt", ".adoc", ".org", ".tex"), files=("README", "LICENSE", "NOTICE")),
    Language("json", (".json", ".jsonl", ".ipynb")),
    Language("yaml", (".yaml", ".yml")),
    Language("toml", (".toml",)),
    Language("ini", (".ini", ".cfg", ".conf", ".properties", ".editorconfig")),
    Language("xml", (".xml", ".xsd", ".plist")),
    Language("html", (".html", ".htm", ".jinja", ".j2", ".vue", ".svelte")),
    Language("css", (".css", ".scss", ".sass", ".less")),
    Language("make", (".mk",), files=("Makefile", "GNUmakefile")),
    Language("docker", (".dockerfile",), files=("Dockerfile", "Containerfile")),
    Language("protobuf", (".proto",)),
    Language("graphql", (".graphql", ".gql")),
    Language("lua", (".lua",)),
    Language("perl", (".pl", ".pm")),
    Language("r", (".r",)),
    Language("elixir", (".ex", ".exs")),
    Language("erlang", (".erl", ".hrl")),
    Language("haskell", (".hs",)),
    Language("clojure", (".clj", ".cljs")),
    Language("dart", (".dart",)),
    Language("zig", (".zig",)),
    Language("terraform", (".tf",)),
)  # fmt: skip

BY_NAME = {language.name: language for language in LANGUAGES}
_BY_EXTENSION = {ext: language for language in LANGUAGES for ext in language.extensions}
_BY_FILE = {name: language for language in LANGUAGES for name in language.files}
OTHER = "other"
_CPP = re.compile(
    rb"^[ \t]*(template[ \t]*<|(inline[ \t]+)?namespace\b[\w: \t]*(\{|\r?$)"
    rb"|(enum[ \t]+)?class[ \t]+([A-Z_]+[ \t]+)?\w+[ \t]*(final[ \t]*)?([:{]|\r?$)"
    rb"|(public|private|protected)[ \t]*:|using[ \t]+\w+|\w[\w ]*\boperator\b)",
    re.MULTILINE,
)


def language_of(path: str) -> str:
    """The language of a file by its name; `other` when it is unknown."""
    place = PurePosixPath(path)
    language = _BY_FILE.get(place.name) or _BY_EXTENSION.get(place.suffix.lower())
    return language.name if language else OTHER


def grammar_language(language: str, text: bytes) -> str:
    """The language whose grammar reads a text: a C header may hold what only C++ has."""
    return "cpp" if language == "c" and _CPP.search(text) else language
