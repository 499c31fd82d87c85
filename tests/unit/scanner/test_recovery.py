"""What is left of a source that its grammar cannot read whole."""

import pytest

from keepsake.scanner.parse.worker import pack_blob, parse_blob


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("def f():\n    pass\n", []),
        ("def f():\n    pass\n)\n\ndef g(): pass\n", [(3, 3)]),
        ("a = 1\n) ]\n] )\nb = 2\nx = (\n", [(2, 3), (5, 5)]),
    ],
)
def test_the_lines_that_a_grammar_lost_are_kept_with_the_file(source, lines):
    packed = pack_blob(source.encode(), "python")

    assert parse_blob(source.encode(), "python")["partial"] == lines
    assert packed.counts["partial"] == lines


def test_many_lost_lines_are_kept_as_a_bounded_number_of_ranges():
    source = b"a = 1\n)\n" * 2_000

    ranges = parse_blob(source, "python")["partial"]

    assert len(ranges) == 500
    assert (ranges[0], ranges[-1][1]) == ((2, 2), 4_000)
