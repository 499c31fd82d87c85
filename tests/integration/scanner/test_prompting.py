"""Code for prompts over a scanned shop: maps, outlines, snippets, and what changed lines."""

import shutil

import pytest

from keepsake.scanner.errors import NotIndexed
from keepsake.scanner.prompting.service import CodePrompts
from keepsake.scanner.search.service import CodeSearch
from tests.integration.scanner.shop import ANN, SHOP


@pytest.fixture
def prompts(database, tools, search):
    return CodePrompts(database, search, tools.settings)


def test_a_map_has_what_the_code_uses_with_its_signature(prompts):
    shown = prompts.map(ANN, SHOP, 1_000)

    assert shown.files[0].path == "shop/prices.py"
    assert "  4 class PriceList" in shown.text
    assert "guide.md" not in shown.text
    assert (shown.matched, shown.left_out) == (0, 0)


def test_a_map_says_which_files_of_code_were_not_read_whole(prompts):
    shown = prompts.map(ANN, SHOP)

    assert [(file.path, file.reason) for file in shown.unparsed] == [
        ("web/app.min.js", "generated"), ("web/tables.js", "generated"),
    ]  # fmt: skip
    assert not shown.complete


def test_a_map_is_seen_from_a_query_or_a_path_that_is_there(prompts):
    asked = prompts.map(ANN, SHOP, 60, query="receipt")
    inside = prompts.map(ANN, SHOP, 60, path="web/")

    assert asked.files[0].symbols[-1].name == "print_receipt"
    assert inside.files[0].path in ("web/counter.js", "web/getHTTPResponse.ts")
    assert prompts.map(ANN, SHOP, path="docs/guide.md").matched == 0
    with pytest.raises(NotIndexed):
        prompts.map(ANN, SHOP, path="nowhere")


def test_a_map_is_of_what_was_scanned_last(prompts, scan, repo):
    prompts.map(ANN, SHOP)
    repo.commit({"shop/till.py": "class Till: pass\n"})
    scan(repo)

    assert "class Till" in prompts.map(ANN, SHOP).text


def test_hits_and_uses_come_with_their_lines(prompts, search):
    named = prompts.with_snippets(ANN, SHOP, search.by_name(ANN, SHOP, "format_amount"), 1)
    uses, _ = search.references(ANN, SHOP, "format_amount", {"call"})
    (use,) = prompts.with_snippets(ANN, SHOP, uses, 3).uses

    assert named.hits[0].snippet.text == "def format_amount(amount):"
    assert use.snippet.text.splitlines()[1].strip().startswith("return format_amount(")
    assert (use.snippet.first, use.snippet.missing) == (use.line - 1, None)


def test_lines_of_what_is_not_there_any_more_are_told_as_missing(prompts, search, scan, repo):
    found = search.by_name(ANN, SHOP, "format_amount")
    repo.commit({"shop/prices.py": "def other(): pass\n"})
    scan(repo)

    (hit, *_) = prompts.with_snippets(ANN, SHOP, found, 5).hits

    assert (hit.snippet.text, hit.snippet.missing) == ("", "not there any more")


def test_a_symbol_is_read_wherever_it_is_and_others_of_its_name_are_told(prompts, scan, repo):
    repo.commit({"tests/test_prices.py": "class PriceList:\n    pass\n"})
    scan(repo)

    view = prompts.source(ANN, SHOP, symbol="PriceList")

    assert (view.source.path, view.source.first) == ("shop/prices.py", 4)
    assert [(place.path, place.line) for place in view.others] == [("tests/test_prices.py", 1)]
    assert prompts.source(ANN, SHOP, "shop/prices.py", lines=(11, 99)).source.last == 12
    with pytest.raises(NotIndexed):
        prompts.source(ANN, SHOP, symbol="Nothing")


def test_where_no_history_was_fetched_it_says_so(prompts, repo, tools):
    history = prompts.history(ANN, SHOP, symbol="PriceList")

    assert (history.path, history.first, history.commits) == ("shop/prices.py", 4, [])
    assert history.reason == "not fetched"
    shutil.rmtree(tools.settings.scan_cache_path)
    assert prompts.history(ANN, SHOP, symbol="PriceList").reason == "no mirror"


def test_commits_that_changed_lines_are_told_as_far_as_they_were_fetched(
    database, scan, repo, tools
):
    for body in ("1", "2", "3"):
        repo.commit({"a.py": f"def f():\n    return {body}\n\n\ndef g():\n    return 0\n"})
    last = repo.commit({"b.py": ""})
    prompts = CodePrompts(database, CodeSearch(database), tools.settings)
    scan(repo, settings=fetching(tools.settings, 4))

    changed = prompts.history(ANN, SHOP, "a.py", "f")
    unchanged = prompts.history(ANN, SHOP, "a.py", "g")

    assert [change.subject for change in changed.commits] == ["more", "more"]
    assert changed.commits[0].author == "a"
    assert (changed.complete, changed.reason) == (False, "not fetched")
    assert unchanged.commits == []
    assert last not in {change.commit for change in changed.commits}
    assert prompts.history(ANN, SHOP, "a.py", "f", limit=1).reason == "more commits"
    repo.commit({"b.py": "pass\n"})
    scan(repo, settings=fetching(tools.settings, 100))
    whole = prompts.history(ANN, SHOP, "a.py", lines=(1, 2))
    assert (len(whole.commits), whole.complete, whole.reason) == (3, True, None)


def fetching(settings, commits):
    return settings.model_copy(update={"scan_history_commits": commits})
