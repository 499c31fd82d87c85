"""Names: the words inside them, and how they are found when they are misspelt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepsake.scanner.parse.text import calls_by_symbol, parts, symbol_texts, words
from keepsake.scanner.search.fuzzy import Names

NAMES = Names(["getHTTPResponse", "get_response_code", "PriceList", "lookup_price", "parse"])


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


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("response", ["getHTTPResponse", "get_response_code"]),
        ("get resp", ["getHTTPResponse", "get_response_code"]),
        ("httpResponse", ["getHTTPResponse"]),
        ("list price", ["PriceList"]),
        ("sale", []),
    ],
)
def test_names_are_found_by_the_beginnings_of_their_words(query, found):
    assert NAMES.with_parts(query) == found


@pytest.mark.parametrize("query", ["lokup_price", "lookup_prise", "lookupprice"])
def test_a_misspelt_name_is_found_first(query):
    assert NAMES.alike(query)[0][0] == "lookup_price"


def test_nothing_is_alike_in_an_empty_index():
    assert (Names([]).alike("x"), Names([]).with_parts("x")) == ([], [])


def test_a_symbol_stands_for_its_name_signature_documentation_and_calls():
    symbol = {"qualified": "Shop.sellTea", "signature": "def sellTea(self)", "doc": "Sells."}
    calls = [{"name": "pour", "at": [[3, 0]]}, {"name": "boil", "at": [[2, 0], [9, -1]]}]

    assert symbol_texts({"symbols": [symbol], "calls": calls}) == [
        "shop sell tea def sellTea(self) Sells. boil pour"
    ]
    assert calls_by_symbol({"calls": calls}) == {0: ["boil", "pour"], -1: ["boil"]}
