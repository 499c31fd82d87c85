"""Files without a grammar: Markdown and reStructuredText by headings, other text in chunks."""

import re
from collections.abc import Iterator
from typing import Any

from keepsake.scanner.parse.text import lines_of

_ATX = re.compile(r"(#{1,6})\s+(\S.*)")  # what a stranger wrote must take linear time
_UNDERLINE = re.compile(r"^([=\-~^\"'`#*+.])\1{2,}\s*$")
_FENCE = re.compile(r"^\s{0,3}(```|~~~)")
_CHUNK_LINES = 60
_MAX_SECTIONS = 500
_TITLE_CHARS = 160
_DOC_CHARS = 500

Section = dict[str, Any]


def sections(text: str, language: str) -> list[Section]:
    """The headings of a document as nested symbols; chunks when it has none."""
    lines = lines_of(text)
    if language in ("markdown", "restructuredtext"):
        headings = list(_headings(lines, language))[:_MAX_SECTIONS]
        if headings:
            return _nested(headings, lines)
    return _chunks(lines)


def _headings(lines: list[str], language: str) -> Iterator[tuple[int, int, str]]:
    """Line (from 0), level and title."""
    fenced, marks = False, ["=", "-"] if language == "markdown" else []
    for number, line in enumerate(lines):
        if language == "markdown" and _FENCE.match(line):
            fenced = not fenced
        elif fenced:
            continue
        elif language == "markdown" and (match := _ATX.match(line)):
            yield number, len(match[1]), _title(match[2])
        elif _underlined(lines, number, language):
            if (mark := line[0]) not in marks:
                marks.append(mark)
            yield number - 1, marks.index(mark) + 1, lines[number - 1].strip()[:_TITLE_CHARS]


def _title(written: str) -> str:
    """Without the number signs that may close a heading."""
    written = written.rstrip()
    return (written.rstrip("#").rstrip() or written)[:_TITLE_CHARS]


def _underlined(lines: list[str], number: int, language: str) -> bool:
    line = lines[number]
    if not number or not _UNDERLINE.match(line) or (language == "markdown" and line[0] not in "=-"):
        return False
    above = lines[number - 1].strip()
    fits = len(line.rstrip()) >= len(above) or language == "markdown"
    return bool(above) and fits and not _UNDERLINE.match(above) and above[0] not in "|-*>#"


def _nested(headings: list[tuple[int, int, str]], lines: list[str]) -> list[Section]:
    out: list[Section] = []
    open_titles: list[tuple[int, str]] = []
    for position, (number, level, title) in enumerate(headings):
        while open_titles and open_titles[-1][0] >= level:
            open_titles.pop()
        parents = [name for _, name in open_titles]
        end = next(
            (line for line, other, _ in headings[position + 1 :] if other <= level), len(lines)
        )
        body = _beginning(lines[number + 1 : number + 12])
        out.append(_section("section", title, parents, number, end, body))
        open_titles.append((level, title))
    return out


def _chunks(lines: list[str]) -> list[Section]:
    starts = range(0, len(lines), _CHUNK_LINES)[:_MAX_SECTIONS]
    return [
        _section("chunk", f"lines {start + 1}-{min(start + _CHUNK_LINES, len(lines))}", [], start,
                 min(start + _CHUNK_LINES, len(lines)),
                 _beginning(lines[start : start + _CHUNK_LINES]))
        for start in starts
    ]  # fmt: skip


def _beginning(lines: list[str]) -> str:
    words = " ".join(lines).split(maxsplit=_DOC_CHARS)
    return " ".join(words[:_DOC_CHARS])[:_DOC_CHARS]


def _section(kind: str, title: str, parents: list[str], start: int, end: int, body: str) -> Section:
    return {
        "name": title,
        "kind": kind,
        "qualified": " / ".join([*parents, title]),
        "signature": title,
        "doc": body,
        "line": start + 1,
        "first_line": start + 1,
        "end_line": max(end, start + 1),
        "parent": " / ".join(parents),
        "exported": True,
    }
