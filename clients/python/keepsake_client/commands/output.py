"""The one place for what commands print: tables for people, JSON for programs.

What the service answers may hold text of strangers, so nothing in it reaches a terminal as a
control character.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")
_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What moves a cursor, colours, or turns the direction of writing."""
_COLOURS = {
    "succeeded": "green", "ok": "green", "ready": "green", "alive": "green", "complete": "green",
    "running": "cyan", "retrying": "yellow", "paused": "yellow", "degraded": "yellow",
    "warning": "yellow", "dead_letter": "red", "failed": "red", "fault": "red", "gone": "red",
    "not ready": "red", "unavailable": "red", "none alive": "red", "revoked": "red",
}  # fmt: skip
_LEAST = 8
"""Of a column that may be cut, so many characters at least."""
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


@dataclass(frozen=True)
class Column(Generic[T]):
    """A column of a table. whole: its cells are never cut short, since people copy them."""

    title: str
    of: Callable[[T], object]
    whole: bool = False


class Output:
    """Where a command prints to: as JSON, or for people."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def rows(self, records: Iterable[T], columns: Sequence[Column[T]], none: str = "") -> None:
        """A list: one JSON document, or a table; none: what people read when there is nothing."""
        listed = list(records)
        if self.as_json:
            self.document([plain(record) for record in listed])
        elif listed:
            self._table(listed, columns)
        elif none:
            self.line(none)

    def record(self, record: object, fields: Iterable[tuple[str, object]]) -> None:
        """One thing: a JSON document, or its fields, one a line; those without a value left out."""
        if self.as_json:
            self.document(plain(record))
            return
        shown = [(name, text) for name, value in fields if (text := worded(value))]
        width = max((len(name) for name, _ in shown), default=0)
        for name, text in shown:
            self.line(f"{click.style(name.ljust(width), dim=True)}  {coloured(text)}")

    def lines(self, value: object, lines: Iterable[str]) -> None:
        """A JSON document, or lines that say the same."""
        if self.as_json:
            self.document(plain(value))
        for line in lines:
            self.line(line)

    def event(self, record: object, line: str) -> None:
        """One of a stream of things: a line of JSON, or a line for people; empty: none."""
        if self.as_json:
            click.echo(_json(plain(record)))
        elif line:
            self.line(line)
        sys.stdout.flush()

    def line(self, text: str) -> None:
        """A line for people."""
        if not self.as_json:
            click.echo(text)

    def document(self, value: object) -> None:
        """A JSON document; indented on a terminal."""
        click.echo(_json(value, indent=2 if sys.stdout.isatty() else None))

    def _table(self, listed: Sequence[T], columns: Sequence[Column[T]]) -> None:
        from rich.table import Table  # noqa: PLC0415 - 50 ms that JSON need not wait for
        from rich.text import Text  # noqa: PLC0415

        shown = console()
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        texts = {
            column: [_cell(worded(column.of(record))) for record in listed] for column in columns
        }
        fitting = _fitting(texts, shown.width)
        for column, width in fitting.items():
            table.add_column(column.title, no_wrap=True, min_width=width)
        for row in zip(*(texts[column] for column in fitting), strict=True):
            table.add_row(*(Text(cell, style=_COLOURS.get(cell, "")) for cell in row))
        shown.width = max(shown.width, sum(fitting.values()) + 2 * len(fitting))
        with shown.capture() as captured:
            shown.print(table)
        for line in captured.get().splitlines():
            click.echo(line.rstrip())


def _fitting(texts: dict[Column[T], list[str]], width: int) -> dict[Column[T], int]:
    """The columns that a terminal has room for, the first ones, with the least width of each."""
    fitting: dict[Column[T], int] = {}
    for column, cells in texts.items():
        longest = max(len(column.title), *map(len, cells))
        least = longest if column.whole else min(longest, _LEAST)
        if column.whole or sum(fitting.values()) + least + 2 * len(fitting) <= width:
            fitting[column] = least
    return fitting


def console(*, err: bool = False) -> "Console":
    """Where rich prints; without a terminal lines are as long as they need to be."""
    from rich.console import Console  # noqa: PLC0415

    wide = None if (sys.stderr if err else sys.stdout).isatty() else 100_000
    return Console(stderr=err, highlight=False, markup=False, emoji=False, width=wide)


def plain(record: object) -> Any:
    """A record as JSON has it, with all that a newer service says."""
    dump = getattr(record, "model_dump", None)
    return dump(mode="json") if dump else record


def printable(text: str) -> str:
    """Text in which nothing commands a terminal: such a character is spelt out."""
    return _COMMANDS.sub(lambda match: _spelt(match[0]), text)


def worded(value: object) -> str:
    """A value as people read it."""
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone().isoformat(" ", "seconds")
    if isinstance(value, list | tuple):
        return ", ".join(map(worded, value))
    return _json(value) if isinstance(value, dict) else printable(str(value))


def coloured(text: str) -> str:
    """A state in its colour; other text as it is."""
    colour = _COLOURS.get(text)
    return click.style(text, fg=colour) if colour else text


def ago(moment: datetime | None) -> str:
    """How long ago something was, in its largest unit."""
    if moment is None:
        return ""
    seconds = (datetime.now(timezone.utc) - moment).total_seconds()
    return f"{lasting(seconds)} ago" if seconds >= 1 else "now"


def lasting(seconds: float | None) -> str:
    """A span of time in its largest unit."""
    if seconds is None:
        return ""
    unit, size = next((pair for pair in _UNITS if seconds >= pair[1]), _UNITS[-1])
    return f"{seconds // size:.0f} {unit}"


def _cell(text: str) -> str:
    return " ".join(text.split())


def _json(value: object, indent: int | None = None) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _COMMANDS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _spelt(character: str) -> str:
    return character.encode("unicode_escape").decode()
