"""Which words of a question count, and what they find."""

import pytest

from keepsake.scanner.search.expressions import SearchDeadline
from keepsake.scanner.search.path_search import file_names, paths_like
from keepsake.scanner.search.search_words import names_in, search_words
from keepsake.scanner.search.text_index import TextFile, TextIndex
from keepsake.scanner.trigrams import trigrams

NEVER = SearchDeadline.after(3_600)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Where are the retries delayed?", "RETRY_DELAY"),
        ("how is a query cached", "queries.cache"),
        ("resolving urls", "URLResolver"),
        ("größe", "Größe"),
    ],
)
def test_words_are_found_in_other_forms_and_inside_of_names(question, text):
    words = search_words(question)

    assert words
    assert all(word.expression.matches(text.encode(), NEVER) for word in words)


def test_words_that_all_questions_have_do_not_count():
    assert [word.stem for word in search_words("Where is the code that handles sessions?")] == [
        "session"
    ]
    assert [word.stem for word in search_words("where is it")] == ["where", "is", "it"]
    assert search_words("???") == []


def test_names_and_paths_within_a_question_are_known_by_their_spelling():
    question = "why does getHTTPCode() call std::move, `a.Body` and max_size in src/http.py?"

    assert names_in(question) == ["getHTTPCode", "std::move", "a.Body", "max_size", "src/http.py"]
    assert list(file_names(question)) == ["a.Body", "src/http.py"]


@pytest.fixture
def text_index():
    paths = ["django/urls/resolvers.py", "django/urls/base.py", "tests/urls/test_resolvers.py",
             "docs/url.rst", "django/db/resolver_pool.py"]  # fmt: skip
    files = [TextFile(group, path, "python", path) for group, path in enumerate(paths)]
    return TextIndex(files, {path: trigrams(b"") for path in paths}, [])


@pytest.mark.parametrize(
    "query",
    ["url resolver", "urls/resolvers.py", "resolvers", "django/urls/resolvers.py", "Resolvers.py"],
)
def test_a_file_is_found_by_parts_of_its_path(text_index, query):
    assert paths_like(text_index, query)[0][1].path == "django/urls/resolvers.py"


def test_a_path_that_has_not_all_words_is_not_found(text_index):
    assert paths_like(text_index, "url cache") == []
