from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from scanner.errors import NotIndexed
from scanner.models import ScanRequest
from scanner.pipeline import Scan
from scanner.search.service import CodeSearch, Place
from scanner.store.heads import Reader
from storage.fence import Unfenced

ANN = Reader("ann")
SHOP = Place("acme", "shop")

FILES = {
    "shop/__init__.py": "",
    "shop/prices.py": '''
"""What things cost."""

class PriceList:
    """Knows every price."""

    def lookup_price(self, name):
        """Find what a thing costs."""
        return self.table[name]

def format_amount(amount):
    return f"{amount:.2f}"
''',
    "shop/orders.py": """
from shop.prices import PriceList, format_amount
from . import prices

class OrderBook:
    def total(self, names):
        prices = PriceList()
        return format_amount(sum(prices.lookup_price(n) for n in names))

def print_receipt(book):
    print(book.total(["tea"]))
""",
    "web/getHTTPResponse.ts": "export function getHTTPResponse(url: string) {}\n",
    "docs/guide.md": "# Guide\n\n## Paying by card\n\nHow a card is charged.\n",
}


class WordCounts:
    """A real if crude embedder: texts that share letter pairs are near."""

    def embed(self, texts):
        rows = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for first, second in pairwise(text.lower()):
                row[(ord(first) * 31 + ord(second)) % 64] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


@pytest.fixture
def search(database, scan, repo) -> CodeSearch:
    repo.commit(FILES)
    scan(repo)
    return CodeSearch(database)


def found(answer):
    return [(hit.qualified, hit.match) for hit in answer.hits]


def test_a_name_is_found_exactly_in_any_case(search):
    assert found(search.by_name(ANN, SHOP, "PriceList"))[0] == ("PriceList", "exact")
    assert found(search.by_name(ANN, SHOP, "pricelist"))[0] == ("PriceList", "exact")


def test_a_qualified_name_is_found_by_its_end(search):
    hits = search.by_name(ANN, SHOP, "OrderBook.total").hits

    assert (hits[0].path, hits[0].line, hits[0].match) == ("shop/orders.py", 6, "exact")


def test_a_name_is_found_by_its_beginning(search):
    assert ("format_amount", "prefix") in found(search.by_name(ANN, SHOP, "form"))


@pytest.mark.parametrize("query", ["httpResponse", "http response", "get_resp", "Response"])
def test_a_name_is_found_by_the_words_inside(search, query):
    assert ("getHTTPResponse", "parts") in found(search.by_name(ANN, SHOP, query))


def test_a_misspelt_name_is_found(search):
    assert ("PriceList.lookup_price", "fuzzy") in found(search.by_name(ANN, SHOP, "lokup_prise"))


def test_meaning_is_lexical_without_an_embedder(search):
    answer = search.by_meaning(ANN, SHOP, "what does a thing cost")

    assert found(answer)[0] == ("PriceList.lookup_price", "lexical")
    assert answer.semantic == 0


def test_headings_are_found_by_meaning(search):
    assert found(search.by_meaning(ANN, SHOP, "card charged"))[0][0] == "Guide / Paying by card"


def test_meaning_is_hybrid_where_vectors_are(database, tools, repo):
    repo.commit(FILES)
    embedding = replace(tools, embedder=WordCounts(), embedding_model="pairs")
    for _ in Scan(embedding, "ann", ScanRequest(url=repo.url), fence=Unfenced()).steps():
        pass

    answer = CodeSearch(database, None, WordCounts(), "pairs").by_meaning(ANN, SHOP, "find price")

    assert answer.semantic == 1
    assert ("PriceList.lookup_price", "hybrid") in found(answer)


def test_callers_are_found_with_the_symbol_around_them(search):
    uses = search.callers(ANN, SHOP, "format_amount")

    assert [(use.path, use.line, use.symbol, use.confidence) for use in uses] == [
        ("shop/orders.py", 8, "OrderBook.total", "one definition")
    ]


def test_importers_of_a_file_are_found_whatever_form_the_import_has(search):
    uses = search.importers(ANN, SHOP, "shop/prices.py")

    assert [(use.path, use.line) for use in uses] == [("shop/orders.py", 2), ("shop/orders.py", 3)]


def test_impact_follows_calls_to_their_callers(search):
    reached = search.impact(ANN, SHOP, "shop/prices.py", "PriceList.lookup_price")

    assert [(one.symbol, one.distance) for one in reached] == [
        ("OrderBook.total", 1),
        ("print_receipt", 2),
    ]


def test_a_file_tells_what_it_defines_in_order(search):
    names = [hit.qualified for hit in search.definitions(ANN, SHOP, "shop/prices.py")]

    assert names == ["PriceList", "PriceList.lookup_price", "format_amount"]


def test_the_tree_lists_folders_before_files_with_what_is_below(search):
    nodes = search.tree(ANN, SHOP)
    inside = search.tree(ANN, SHOP, "shop")

    assert [(node.path, node.kind, node.files) for node in nodes] == [
        ("docs", "folder", 1),
        ("shop", "folder", 3),
        ("web", "folder", 1),
    ]
    assert inside[0].path == "shop/__init__.py"


def test_the_source_of_a_symbol_comes_with_line_numbers(search):
    excerpt = search.source(ANN, SHOP, "shop/prices.py", symbol="format_amount")

    assert excerpt.lines[0] == (11, "def format_amount(amount):")
    assert (excerpt.first, excerpt.last) == (11, 12)


def test_a_stranger_finds_nothing_until_it_is_shared_with_their_organisation(search):
    bob = Reader("bob", ("guild",))
    with pytest.raises(NotIndexed):
        search.by_name(bob, SHOP, "PriceList")

    search.heads.share("ann", "acme", "shop", ["guild"])

    assert found(search.by_name(bob, SHOP, "PriceList"))[0] == ("PriceList", "exact")
    with pytest.raises(NotIndexed):
        search.by_name(Reader("eve", ("others",)), SHOP, "PriceList")


def test_a_rescan_is_seen_by_a_search_that_is_kept(search, scan, repo):
    search.by_meaning(ANN, SHOP, "cost")
    repo.commit({"shop/prices.py": "def voucher_discount(): pass\n"})
    scan(repo)

    assert found(search.by_meaning(ANN, SHOP, "voucher"))[0][0] == "voucher_discount"
    assert ("PriceList", "exact") not in found(search.by_name(ANN, SHOP, "PriceList"))
