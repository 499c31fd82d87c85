"""Files without a grammar: headings, or chunks."""

import pytest

from keepsake.scanner.parse.sections import sections
from tests.cpu_time import cpu_under


def outline(text, language):
    return [
        (section["qualified"], section["line"], section["end_line"])
        for section in sections(text, language)
    ]


def test_markdown_is_read_by_its_headings_whatever_their_form():
    text = "# Shop\n\nIntro.\n\n## Paying\n\ncard\n\nOrders\n------\n\n# Other #\n"

    assert outline(text, "markdown") == [
        ("Shop", 1, 11),
        ("Shop / Paying", 5, 8),
        ("Shop / Orders", 9, 11),
        ("Other", 12, 12),
    ]


def test_a_fenced_comment_is_no_heading():
    assert outline("# One\n\n```sh\n# not a heading\n```\n", "markdown") == [("One", 1, 5)]


def test_restructuredtext_ranks_marks_in_the_order_in_which_they_come():
    text = "Shop\n====\n\nPaying\n------\n\ncard\n\nOther\n=====\n"

    assert outline(text, "restructuredtext") == [
        ("Shop", 1, 8),
        ("Shop / Paying", 4, 8),
        ("Other", 9, 10),
    ]


def test_a_section_tells_how_it_begins():
    assert sections("# Shop\n\nHow to  buy.\n", "markdown")[0]["doc"] == "How to buy."


def test_text_without_headings_comes_in_chunks_of_sixty_lines():
    chunks = sections("\n".join(f"line {n}" for n in range(130)), "text")

    assert [(chunk["kind"], chunk["line"], chunk["end_line"]) for chunk in chunks] == [
        ("chunk", 1, 60), ("chunk", 61, 120), ("chunk", 121, 130),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", ["# a" + " " * 50_000 + "b", "# " * 25_000 + "b", "=" * 25_000 + " " * 25_000 + "b"]
)
def test_a_line_that_is_almost_a_heading_costs_no_more_than_its_length(line):
    with cpu_under(seconds=1):
        sections(f"above\n{line}\n", "markdown")


@pytest.mark.parametrize(
    ("line", "title"),
    [("# a # ##", "a #"), ("#\tC#", "C"), ("## #", "#"), ("# a #b", "a #b"), ("# a  \r", "a")],
)
def test_a_heading_is_its_line_without_its_number_signs(line, title):
    assert sections(line, "markdown")[0]["name"] == title


def test_lines_end_where_an_editor_ends_them():
    text = "# One\x0c\n\u2028\x85\n# Two\r\n"

    assert outline(text, "markdown") == [("One", 1, 2), ("Two", 3, 3)]
