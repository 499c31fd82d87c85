"""What prompts get of an index: what matters most, within the tokens that are given."""

import numpy as np
import pytest

from keepsake.inference import Vocabulary
from keepsake.scanner.git.history import _parsed
from keepsake.scanner.prompting.mapping import MapMaker
from keepsake.scanner.prompting.outlining import outlined
from keepsake.scanner.prompting.ranking import SymbolRanking
from keepsake.scanner.prompting.snippets import Span, span_of
from keepsake.scanner.prompting.tokens import token_count
from keepsake.scanner.prompting.worth import worth_of_path
from keepsake.scanner.search.answers import CodeHit, Use
from keepsake.scanner.search.symbol_index import SymbolIndex, indexed_blob


def symbol(name, kind="function", parent="", line=1):
    return {
        "name": name, "qualified": f"{parent}.{name}" if parent else name, "parent": parent,
        "kind": kind, "signature": f"{kind} {name}", "doc": "", "exported": True,
        "line": line, "first_line": line, "end_line": line + 1,
    }  # fmt: skip


def used(name, kind="call", count=1):
    return {"name": name, "kind": kind, "count": count}


class Files:
    """An index of some files: what each defines, uses and imports."""

    def __init__(self, **files) -> None:
        files = {name.replace("__", "/") + ".py": given for name, given in files.items()}
        vocabulary = Vocabulary()
        blobs = {path: indexed_blob({"symbols": given[0]}, vocabulary)
                 for path, given in files.items()}  # fmt: skip
        listed = [(path, "python", path) for path in sorted(files)]
        self.symbols = SymbolIndex(listed, blobs, vocabulary)
        uses = [
            {"_id": path, "calls": [], "uses": given[1], "tails": given[2]}
            for path, given in files.items()
        ]
        self.ranking = SymbolRanking(self.symbols, iter(uses))

    def ranked(self, rank=None):
        """Names of symbols, the best first."""
        rank = self.ranking.rank if rank is None else rank
        return [self.symbols.symbol(int(number))[0]["name"] for number in np.argsort(-rank)]


@pytest.fixture
def shop():
    return Files(
        models=([symbol("Model", "class"), symbol("save", "method", "Model", 2)], [], []),
        text=([symbol("format")], [], []),
        orders=([symbol("Order", "class")], [used("Model", "inherit"), used("format", count=90)],
                ["models", "Model"]),
        users=([symbol("User", "class")], [used("Model", "inherit"), used("format", count=90)],
               ["models", "Model"]),
        tests__test_users=(
            [symbol("Fake", "class")], [used("Fake", count=50), used("User", count=50)], ["users"]
        ),
    )  # fmt: skip


def test_what_much_of_the_code_leads_to_ranks_first_and_tests_last(shop):
    ranked = shop.ranked()

    assert ranked[0] == "Model"
    assert ranked[-1] == "Fake"


def test_a_name_that_a_file_neither_has_nor_imports_counts_little(shop):
    ranked = shop.ranked()

    assert ranked.index("Model") < ranked.index("format")


def test_of_several_definitions_the_imported_one_counts():
    files = Files(
        forms__fields=([symbol("Field", "class")], [], []),
        db__fields=([symbol("Field", "class")], [], []),
        views=([symbol("View", "class")], [used("Field")], ["forms"]),
    )
    best = int(np.argmax(files.ranking.rank))

    assert files.symbols.symbol(best)[1] == "forms/fields.py"


def test_a_map_from_somewhere_shows_that_and_what_it_uses(shop):
    ranking = shop.ranking
    seen = ranking.focused(ranking.below("users.py").astype(np.float32))

    assert shop.ranked(seen)[:2] == ["User", "Model"]
    assert ranking.below("tests").sum() == 1
    assert not ranking.below("test").any()


def test_a_ranking_is_a_distribution_and_of_nothing_there_is_none(shop):
    assert shop.ranking.rank.sum() == pytest.approx(1, abs=1e-4)
    assert len(Files().ranking.rank) == 0
    assert MapMaker(Files().symbols, Files().ranking.rank, 100).text() == ""


@pytest.mark.parametrize("tokens", [50, 60, 75, 100, 250, 1_000])
def test_a_map_takes_no_more_tokens_than_it_may_and_says_what_it_leaves_out(tokens):
    listed = [symbol(f"Überlang{number}", "class", line=number) for number in range(1, 40)]
    files = Files(deep__folder__names=(listed, [], []))
    filled = MapMaker(files.symbols, files.ranking.rank, tokens)
    shown = [each.name for file in filled.files() for each in file.symbols]

    assert token_count(filled.text()) <= tokens
    assert filled.left_out == 39 - len(shown)
    assert shown, "the first one fits"
    assert filled.text().splitlines()[0] == "deep/folder/names.py:"
    assert len(filled.text().splitlines()) == 1 + len(shown)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("class HttpRequest", 3),
        ("[[x]],(**&&)", 6),
        ("単価計算クラス", 9),
        ("ЗаказКлиента", 7),
    ],
)
def test_a_text_has_no_more_tokens_than_are_counted(text, tokens):
    """What the tokenizer that makes most of o200k, cl100k and Claude's of 2023 makes of it."""
    assert tokens <= token_count(text) <= 3 * tokens


@pytest.mark.parametrize(
    ("path", "is_test"),
    [
        ("tests/auth/models.py", True),
        ("test/orm/test_query.py", True),
        ("src/test/java/ShopTest.java", True),
        ("pkg/shop_test.go", True),
        ("web/shop.spec.ts", True),
        ("web/__tests__/shop.js", True),
        ("django/test/client.py", False),
        ("lib/testing/fixtures.py", False),
        ("contest/latest.py", False),
    ],
)
def test_tests_are_told_by_where_they_stand_and_what_they_are_called(path, is_test):
    assert (worth_of_path(path) < 0.1) is is_test


def hits(*symbols):
    return [
        CodeHit(path="a.py", language="python", score=1, match="exact",
                **{name: value for name, value in each.items() if name != "parent"})
        for each in symbols
    ]  # fmt: skip


def test_an_outline_stands_each_symbol_below_what_it_is_in():
    listed = hits(
        symbol("Shop", "class", line=1), symbol("sell", "method", "Shop", 2),
        symbol("price", "function", "Shop.sell", 3), symbol("Till", "class", line=5),
        symbol("add", "method", "Shop", 7),
    )  # fmt: skip

    shown, text = outlined(listed, 1_000)

    assert [each.depth for each in shown] == [0, 1, 2, 0, 0]
    assert text.splitlines()[1:] == [
        "  2-3 method sell", "    3-4 function price", "5-6 class Till",
        "7-8 Shop.add: method add",
    ]  # fmt: skip


def test_an_outline_that_does_not_fit_leaves_out_the_deepest():
    listed = hits(*(
        each
        for line in range(1, 20, 2)
        for each in (symbol(f"Class{line}", "class", line=line),
                     symbol("run", "method", f"Class{line}", line + 1))
    ))  # fmt: skip

    shown, text = outlined(listed, 90)

    assert token_count(text) <= 90
    assert {each.depth for each in shown} >= {0}
    assert sum(each.depth == 0 for each in shown) == 10


def test_a_snippet_begins_with_its_symbol_or_stands_around_its_use():
    (long,) = hits({**symbol("sell", line=10), "first_line": 9, "end_line": 90})
    (short,) = hits(symbol("sell", line=10))
    use = Use(path="a.py", line=2, symbol="", text="sell", kind="call", confidence="")

    assert span_of(long, 5) == Span("a.py", 9, 13)
    assert span_of(short, 5) == Span("a.py", 10, 11)
    assert span_of(use, 3) == Span("a.py", 1, 3)
    assert span_of(use, 9) == Span("a.py", 1, 9)


def test_no_address_and_no_command_to_a_terminal_is_shown_of_a_commit():
    out = (
        b"c1\x00253402300800000\x00ann@example.com\x00Sell \x1b[31mtea\n"
        b"c2\x00-5\x00Ann Lee\x00More\nc3\x00\x00Bo\x00Odd\nc4\x0012\x00cut off"
    )

    first, second, undated = _parsed(out)

    assert (first.author, first.subject, first.at.year) == ("ann", "Sell  [31mtea", 9999)
    assert (second.author, second.at.year) == ("Ann Lee", 1970)
    assert (undated.author, undated.at.year) == ("Bo", 1970)
