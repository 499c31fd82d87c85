"""One search for names, paths and questions."""

import pytest

from keepsake.scanner.search.query_language import free_query, parsed_query
from tests.integration.scanner.shop import ANN, SHOP

MORE = {
    "shop/parcels.py": "def send(parcel):\n    # the courier refuses what is too heavy\n"
    "    raise ValueError('a parcel of more than 30 kg')\n\nLIMIT = weigh()\n",
    "tests/test_parcels.py": "def test_courier_refuses_heavy_parcels(): send(heavy)\n",
    "docs/parcels.md": "# Parcels\n\nThe courier refuses parcels that are too heavy.\n\n"
    "## Insurance\n\n" + "Some words about it.\n" * 60 + "A claim is filed within nine days.\n",
    "CHANGELOG.md": "# Changes\n\nThe courier refuses heavy parcels: courier, parcel.\n",
}


BEST = {
    "PriceList": ("shop/prices.py", "PriceList"),
    "lookup_price": ("shop/prices.py", "PriceList.lookup_price"),
    "Where does the courier refuse heavy parcels?": ("shop/parcels.py", "send"),
    "a parcel of more than 30 kg": ("shop/parcels.py", "send"),
    "price list": ("shop/prices.py", "PriceList"),
    "shop/orders.py": ("shop/orders.py", "shop/orders.py"),
    "orders": ("shop/orders.py", "OrderBook"),
    "when is a claim filed": ("docs/parcels.md", "Parcels / Insurance"),
    "weigh the limit": ("shop/parcels.py", "shop/parcels.py"),
}
LIMITED = {
    "courier path:docs/": {"docs/parcels.md"},
    "courier test:yes": {"tests/test_parcels.py"},
    'courier "too heavy"': {"shop/parcels.py", "docs/parcels.md"},
    '"courier" -heavy': set(),
    "/refuses .* heavy$/ courier": {"shop/parcels.py"},
    "price kind:class": {"shop/prices.py"},
    "courier lang:markdown": {"docs/parcels.md", "CHANGELOG.md"},
}


@pytest.fixture
def hits(repo, scan, search):
    """What a question or a query finds, as paths and names."""
    repo.commit(MORE)
    scan(repo)

    def asked(text, limit=5, *, query=False, begin=0):
        read = parsed_query(text) if query else free_query(text)
        answer, more = search.search(ANN, SHOP, read, limit, begin)
        return [(hit.path, hit.qualified) for hit in answer.hits], more

    return asked


def test_the_best_hit_is_the_name_the_file_or_the_code_that_answers(hits):
    assert {text: hits(text)[0][0] for text in BEST} == BEST


def test_code_comes_before_tests_prose_and_changelogs_that_have_the_same_words(hits):
    paths = list(dict.fromkeys(path for path, _ in hits("courier refuses heavy parcels", 20)[0]))

    assert [path for path in paths if path in MORE] == [
        "shop/parcels.py", "tests/test_parcels.py", "docs/parcels.md", "CHANGELOG.md",
    ]  # fmt: skip


def test_filters_phrases_and_expressions_limit_what_is_found(hits):
    limited = {query: {path for path, _ in hits(query, 20, query=True)[0]} for query in LIMITED}

    assert limited == LIMITED


def test_pages_have_each_hit_once(hits):
    whole, more = hits("price", 50)
    first, after_first = hits("price", 2)
    second, _ = hits("price", 2, begin=2)

    assert (first + second, after_first, more) == (whole[:4], True, False)
