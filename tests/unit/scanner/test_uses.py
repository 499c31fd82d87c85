"""Every use of a name that a grammar shows, with its kind, and none of a local variable."""

import pytest

from keepsake.scanner.parse.uses import KINDS
from keepsake.scanner.parse.worker import parse_blob
from tests.unit.scanner.sources.uses_of_programs import (
    CPP,
    CSHARP,
    ELIXIR,
    GO,
    JAVA,
    KOTLIN,
    RUST,
    SCALA,
    SQL,
    SWIFT,
    C,
)
from tests.unit.scanner.sources.uses_of_scripts import (
    BASH,
    JAVASCRIPT,
    LUA,
    PHP,
    PYTHON,
    RUBY,
    TYPESCRIPT,
)

LANGUAGES = {
    "python": PYTHON, "javascript": JAVASCRIPT, "typescript": TYPESCRIPT,
    "tsx": TYPESCRIPT[:3] + JAVASCRIPT[:4] + JAVASCRIPT[11:12], "go": GO, "rust": RUST,
    "java": JAVA, "c": C, "cpp": C[:5] + CPP, "csharp": CSHARP, "ruby": RUBY, "php": PHP,
    "kotlin": KOTLIN, "swift": SWIFT, "scala": SCALA, "bash": BASH, "sql": SQL,
    "elixir": ELIXIR, "lua": LUA,
}  # fmt: skip


def used(language, text):
    """The names of a source by kind, as `kind:name`."""
    record = parse_blob(text.encode(), language)
    calls = {f"call:{call['name']}" for call in record["calls"]}
    return calls | {f"{use['kind']}:{use['name']}" for use in record["uses"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_uses_are_found_with_their_kind_and_what_is_local_is_none(language):
    wrong = []
    for text, wanted, unused in LANGUAGES[language]:
        uses = used(language, text)
        missing = set(wanted.split()) - uses
        names = {use.partition(":")[2] for use in uses}
        besides = set(unused.split()) & names
        if missing or besides:
            wrong.append((text, sorted(missing), sorted(besides), sorted(uses)))
    assert wrong == []


def test_a_use_says_its_line_and_the_symbol_around_it():
    record = parse_blob(b"def a():\n    run(tick)\nstop(tick)\n", "python")
    (tick,) = [use for use in record["uses"] if use["name"] == "tick"]
    assert [list(place) for place in tick["at"]] == [[2, 0], [3, -1]]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("rust", "struct A;\nmod m {\n  impl shop::Show for A { fn f() {} }\n}"),
        ("swift", "extension A: Show {}"),
    ],
)
def test_what_an_extended_type_inherits_names_the_type(language, text):
    record = parse_blob(text.encode(), language)
    (show,) = [use for use in record["uses"] if use["name"] == "Show"]
    assert show["kind"] == "inherit"
    assert show["at"][0][2] == "A"


def test_each_kind_is_one_that_can_be_asked_for():
    kinds = {use.partition(":")[0] for sources in LANGUAGES.values() for _, uses, _ in sources
             for use in uses.split()}  # fmt: skip
    assert kinds == set(KINDS)
