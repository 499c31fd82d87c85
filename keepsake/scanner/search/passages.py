"""Which symbols speak of some words in their own lines: names, code, strings, comments and prose.

The trigrams tell which files have the words. The best of these are read, and each of their lines
counts for the innermost symbol around it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsake.scanner.kinds import DATA
from keepsake.scanner.search.expressions import OutOfTime, SearchDeadline
from keepsake.scanner.search.line_matching import LinedText
from keepsake.scanner.search.path_groups import GROUP_WEIGHTS
from keepsake.scanner.search.search_words import SearchWord
from keepsake.scanner.search.symbol_index import SymbolIndex
from keepsake.scanner.search.text_index import TextFile, TextIndex
from keepsake.scanner.store.blobs import Blobs

_SECONDS = 2.0
_MOST_FILES = 150
_K1, _B, _USUAL_LINES = 1.2, 0.2, 20
_IN_NAME, _IN_PATH = 3.0, 3.0
"""How many places in a text a word in a symbol's name, or in its file's, is worth."""
_OF_A_FILE, _ENOUGH = 12, 3
"""How many passages of a file are weighed, and how often a word counts in their choice."""
_ELSEWHERE = 0.25
"""What a word of the file is worth that the symbol itself does not have."""
Lets = Callable[[TextFile], bool]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A symbol, or the lines of a file that are in none, and how well it fits."""

    file: TextFile
    symbol: Mapping[str, Any] | None
    line: int
    """The line that fits best."""
    score: float


class PassageSearch:
    """Threads share it."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def best(
        self,
        text_index: TextIndex,
        symbol_index: SymbolIndex,
        words: Sequence[SearchWord],
        lets: Lets,
    ) -> list[RankedPassage]:
        """The passages that fit some words, best first."""
        flags = [text_index.flags(word.expression.condition) for word in words]
        rarity = [_rarity(len(text_index.files), int(held.sum())) for held in flags]
        files = _best_files(text_index, flags, rarity, lets)
        deadline = SearchDeadline.after(_SECONDS)
        passages: list[RankedPassage] = []
        for file, raw in zip(files, self._blobs.texts([file.key for file in files]), strict=True):
            blob = symbol_index.blobs.get(file.key)
            try:
                passages += _scored(file, raw, blob.symbols if blob else (), words, rarity,
                                    deadline)  # fmt: skip
            except OutOfTime:
                break
        return sorted(passages, key=lambda passage: -passage.score)


def _best_files(
    text_index: TextIndex, flags: Sequence[NDArray[np.bool_]], rarity: Sequence[float], lets: Lets
) -> list[TextFile]:
    """The files that have the most of the rarest words."""
    scores: Floats = np.zeros(len(text_index.files))
    for held, weight in zip(flags, rarity, strict=True):
        scores += held * weight
    scores *= text_index.weights
    order = [number for number in np.argsort(-scores, kind="stable") if scores[number] > 0]
    files = (text_index.files[number] for number in order)
    return list(islice(filter(lets, files), _MOST_FILES))


def _scored(
    file: TextFile,
    raw: bytes,
    symbols: Sequence[Mapping[str, Any]],
    words: Sequence[SearchWord],
    rarity: Sequence[float],
    deadline: SearchDeadline,
) -> list[RankedPassage]:
    """The passages of a file that have a word."""
    text = LinedText(raw)
    around = _around(text.line_count, symbols)
    sizes = np.bincount(around[1:] + 1, minlength=len(symbols) + 1)
    low = text.raw.lower()
    places = [text.lines_at(word.places(text.raw, low, deadline)) for word in words]
    counts = np.array([
        np.bincount(around[lines] + 1, minlength=len(symbols) + 1) for lines in places
    ])  # fmt: skip
    in_file: Flags = np.any(counts, axis=1)
    worth = _worth(text.line_count, places, rarity)
    passages = []
    for place in _best_places(counts, rarity):
        symbol = symbols[place - 1] if place else None
        score = _score(counts[:, place], int(sizes[place]), file, symbol, words, rarity, in_file)
        line = int(np.argmax(np.where(around == place - 1, worth, -1.0)))
        passages.append(RankedPassage(file, symbol, line, score * GROUP_WEIGHTS[file.group]))
    return passages


def _best_places(counts: NDArray[np.int64], rarity: Sequence[float]) -> list[int]:
    """The passages of a file that have the most of the rarest words."""
    there = np.minimum(counts, _ENOUGH).T @ np.array(rarity)
    order = np.argsort(-there, kind="stable")[:_OF_A_FILE]
    return [int(place) for place in order if there[place] > 0]


def _worth(
    lines: int, places: Sequence[NDArray[np.int64]], rarity: Sequence[float]
) -> NDArray[np.float64]:
    """By line, from 1, the words that it has."""
    worth = np.zeros(lines + 1)
    for numbers, weight in zip(places, rarity, strict=True):
        worth[np.unique(numbers)] += weight
    return worth


def _around(lines: int, symbols: Sequence[Mapping[str, Any]]) -> NDArray[np.int64]:
    """By line, from 1, the position of the innermost symbol that is code; -1 outside of all."""
    around = np.full(lines + 1, -1, dtype=np.int64)
    for position, symbol in enumerate(symbols):
        if symbol["kind"] not in DATA:
            around[symbol["first_line"] : symbol["end_line"] + 1] = position
    return around


def _score(
    counts: NDArray[np.int64],
    size: int,
    file: TextFile,
    symbol: Mapping[str, Any] | None,
    words: Sequence[SearchWord],
    rarity: Sequence[float],
    in_file: Flags,
) -> float:
    """From 0 to 1, of a passage that has every word in its name."""
    name, path = symbol["qualified"].lower() if symbol else "", file.path.lower()
    norm = _K1 * (1 - _B + _B * size / _USUAL_LINES)
    score = covered = 0.0
    for count, word, weight, elsewhere in zip(counts, words, rarity, in_file, strict=True):
        often = float(count)
        if word.stem:
            often += _IN_NAME * (word.stem in name) + _IN_PATH * (word.stem in path)
        if count:
            covered += weight
        score += weight * (_K1 + 1) * often / (often + norm) if often else (
            weight * _ELSEWHERE * elsewhere)  # fmt: skip
    most = sum(rarity)
    return score / (most * (_K1 + 1)) * (0.5 + 0.5 * covered / most)


def _rarity(files: int, having: int) -> float:
    return math.log(1 + (files - having + 0.5) / (having + 0.5))
