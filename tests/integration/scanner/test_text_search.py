"""Lines of an index that match, with what was not looked at."""

import pytest

from keepsake.scanner.errors import NotIndexed
from keepsake.scanner.search.query_language import parsed_query
from keepsake.scanner.search.service import CodeSearch
from keepsake.scanner.search.text_search import TextPlace
from tests.integration.scanner.gitrepo import GitRepo
from tests.integration.scanner.shop import ANN, SHOP


@pytest.fixture
def lines(search):
    """The places of the lines that a query finds."""

    def asked(query, limit=50, **more):
        answer, _ = search.texts.of(ANN, SHOP, parsed_query(query), limit, **more)
        return [(hit.path, hit.line) for hit in answer.hits]

    return asked


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("lookup_price", [("shop/orders.py", 8), ("shop/prices.py", 7)]),
        ("LOOKUP_price case:yes", []),
        (r'"return f\""', [("shop/prices.py", 12)]),
        (r"/return \w+\(/", [("shop/orders.py", 8)]),
        ("return format", [("shop/orders.py", 2), ("shop/orders.py", 8), ("shop/prices.py", 9),
                           ("shop/prices.py", 11), ("shop/prices.py", 12)]),
        ("return -format lang:python", []),
        ("charged", [("docs/guide.md", 5)]),
        ("charged -lang:md", []),
        ("return path:web", [("web/counter.js", 3), ("web/counter.js", 4)]),
        ("(id", [("db/schema.sql", 1)]),
        ("nowhere-to-be-found", []),
    ],
)  # fmt: skip
def test_lines_are_found_by_words_phrases_and_expressions(lines, query, found):
    assert lines(query) == found


def test_pages_have_each_line_once_in_order(search, lines):
    query, after, pages = parsed_query("e"), None, []
    while True:
        answer, after = search.texts.of(ANN, SHOP, query, 4, after=after)
        pages.append([(hit.path, hit.line) for hit in answer.hits])
        assert answer.complete is False  # two files of the shop were not read
        if after is None:
            break

    assert [line for page in pages for line in page] == lines("e")
    assert all(len(page) == 4 for page in pages[:-1])


def test_an_answer_says_which_files_were_not_read(search):
    answer, _ = search.texts.of(ANN, SHOP, parsed_query("nowhere"), 10)

    assert [(file.path, file.reason) for file in answer.unread] == [
        ("web/app.min.js", "generated"), ("web/tables.js", "generated"),
    ]  # fmt: skip
    assert (answer.unread_count, answer.complete) == (2, False)
    python, _ = search.texts.of(ANN, SHOP, parsed_query("nowhere lang:python"), 10)
    assert (python.unread, python.complete) == ([], True)


def test_what_a_former_version_scanned_without_trigrams_is_found_all_the_same(
    database, search, lines
):
    before = lines("return")
    database["code_sources"].update_many({}, {"$unset": {"trigrams": 1}})

    answer, _ = CodeSearch(database).texts.of(ANN, SHOP, parsed_query("return"), 50)

    assert [(hit.path, hit.line) for hit in answer.hits] == before


def test_a_file_that_takes_too_long_is_passed_over_and_told(search, monkeypatch):
    monkeypatch.setattr("keepsake.scanner.search.text_search._SECONDS", -1)

    answer, after = search.texts.of(ANN, SHOP, parsed_query("/r.*e/"), 50)

    assert answer.hits == []
    assert (answer.complete, answer.counted) == (False, False)
    assert answer.unread[0].reason == "took too long"
    assert after == TextPlace(0, answer.unread[0].path, after.line)


def test_a_rescan_and_a_removal_are_seen(search, scan, repo, lines):
    assert lines("voucher") == []
    repo.commit({"shop/prices.py": "voucher = 1\n"})
    result = scan(repo)

    assert lines("voucher") == [("shop/prices.py", 1)]
    assert lines("lookup_price") == [("shop/orders.py", 8)]
    search.removal.repository("ann", result.repository)
    with pytest.raises(NotIndexed):
        lines("voucher")


def test_all_own_repositories_are_searched_in_one_call(search, scan, tmp_path):
    other = GitRepo(tmp_path / "acme" / "bank")
    other.commit({"bank.py": "def lookup_price(): pass\n"})
    scan(other)
    foreign = GitRepo(tmp_path / "zoo" / "bank")
    foreign.commit({"bank.py": "def lookup_price(): pass\n"})
    scan(foreign, owner="eve")
    query = parsed_query("lookup_price")

    whole, none = search.texts.of_all(ANN, query, 10)
    pages, after = [], None
    while True:
        answer, after = search.texts.of_all(ANN, query, 1, after=after)
        pages += [(hit.repo, hit.path, hit.line) for hit in answer.hits]
        if after is None:
            break

    assert pages == [(hit.repo, hit.path, hit.line) for hit in whole.hits] == [
        ("bank", "bank.py", 1), ("shop", "shop/orders.py", 8), ("shop", "shop/prices.py", 7),
    ]  # fmt: skip
    assert (none, whole.repository_count, whole.line_count) == (None, 2, 3)
    only, _ = search.texts.of_all(ANN, parsed_query("lookup_price repo:acme/bank"), 10)
    assert [hit.repo for hit in only.hits] == ["bank"]
