"""Lines as grammars and editors count them, words inside identifiers, and the text of a symbol."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepsake.scanner.parse.text import (
    calls_by_symbol,
    has_longer_line,
    lines_of,
    parts,
    symbol_texts,
    words,
)


@pytest.mark.parametrize(
    ("text", "lines"),
    [("", []), ("a\nb\n", ["a", "b"]), ("a\r\nb", ["a", "b"]), ("\n\na", ["", "", "a"]),
     ("a\x0c\x85\u2028b\nc", ["a\x0c\x85\u2028b", "c"])],
)  # fmt: skip
def test_only_a_line_feed_ends_a_line(text, lines):
    assert lines_of(text) == lines


@pytest.mark.parametrize("before", ["", "\n", "ab\n", "abc\n\n", "abc\nabc\nabc\n"])
@pytest.mark.parametrize("after", ["", "\n", "\nabc", "\na\nb\nabc\n"])
@pytest.mark.parametrize(("line", "longer"), [("", False), ("abc", False), ("abcd", True)])
def test_a_line_counts_as_longer_without_its_line_feed(before, after, line, longer):
    assert has_longer_line(f"{before}{line}{after}".encode(), 3) is longer


@pytest.mark.parametrize(
    ("identifier", "inside"),
    [
        ("getHTTPCode_v2", ("get", "http", "code", "v", "2")),
        ("PriceList", ("price", "list")),
        ("SCREAMING_CASE", ("screaming", "case")),
        ("__init__", ("init",)),
        ("größeÄndern", ("größeändern",)),
    ],
)
def test_an_identifier_is_split_at_its_humps_underscores_and_digits(identifier, inside):
    assert parts(identifier) == inside


@given(st.text(max_size=80))
def test_any_text_can_be_split(text):
    assert all(part == part.lower() and part for part in parts(text))


def test_a_text_gives_identifiers_whole_and_split():
    assert words("call lookupPrice(x)") == ["call", "lookup", "price", "lookupprice", "x"]


def test_of_data_only_what_is_documented_is_embedded():
    symbol = {"qualified": "Shop.size", "signature": "size = 1", "kind": "field"}

    assert symbol_texts({"symbols": [{**symbol, "doc": ""}]}) == []
    assert symbol_texts({"symbols": [{**symbol, "doc": "How big."}]}) == [
        "shop size size = 1 How big."
    ]


def test_a_symbol_stands_for_its_name_signature_documentation_and_calls():
    symbol = {"qualified": "Shop.sellTea", "signature": "def sellTea(self)", "doc": "Sells.",
              "kind": "method"}  # fmt: skip
    calls = [{"name": "pour", "at": [[3, 0]]}, {"name": "boil", "at": [[2, 0], [9, -1]]}]

    assert symbol_texts({"symbols": [symbol], "calls": calls}) == [
        "shop sell tea def sellTea(self) Sells. boil pour"
    ]
    assert calls_by_symbol({"calls": calls}) == {0: ["boil", "pour"], -1: ["boil"]}
