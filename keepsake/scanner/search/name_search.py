"""By name: exact, then by prefix, then by the words inside, then misspelt.

`Shop.sell`, `Shop::sell` and `Shop#sell` ask for `sell` of `Shop`. JavaScript's `#hidden` and SQL's
`shop.customer` are names with their mark or dot.
"""

import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from keepsake.scanner.kinds import DATA
from keepsake.scanner.search.answers import CodeHit, hit
from keepsake.scanner.search.symbol_index import SymbolIndex
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files, holders
from keepsake.scanner.store.published import PublishedIndex
from keepsake.storage import Document

_MOST_PARTS = 20
_LAST = "\U0010ffff"
_PARTS, _FUZZY = 0.6, 0.5
NameHits = tuple[list[CodeHit], bool]
"""The best hits, and whether not all was looked at."""
Score = Callable[[Document], float | None]
"""What a symbol is worth; None when it does not fit."""
_ARGUMENTS = re.compile(r"\([^()]*\)$")
_TYPES = re.compile(r"(?<=\w)<.*>")
_BORDERS = re.compile(r"->|::|[\\:]")
_MARKS = ".$@&*"
_IMPLIED = re.compile(
    r"(.*[.:#])?(\W+|operator\b.*|~\w+|__\w+__"
    r"|__(construct|destruct|call|callStatic|get|set|isset|unset|toString|invoke|clone))"
)
Scored = tuple[float, Mapping[str, Any], str, str]
"""A score, a symbol, its path and its language."""


def name_forms(name: str) -> tuple[str, ...]:
    """A qualified name with dots; two where a `#` may stand between names or begin one."""
    before, mark, last = name.replace("::", ".").rpartition("#")
    before = before.replace("#", ".")
    if not mark:
        return (last,)
    if not before or before.endswith("."):
        return (f"{before}#{last}",)
    return f"{before}.{last}", f"{before}.#{last}"


def plain_name(name: str) -> str:
    """The name in what is written at a use of it: `$self->save($now)` is about `self.save`."""
    bare = _TYPES.sub("", _ARGUMENTS.sub("", name.strip()))
    plain = _BORDERS.sub(".", bare).strip(_MARKS).rstrip("!=").replace("(*", "").replace(")", "")
    return plain if any(map(str.isalnum, plain)) else name


def is_implied(name: str) -> bool:
    """Whether syntax uses it without writing it: an operator, a destructor, a special method."""
    return _IMPLIED.fullmatch(name) is not None


def stored_names(name: str) -> list[str]:
    """The names under which a symbol or a call that is asked for may be stored."""
    names = {name: None}
    for form in name_forms(name):
        parts = form.split(".")[-_MOST_PARTS:]
        names |= dict.fromkeys(".".join(parts[first:]) for first in range(len(parts)))
    return [stored for stored in names if stored]


def ends_in(qualified: str, name: str) -> bool:
    """Whether `pkg.Class.method` ends in `Class.method`, at the border of a word."""
    whole = qualified.replace("::", ".")
    return any(whole == form or whole.endswith(f".{form}") for form in name_forms(name))


class NameSearch:
    """Exact names and prefixes are read by MongoDB's index; the rest asks the symbol index."""

    def __init__(self, files: Files, blobs: Blobs) -> None:
        self._files, self._blobs = files, blobs

    def exact(self, index: PublishedIndex, name: str, limit: int) -> NameHits:
        """The symbols of that name or qualified name; the same case first."""
        low = name.lower()

        def score(symbol: Document) -> float | None:
            if symbol["name"].lower() == low or ends_in(symbol["qualified"].lower(), low):
                return _exactness(symbol, name)
            return None

        names = [form.lower() for form in stored_names(name)]
        return self._best(index, {"names": {"$in": names}}, score, "exact", limit)

    def prefix(self, index: PublishedIndex, name: str, limit: int) -> NameHits:
        """The symbols whose name begins so."""
        low = name.lower()

        def score(symbol: Document) -> float | None:
            own = symbol["name"].lower()
            return 0.8 * len(low) / len(own) if own.startswith(low) and own != low else None

        # $elemMatch: else one name may be over the lower bound and another under the upper one
        which = {"names": {"$elemMatch": {"$gte": low, "$lt": low + _LAST}}}
        return self._best(index, which, score, "prefix", limit)

    def _best(
        self, index: PublishedIndex, which: Document, score: Score, match: str, limit: int
    ) -> NameHits:
        files = holders(self._files, self._blobs, index, which)
        scored = (
            (worth, symbol, row["path"], row["language"])
            for blob, rows in files.read({"symbols": 1})
            for symbol in blob.get("symbols", ())
            if (worth := score(symbol)) is not None
            for row in rows
        )
        return _hits(scored, match, limit), files.truncated


def similar_names(symbol_index: SymbolIndex, name: str, limit: int) -> list[CodeHit]:
    """The symbols whose name has the query's words, or is spelt much like it."""
    scores = {known_name: _FUZZY * ratio for known_name, ratio in symbol_index.names.alike(name)}
    begun = {
        known_name: _PARTS + 0.1 * min(1.0, len(name) / len(known_name))
        for known_name in symbol_index.names.with_parts(name)
    }
    fuzzy = {known_name: worth for known_name, worth in scores.items() if known_name not in begun}
    return [
        *_hits(_shown(symbol_index, begun), "parts", limit),
        *_hits(_shown(symbol_index, fuzzy), "fuzzy", limit),
    ]


def _shown(symbol_index: SymbolIndex, scores: Mapping[str, float]) -> Iterator[Scored]:
    for symbol, path, language in symbol_index.named(scores):
        yield scores[symbol["name"]], symbol, path, language


def _exactness(symbol: Document, name: str) -> float:
    same_case = symbol["name"] == name or ends_in(symbol["qualified"], name)
    leading = symbol["exported"] and symbol["kind"] not in DATA
    return (1.0 if same_case else 0.9) + (0.05 if leading else 0.0)


def _hits(scored: Iterable[Scored], match: str, limit: int) -> list[CodeHit]:
    """The best, made into hits then: of a common name there may be many thousands."""
    best = heapq.nsmallest(limit, scored, key=_order)
    return [
        hit(symbol, path, language, score=score, match=match)
        for score, symbol, path, language in best
    ]


def _order(scored: Scored) -> tuple[float, bool, int, str, int]:
    """The best first; of equals code before data, and what is less deep."""
    score, symbol, path, _ = scored
    data = symbol["kind"] in DATA
    return -round(score, 4), data, len(symbol["qualified"]), path, symbol["line"]
