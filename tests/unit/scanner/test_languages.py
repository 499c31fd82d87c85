"""What a scan finds in each language it has a grammar for: the table is `sources`."""

import pytest

from keepsake.scanner.models import NOWHERE
from keepsake.scanner.parse import worker
from keepsake.scanner.parse.detection import language_of
from keepsake.scanner.parse.languages import LANGUAGES
from keepsake.scanner.parse.skipping import component_name
from keepsake.scanner.parse.worker import pack_blob, parse_blob
from tests.unit.scanner.sources import SOURCES
from tests.unit.scanner.sources.small import SMALL


def parsed(language):
    return parse_blob(SOURCES[language].source.encode(), language)


def test_every_language_with_a_grammar_has_a_source_in_the_table():
    assert set(SOURCES) == {language.name for language in LANGUAGES if language.grammar}


@pytest.mark.parametrize("language", SOURCES)
def test_symbols_have_kind_qualified_name_range_and_visibility(language):
    listed = [
        f"{symbol['kind']} {symbol['qualified']} {symbol['line']}-{symbol['end_line']}"
        + ("" if symbol["exported"] else " hidden")
        for symbol in parsed(language)["symbols"]
    ]

    assert listed == SOURCES[language].symbols.strip().splitlines()


@pytest.mark.parametrize("language", SOURCES)
def test_a_qualified_name_is_the_parent_and_the_name(language):
    for symbol in parsed(language)["symbols"]:
        assert symbol["qualified"].startswith(symbol["parent"])
        assert symbol["qualified"].endswith(symbol["name"])


@pytest.mark.parametrize("language", SOURCES)
def test_a_symbol_has_its_signature_and_its_documentation(language):
    name, signature, doc = SOURCES[language].about
    symbol = next(
        candidate for candidate in parsed(language)["symbols"] if candidate["qualified"] == name
    )

    assert (symbol["signature"], symbol["doc"]) == (signature, doc)


@pytest.mark.parametrize("language", SOURCES)
def test_calls_are_found_with_the_symbol_around_them(language):
    record = parsed(language)
    around = [symbol["qualified"] for symbol in record["symbols"]]
    calls = {
        f"{call['name']}@{around[inside] if inside != NOWHERE else ''}"
        for call in record["calls"]
        for _, inside in call["at"]
    }

    assert calls == set(SOURCES[language].calls.split())


@pytest.mark.parametrize("language", SOURCES)
def test_imports_are_found_with_their_names(language):
    statements = [
        (statement["module"], statement["names"]) for statement in parsed(language)["imports"]
    ]

    assert statements == SOURCES[language].imports


def test_imports_come_in_the_order_of_their_lines():
    source = "".join(f"import m{n}\n" for n in range(300)).encode()

    lines = [statement["line"] for statement in parse_blob(source, "python")["imports"]]

    assert lines == list(range(1, 301))


@pytest.mark.parametrize("language", SOURCES)
def test_a_source_that_does_not_parse_still_gives_what_stands_before_the_fault(language):
    first = SOURCES[language].symbols.split()[1]

    record = parse_blob(SOURCES[language].source.encode() + b"\n) ) ]\n", language)

    assert first in [symbol["qualified"] for symbol in record["symbols"]]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("class Order {\npublic:\n  int total();\n};\n", ["Order", "Order::total"]),
        ("namespace shop {\nint total() { return 1; }\n}\n", ["shop", "shop::total"]),
        ("template <typename T>\nT twice(T a) { return a; }\n", ["twice"]),
        (
            "struct order { int class_of; };\nint total(int namespace_id);\n",
            ["order", "order.class_of"],
        ),
        (
            "/* A template for each\n * class of order. */\nstruct order { int id; };\n",
            ["order", "order.id"],
        ),
    ],
)
def test_a_header_with_cpp_in_it_is_read_as_cpp(header, names):
    symbols = parse_blob(header.encode(), language_of("order.h"))["symbols"]

    assert [symbol["qualified"] for symbol in symbols] == names


def test_deep_nesting_does_not_make_names_grow_without_end():
    source = "".join(f"namespace {'n' * 190}{n} {{\n" for n in range(400)).encode() + b"}" * 400

    symbols = parse_blob(source, "cpp")["symbols"]

    assert len(symbols) == 400
    assert max(len(symbol["qualified"]) for symbol in symbols) < 700
    assert len(pack_blob(source, "cpp").fields) < 1 << 20
    assert all(symbol["qualified"].startswith(symbol["parent"]) for symbol in symbols)
    assert symbols[-1]["qualified"].endswith(symbols[-1]["name"])


def test_what_no_document_can_hold_is_skipped_for_good(monkeypatch):
    monkeypatch.setattr(worker, "_MOST_BYTES", 1_000)

    packed = pack_blob(b"def f(): pass\n" * 100, "python")

    assert packed.counts["skip"] == "too complex"
    assert packed.counts["symbol_count"] == packed.counts["reference_count"] == 0
    assert len(packed.fields) < 1_000


def test_a_class_without_a_body_costs_its_file_nothing():
    source = "".join(" " * n + f"class C{n}:\n" for n in range(20))

    assert [symbol["name"] for symbol in parse_blob(source.encode(), "python")["symbols"]][:1] == [
        "C0"
    ]


@pytest.mark.parametrize(
    ("literal", "doc"),
    [(r'"""Adds  up."""', "Adds up."), (r"'one'", "one"), (r'"""a\tb\x41"""', "a bA"),
     (r'r"""a\tb"""', r"a\tb"), (r'b"""a"""', ""), (r'""""a" b"""', '"a" b'),
     (r'"""half \ud83d of it"""', "half ? of it")],
)  # fmt: skip
def test_a_docstring_is_what_its_literal_stands_for_and_can_be_kept(literal, doc):
    source = f"def f():\n    {literal}\n".encode()

    assert parse_blob(source, "python")["symbols"][0]["doc"] == doc
    assert pack_blob(source, "python").counts["symbol_count"] == 1


def test_documentation_stands_before_a_template():
    source = b"/// One of many.\ntemplate <class T>\nclass Box {\n  // Puts it in.\n"
    source += b"  template <class U>\n  requires Ok<U>\n  void put(U u);\n};\n"

    symbols = parse_blob(source, "cpp")["symbols"]

    assert [symbol["doc"] for symbol in symbols] == ["One of many.", "Puts it in."]


@pytest.mark.parametrize(
    ("language", "source", "lines"),
    [
        ("python", "@cache\n@other(1)  # why\ndef f(): pass\n", (1, 3, 3)),
        ("rust", "/// Doc.\n#[derive(Debug)]\n#[x]\npub struct f;\n", (2, 4, 4)),
        ("typescript", "@Dec({\n  a: 1\n})\nexport class f {\n}\n", (1, 4, 5)),
        ("java", "@A\n@B(1)\nclass f {}\n", (1, 3, 3)),
        ("csharp", "[A]\n[B(1)]\nclass f {}\n", (1, 3, 3)),
        ("php", "<?php\n#[A]\nfunction f() {}\n", (2, 3, 3)),
        ("c", "static int\nf(void)\n{\n}\n", (1, 2, 4)),
        (
            "cpp",
            "template <class T,\n          class U>\nrequires Ok<T>\nvoid f(T t) {\n}\n",
            (1, 4, 5),
        ),
    ],
)
def test_a_range_begins_with_decorators_and_the_line_is_that_of_the_name(language, source, lines):
    (symbol,) = [s for s in parse_blob(source.encode(), language)["symbols"] if s["name"] == "f"]

    assert (symbol["first_line"], symbol["line"], symbol["end_line"]) == lines


@pytest.mark.parametrize(
    ("path", "source", "names"),
    [
        ("ui/Button.tsx", "export default () => <a/>;", ["Button"]),
        ("ui/Button/index.ts", "export default class { run() {} }", ["Button", "Button.run"]),
        ("index.js", "module.exports = function () {};", ["index"]),
        ("shop.d.ts", "declare function sell(): void;\nexport default sell;", ["sell"]),
        ("a.js", "export default function sell() {}", ["sell"]),
    ],
)
def test_what_a_file_exports_without_a_name_is_called_as_the_file(path, source, names):
    language = language_of(path)
    record = parse_blob(source.encode(), language, component_name(path, language))

    assert [symbol["qualified"] for symbol in record["symbols"]] == names
    assert all(symbol["qualified"].endswith(symbol["name"]) for symbol in record["symbols"])
    assert [symbol["parent"] for symbol in record["symbols"]] == ["", *names[: len(names) - 1]]


@pytest.mark.parametrize("small", SMALL, ids=lambda small: f"{small.language}-{small.source[:20]}")
def test_each_kind_of_definition_is_a_symbol(small):
    listed = [
        f"{symbol['kind']} {symbol['qualified']}" + ("" if symbol["exported"] else " hidden")
        for symbol in parse_blob(small.source.encode(), small.language)["symbols"]
    ]

    assert listed == small.symbols.strip().splitlines()
