"""What a scan has to find in a small source."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    source: str
    symbols: str
    """A line each: KIND QUALIFIED FIRST-LAST, then `hidden` where outsiders cannot use it."""
    calls: str
    """NAME@SYMBOL, separated by spaces; @ alone for the top of the file."""
    imports: list[tuple[str, list[str]]]
    about: tuple[str, str, str]
    """A qualified name, its signature and its documentation."""
