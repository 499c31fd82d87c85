"""Some lines of code for each hit: every file is read once, and all of them are bounded."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from keepsake.scanner.parse.text import lines_of
from keepsake.scanner.search.answers import CodeHit, Snippet, Use
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.published import PublishedIndex

NO_SOURCE, NOT_THERE, TOO_MUCH = "no source", "not there any more", "answer too long"
_MOST_CHARS = 200_000
"""Of all snippets of an answer."""
_LINE_CHARS = 400
_FILES_AT_ONCE = 50


class Span(NamedTuple):
    """Lines of a file, both ends included."""

    path: str
    first: int
    last: int


def span_of(place: CodeHit | Use, lines: int) -> Span:
    """The first lines of a symbol, or those around a use."""
    if isinstance(place, CodeHit):
        return Span(place.path, place.first_line, min(place.end_line, place.first_line + lines - 1))
    first = max(place.line - (lines - 1) // 2, 1)
    return Span(place.path, first, first + lines - 1)


class Snippets:
    """Cuts lines out of the files of one generation."""

    def __init__(self, files: Files, blobs: Blobs) -> None:
        self._files, self._blobs = files, blobs

    def cut(self, index: PublishedIndex, spans: Sequence[Span]) -> list[Snippet]:
        """A snippet of each span, or why there is none."""
        wanted: dict[str, list[Span]] = {}
        for span in spans:
            wanted.setdefault(span.path, []).append(span)
        snippets, left = dict[Span, Snippet](), _MOST_CHARS
        for path, listed in self._lines(index, list(wanted)):
            for span in wanted[path]:
                snippet = _cut(span, listed)
                left -= len(snippet.text)
                snippets[span] = snippet if left >= 0 else missing(span, TOO_MUCH)
            if left < 0:
                break
        gone = TOO_MUCH if left < 0 else NOT_THERE
        return [snippets.get(span) or missing(span, gone) for span in spans]

    def _lines(
        self, index: PublishedIndex, paths: Sequence[str]
    ) -> Iterator[tuple[str, list[str] | None]]:
        """Each file that is there with its lines; None where no source is kept."""
        for start in range(0, len(paths), _FILES_AT_ONCE):
            some = paths[start : start + _FILES_AT_ONCE]
            rows = self._files.shown(index.id, index.generation, {"path": {"$in": some}})
            keys = {row["path"]: row["key"] for row in rows}
            texts = self._blobs.sources([key for key in keys.values() if key])
            for path in some:
                if path in keys:
                    text = texts.get(keys[path])
                    yield path, None if text is None else lines_of(text)


def missing(span: Span, reason: str) -> Snippet:
    """What stands in place of lines that cannot be shown."""
    return Snippet(first=span.first, text="", missing=reason)


def _cut(span: Span, listed: list[str] | None) -> Snippet:
    if listed is None:
        return missing(span, NO_SOURCE)
    some = listed[span.first - 1 : span.last]
    return Snippet(first=span.first, text="\n".join(map(_shortened, some)), missing=None)


def _shortened(line: str) -> str:
    return line if len(line) <= _LINE_CHARS else f"{line[:_LINE_CHARS]}…"
