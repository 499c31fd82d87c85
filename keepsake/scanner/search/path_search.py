"""Search by path: the end of it, its file's name, or the beginnings of words in it."""

from collections.abc import Iterator

from keepsake.scanner.parse.text import parts
from keepsake.scanner.search.text_index import TextFile, TextIndex

_WHOLE, _NAMED, _PARTS = 1.0, 0.9, 0.4
_IN_NAME = 0.4
_MOST_PARTS = 50
_LONGEST_ENDING = 4


def paths_like(text_index: TextIndex, query: str) -> list[tuple[float, TextFile]]:
    """The files whose path fits a query, with how well, best first."""
    wanted = query.strip().strip("/").lower()
    scores: dict[str, float] = {}
    for path in text_index.paths.with_parts(wanted)[:_MOST_PARTS]:
        scores[path] = _score(path.lower(), wanted)
    files = [(score, text_index.at(path)) for path, score in scores.items()]
    return sorted(files, key=lambda scored: (-scored[0], scored[1].group, len(scored[1].path)))


def _score(path: str, wanted: str) -> float:
    name = path.rpartition("/")[2]
    if f"/{path}".endswith(f"/{wanted}"):
        return _WHOLE
    if name.partition(".")[0] == wanted:
        return _NAMED
    asked, named = parts(wanted), parts(name)
    inside = sum(any(part.startswith(word) for part in named) for word in asked)
    return _PARTS + _IN_NAME * inside / max(len(asked), 1)


def file_names(words: str) -> Iterator[str]:
    """What in a question is spelt as only paths are: with a slash, or a short ending."""
    for word in words.split():
        written = word.strip("`'\",;:?!()")
        _, dot, ending = written.rpartition(".")
        if "/" in written or (dot and 0 < len(ending) <= _LONGEST_ENDING and ending.isalnum()):
            yield written
