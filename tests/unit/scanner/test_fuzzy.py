"""Names are found by the words inside them, and when they are misspelt."""

import pytest

from keepsake.scanner.search.symbol_index import FuzzyNames

NAMES = FuzzyNames(["getHTTPResponse", "get_response_code", "PriceList", "lookup_price", "parse"])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("response", ["getHTTPResponse", "get_response_code"]),
        ("get resp", ["getHTTPResponse", "get_response_code"]),
        ("httpResponse", ["getHTTPResponse"]),
        ("list price", ["PriceList"]),
        ("sale", []),
    ],
)
def test_names_are_found_by_the_beginnings_of_their_words(query, names):
    assert NAMES.with_parts(query) == names


@pytest.mark.parametrize("query", ["lokup_price", "lookup_prise", "lookupprice"])
def test_a_misspelt_name_is_found_first(query):
    assert NAMES.alike(query)[0][0] == "lookup_price"


def test_nothing_is_alike_in_an_empty_index():
    assert (FuzzyNames([]).alike("x"), FuzzyNames([]).with_parts("x")) == ([], [])
