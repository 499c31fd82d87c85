"""Lines as grammars, editors and answers count them."""

import pytest

from keepsake.scanner.parse.text import lines_of


@pytest.mark.parametrize(
    ("text", "lines"),
    [("", []), ("a\nb\n", ["a", "b"]), ("a\r\nb", ["a", "b"]), ("\n\na", ["", "", "a"]),
     ("a\x0c\x85\u2028b\nc", ["a\x0c\x85\u2028b", "c"])],
)  # fmt: skip
def test_only_a_line_feed_ends_a_line(text, lines):
    assert lines_of(text) == lines
