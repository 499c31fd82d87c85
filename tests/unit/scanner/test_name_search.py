"""The ways in which a name that somebody asks for may be stored."""

import pytest

from keepsake.scanner.search.name_search import ends_in, stored_names


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("sell", {"sell"}),
        ("Shop.sell", {"Shop.sell", "sell"}),
        ("Shop::sell", {"Shop::sell", "Shop.sell", "sell"}),
        ("Shop#sell", {"Shop#sell", "Shop.sell", "Shop.#sell", "sell", "#sell"}),
        ("#hidden", {"#hidden"}),
        ("Shop.#hidden", {"Shop.#hidden", "#hidden"}),
        (".", {"."}),
    ],
)
def test_a_name_is_looked_for_as_it_may_be_stored(name, names):
    assert set(stored_names(name)) == names


def test_a_name_of_very_many_parts_is_looked_for_by_its_last_ones():
    assert len(stored_names(".".join("ab" * 200))) < 30


@pytest.mark.parametrize(
    ("qualified", "name", "same"),
    [
        ("shop.Shop.sell", "Shop.sell", True),
        ("Shop::sell", "Shop#sell", True),
        ("Shop.#hidden", "Shop#hidden", True),
        ("Shop.#hidden", "#hidden", True),
        ("Shop.#hidden", "hidden", False),
        ("Workshop.sell", "shop.sell", False),
    ],
)
def test_a_qualified_name_is_meant_by_its_end(qualified, name, same):
    assert ends_in(qualified, name) is same
