"""What is left of a source that its grammar cannot read whole."""

import pytest

from keepsake.scanner.parse.worker import pack_blob, parse_blob
from tests.unit.scanner.constructs import CONSTRUCTS


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("def f():\n    pass\n", []),
        ("def f():\n    pass\n)\n\ndef g(): pass\n", [(3, 3)]),
        ("a = 1\n) ]\n] )\nb = 2\nx = (\n", [(2, 3), (5, 5)]),
    ],
)
def test_the_lines_that_a_grammar_lost_are_kept_with_the_file(source, lines):
    packed = pack_blob(source.encode(), "python")

    assert parse_blob(source.encode(), "python")["partial"] == lines
    assert packed.counts["partial"] == lines


def test_many_lost_lines_are_kept_as_a_bounded_number_of_ranges():
    source = b"a = 1\n)\n" * 2_000

    ranges = parse_blob(source, "python")["partial"]

    assert len(ranges) == 500
    assert (ranges[0], ranges[-1][1]) == ((2, 2), 4_000)


@pytest.mark.parametrize("kind", sorted({construct.kind for construct in CONSTRUCTS}))
def test_one_construct_costs_its_file_no_other_definition(kind):
    faults = {
        construct.title: construct.faults() for construct in CONSTRUCTS if construct.kind == kind
    }

    assert {title: listed for title, listed in faults.items() if listed} == {}


def test_what_patterns_find_is_placed_and_shown_as_what_a_grammar_finds():
    lost = b"export default class extends Base<typeof import('./x')> { run = (): void => {} }\n"
    source = lost + b"// Goes on.\nexport function g() {\n  return 1\n}\nfunction h() {}\n"

    record = parse_blob(source, "typescript")

    symbols = {symbol["name"]: symbol for symbol in record["symbols"]}
    place = {key: symbols["g"][key] for key in ("line", "end_line", "signature", "exported")}
    assert place == {"line": 3, "end_line": 5, "signature": "function g()", "exported": True}
    assert not symbols["h"]["exported"]
    assert record["partial"]


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("c", "int broken(int a)\n{\n  if (a) {\n}\nint after(int b)\n{\n  return b;\n}\n"),
        ("java", "class broken {\n  void m() { if (x) {\n  }\n}\nclass after {\n  int n;\n}\n"),
        ("typescript", "class broken {\n  m() { if (x) {\n  }\n}\nclass after {\n  n() {}\n}\n"),
        ("go", "func broken() {\n\tif a {\n\t\tb()\n}\n\nfunc after() {\n\tc()\n}\n"),
        ("rust", "fn broken() {\n    if a {\n        b();\n}\n\npub fn after() {\n    c();\n}\n"),
        ("kotlin", "fun broken() {\n    if (a) {\n        b()\n}\n\nfun after() {\n    c()\n}\n"),
    ],
)
def test_a_brace_that_is_missing_does_not_put_what_follows_inside(language, source):
    symbols = {
        symbol["name"]: symbol for symbol in parse_blob(source.encode(), language)["symbols"]
    }

    assert symbols["after"]["qualified"] == "after"
    assert symbols["after"]["end_line"] > symbols["after"]["line"]


def test_a_column_that_cannot_be_read_costs_its_table_no_other():
    source = (
        b"CREATE TABLE hosts (\n  id INT,\n  kind VARCHAR(9) ?? odd,\n  address VARCHAR(39)\n);\n"
    )

    symbols = [symbol["name"] for symbol in parse_blob(source, "sql")["symbols"]]

    assert symbols == ["hosts", "id", "kind", "address"]
