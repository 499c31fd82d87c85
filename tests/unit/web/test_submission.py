import re

import pytest

from web.submission import child_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


def test_a_span_is_a_child_in_the_clients_trace():
    mine = child_of(f"00-{TRACE}-{SPAN}-01")

    assert re.fullmatch(rf"00-{TRACE}-[0-9a-f]{{16}}-01", mine)
    assert SPAN not in mine


@pytest.mark.parametrize(
    "given",
    [None, "", "nonsense", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01",
     f"ff-{TRACE}-{SPAN}-01", f"00-{TRACE.upper()}-{SPAN}-01"],
)  # fmt: skip
def test_what_is_no_trace_begins_a_new_one(given):
    first, two = child_of(given), child_of(given)

    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", first)
    assert TRACE not in first
    assert first != two


def test_a_later_version_with_more_fields_is_understood():
    assert child_of(f"01-{TRACE}-{SPAN}-01-more").startswith(f"00-{TRACE}-")
