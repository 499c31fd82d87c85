"""How queries are read, and what is wrong with those that cannot be."""

import pytest

from keepsake.scanner.errors import QueryProblem
from keepsake.scanner.search.path_groups import PathGroup, group_of, is_test
from keepsake.scanner.search.query_language import parsed_query


def test_a_query_is_terms_and_filters():
    query = parsed_query(
        r'retry lang:go,rs -test:true path:src/ kind:function "say \"no\"" /re.*g\/ex/ -"old"'
    )

    assert [(term.kind, term.text, term.negated) for term in query.terms] == [
        ("word", "retry", False), ("phrase", 'say "no"', False), ("regex", "re.*g/ex", False),
        ("phrase", "old", True),
    ]  # fmt: skip
    assert query.languages == {"go", "rust"}
    assert query.kinds == {"function"}
    assert (query.test, query.asked) == (False, 'retry say "no"')


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("std::vector http://host", ["std::vector", "http://host"]),
        ("a - b", ["a", "-", "b"]),
        ("  spaced   out ", ["spaced", "out"]),
        ('"path:src"', ["path:src"]),
        ("größe 名前", ["größe", "名前"]),
    ],
)
def test_what_looks_like_no_filter_is_a_word(query, texts):
    assert [term.text for term in parsed_query(query).terms] == texts


@pytest.mark.parametrize(
    ("query", "position", "expected"),
    [
        ("a foo:bar", 2, "`path:`"),
        ('a "abc', 6, '`"`'),
        ("/abc", 4, "`/`"),
        ("a path:", 7, "a value"),
        ("/a/b", 3, "white space"),
        ('"a"b', 3, "white space"),
        ("lang:gooo", 5, "go"),
        ("test:maybe", 5, "`yes` or `no`"),
        ("a /(/", 2, "RE2"),
        ('""', 1, "a character"),
        ("kind:x", 5, "function"),
        ("path:[", 5, "a pattern"),
        ("a\x00b", 1, "printable"),
        (" ".join("abcdefghijklmnopqrstu"), 40, "the end"),
        ("b" * 501, 0, "shorter"),
    ],
)
def test_a_query_that_cannot_be_read_is_refused_with_the_place(query, position, expected):
    with pytest.raises(QueryProblem) as refused:
        parsed_query(query)

    assert refused.value.position == position
    assert expected in refused.value.expected


@pytest.mark.parametrize(
    ("query", "let"),
    [
        ("x path:src/", ["src/a.py", "src/a_test.go"]),
        ("x -path:src/", ["tests/b.py", "docs/c.md"]),
        ("x path:*.py", ["src/a.py", "tests/b.py"]),
        ("x path:SRC path:*.go", ["src/a_test.go"]),
        ("x lang:python", ["src/a.py", "tests/b.py"]),
        ("x -lang:py", ["src/a_test.go", "docs/c.md"]),
        ("x lang:md,golang", ["src/a_test.go", "docs/c.md"]),
        ("x test:yes", ["tests/b.py", "src/a_test.go"]),
        ("x -test:yes lang:python", ["src/a.py"]),
    ],
)
def test_filters_let_files_through(query, let):
    files = {
        "src/a.py": "python", "tests/b.py": "python", "src/a_test.go": "go",
        "docs/c.md": "markdown",
    }  # fmt: skip
    asked = parsed_query(query)

    assert [path for path, language in files.items() if asked.lets_file(path, language)] == let


def test_case_makes_a_difference_where_it_is_asked_for():
    def matches(query):
        return parsed_query(query).terms[0].expression._compiled.search(b"Retry") is not None

    assert [matches(query) for query in ("retry", "retry case:yes", "Retry case:yes")] == [
        True, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "language", "group"),
    [
        ("src/urls.py", "python", PathGroup.CODE),
        ("src/changes.py", "python", PathGroup.CODE),
        ("tests/urls.py", "python", PathGroup.TEST),
        ("pkg/url_test.go", "go", PathGroup.TEST),
        ("web/url.spec.ts", "typescript", PathGroup.TEST),
        ("src/UrlTest.java", "java", PathGroup.TEST),
        ("conftest.py", "python", PathGroup.TEST),
        ("src/contest.py", "python", PathGroup.CODE),
        ("src/latest.py", "python", PathGroup.CODE),
        ("package.json", "json", PathGroup.DATA),
        ("docs/intro.rst", "restructuredtext", PathGroup.PROSE),
        ("docs/conf.py", "python", PathGroup.CODE),
        ("CHANGELOG.md", "markdown", PathGroup.CHANGELOG),
        ("doc/changelog/unreleased_20/9.rst", "restructuredtext", PathGroup.CHANGELOG),
        ("docs/releases/5.2.txt", "text", PathGroup.CHANGELOG),
    ],
)
def test_a_path_says_what_a_file_is(path, language, group):
    assert group_of(path, language) is group
    assert is_test(path) == (group is PathGroup.TEST)
