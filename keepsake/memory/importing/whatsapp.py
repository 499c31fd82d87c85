"""WhatsApp's exports: a line begins with its time, and names who wrote it."""

import re
from collections.abc import Iterator
from datetime import datetime

from keepsake.memory.importing.chats import Chat, ChatMessage, Voice

_LINE = re.compile(
    r"^\u200e?\[?(?P<date>\d{1,4}[./-]\d{1,2}[./-]\d{1,4}),?\s+"
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?"
    r"(?:\s?(?P<half>[AaPp])\.?\s?[Mm]\.?)?(?:\]\s?|\s-\s)(?P<rest>.*)$"
)
"""iOS: `[15.05.24, 10:00:00] Ana: Hi`; Android: `5/15/24, 10:00 AM - Ana: Hi`."""
_SAID = re.compile(r"^\u200e?(?:~\s?)?(?P<name>[^:\"“„«]{1,60}?):(?:\s(?P<text>.*))?$")
_MARK = "\u200e"
"""What WhatsApp writes before its own words, such as those for a picture."""
_OMITTED = re.compile(
    r"^(?:<[^<>]{1,60}>|[^\s<>]{1,80}\.\w{2,4} \([^()]{1,40}\)|"
    r"(?:image|video|audio|sticker|GIF|document|contact card) omitted|null)$",
    re.IGNORECASE,
)
_EDITED = re.compile(r"\s*<[^<>]{1,60}>$")
_BLANKS = str.maketrans({"\u202f": " ", "\u00a0": " "})
_MONTHS, _CENTURY, _YEARS = 12, 100, 2_000
_NOON = 12


def read(text: str) -> list[Chat]:
    """The chat of an export; nothing when the text is none."""
    if not _LINE.match(text[:200].translate(_BLANKS).partition("\n")[0]):
        return []
    lines = text.translate(_BLANKS).splitlines()
    begins = [_LINE.match(line) for line in lines]
    dates = [match["date"] for match in begins if match]
    order = _order(dates, halves=any(match["half"] for match in begins if match))
    messages = list(_messages(lines, begins, order))
    return [Chat(messages)] if messages else []


def _messages(
    lines: list[str], begins: list[re.Match[str] | None], order: str
) -> Iterator[ChatMessage]:
    """What was written; a line without a time goes on with the one before."""
    name, when, text = "", "", list[str]()
    for line, match in zip(lines, begins, strict=True):
        if match is None:
            text.append(line)
            continue
        if name:
            yield from _message(name, when, text)
        said = _SAID.match(match["rest"])
        name = said["name"].strip() if said else ""
        text = [(said["text"] or "") if said else ""]
        when = _said_at(match, order)
    if name:
        yield from _message(name, when, text)


def _message(name: str, when: str, lines: list[str]) -> Iterator[ChatMessage]:
    kept = [
        line for line in lines if not line.startswith(_MARK) and not _OMITTED.match(line.strip())
    ]
    text = _EDITED.sub("", "\n".join(kept)).replace(_MARK, "").strip()
    if text:
        yield ChatMessage(Voice.NAMED, text, name=name, said_at=when)


def _order(dates: list[str], *, halves: bool) -> str:
    """Which part of a date is what: told by a number that can be no month, else by its form."""
    parts = [[int(part) for part in re.split(r"[./-]", date)] for date in dates]
    if any(first >= _CENTURY for first, _, _ in parts):
        return "ymd"
    if any(first > _MONTHS for first, _, _ in parts):
        return "dmy"
    if any(second > _MONTHS for _, second, _ in parts):
        return "mdy"
    by_day = [(year, month, day) for day, month, year in parts]
    by_month = [(year, month, day) for month, day, year in parts]
    if (by_day == sorted(by_day)) != (by_month == sorted(by_month)):
        return "dmy" if by_day == sorted(by_day) else "mdy"
    return "mdy" if halves and "/" in dates[0] else "dmy"


def _said_at(match: re.Match[str], order: str) -> str:
    """The time as the phone showed it; empty when there is no such day."""
    numbers = dict(zip(order, map(int, re.split(r"[./-]", match["date"])), strict=True))
    year = numbers["y"] + (_YEARS if numbers["y"] < _CENTURY else 0)
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % _NOON + (_NOON if match["half"] in "Pp" else 0)
    try:
        moment = datetime(  # noqa: DTZ001 - an export names no zone
            year, numbers["m"], numbers["d"], hour, int(match["minute"]), int(match["second"] or 0)
        )
    except ValueError:
        return ""
    return moment.isoformat()
