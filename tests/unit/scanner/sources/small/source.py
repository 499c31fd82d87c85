"""A small source with the symbols that a scan finds in it."""

from typing import NamedTuple


class Small(NamedTuple):
    language: str
    source: str
    symbols: str
    """A line each: KIND QUALIFIED, then `hidden` where outsiders cannot use it."""
