"""The tree of an index, what files define, their sources, and what was not read of them."""

import pytest

from keepsake.scanner.errors import FileSkipped
from keepsake.scanner.search.service import CodeSearch
from tests.integration.scanner.shop import ANN, SHOP


def test_a_file_tells_what_it_defines_in_order(search):
    names = [hit.qualified for hit in search.definitions(ANN, SHOP, "shop/prices.py").symbols]

    assert names == ["PriceList", "PriceList.lookup_price", "format_amount"]


def test_the_tree_lists_folders_before_files_with_what_is_below(search):
    nodes = search.tree(ANN, SHOP).nodes
    inside = search.tree(ANN, SHOP, "shop").nodes

    assert [(node.path, node.kind, node.files) for node in nodes] == [
        ("db", "folder", 1),
        ("docs", "folder", 1),
        ("shop", "folder", 3),
        ("web", "folder", 4),
    ]
    assert inside[0].path == "shop/__init__.py"


def test_all_files_that_were_not_read_whole_are_listed_with_their_reasons(search, scan, repo):
    repo.commit({"web/logo.png": b"\x00\x01\x02", "db/odd.c": "int f(void) { return (; }\n"})
    scan(repo)

    listing = search.tree(ANN, SHOP, unread=True)
    below = search.tree(ANN, SHOP, "db", unread=True)

    assert {(node.path, node.skip, node.partial) for node in below.nodes} == {
        ("db/odd.c", None, ((1, 1),))
    }
    assert {node.path for node in listing.nodes} >= {"db/odd.c", "web/logo.png"}
    assert not listing.truncated


def test_the_source_of_a_symbol_comes_with_line_numbers(search):
    excerpt = search.source(ANN, SHOP, "shop/prices.py", symbol="format_amount").source

    assert excerpt.lines[0] == (11, "def format_amount(amount):")
    assert (excerpt.first, excerpt.last) == (11, 12)


def test_a_file_that_was_not_read_says_why_in_the_tree_and_at_its_source(search):
    reasons = {node.path: node.skip for node in search.tree(ANN, SHOP, "web").nodes}

    assert (reasons["web/app.min.js"], reasons["web/tables.js"]) == ("generated", "generated")
    assert reasons["web/counter.js"] is None
    with pytest.raises(FileSkipped, match="generated"):
        search.source(ANN, SHOP, "web/tables.js")


def test_lines_that_a_grammar_could_not_read_are_told_wherever_a_file_is(database, scan, repo):
    repo.commit({"a.py": "def f(): pass\n)\n", "b.py": "def g(): pass\n"})

    result, search = scan(repo), CodeSearch(database)

    assert (result.stats["parsed"], result.stats["partial"]) == (2, 1)
    assert result.warnings == ["1 files have lines that their grammar could not read"]
    nodes = {node.path: node.partial for node in search.tree(ANN, SHOP).nodes}
    assert nodes == {"a.py": ((2, 2),), "b.py": ()}
    assert search.source(ANN, SHOP, "a.py", symbol="f").source.partial == ((2, 2),)
    assert search.definitions(ANN, SHOP, "a.py").partial == ((2, 2),)
    repo.commit({"a.py": "def f(): pass\n"})
    assert scan(repo).stats["partial"] == 0


def test_a_script_is_listed_and_counted_in_the_language_that_its_content_has(database, scan, repo):
    repo.commit({"bin/tool": "#!/usr/bin/env python3\ndef f(): pass\n", "notes": "words\n"})

    result, search = scan(repo), CodeSearch(database)

    assert result.stats["languages"] == {"other": 1, "python": 1}
    assert [hit.language for hit in search.by_name(ANN, SHOP, "f").hits] == ["python"]
    nodes = {node.path: (node.languages, node.read_as) for node in search.tree(ANN, SHOP).nodes}
    assert nodes == {"bin": ({"python": 1}, None), "notes": ({"other": 1}, "chunks")}
    repo.commit({"bin/tool": "#!/bin/sh\ng() { :; }\n", "copy": "#!/bin/sh\ng() { :; }\n"})
    assert scan(repo).stats["languages"] == {"bash": 2, "other": 1}
