"""Sources as a careless editor or a hostile stranger would leave them, the same for a seed."""

import random
import re
from collections.abc import Callable, Iterator, Sequence

_TOKEN = re.compile(rb"\w+|\s+|[^\w\s]")
_BRACKETS = b"({[<\"'`"
_MOST_TOKENS = 3_000


def mutated(sources: Sequence[bytes], seed: int, count: int) -> Iterator[bytes]:
    """So many sources, each made of one of these by one to four mutations."""
    chance = random.Random(seed)
    for _ in range(count):
        source = chance.choice(sources)
        for _ in range(chance.randint(1, 4)):
            source = chance.choice(_MUTATIONS)(source, chance)
        yield source


def _deleted(source: bytes, chance: random.Random) -> bytes:
    tokens = _TOKEN.findall(source)
    start = chance.randrange(len(tokens) + 1)
    return b"".join(tokens[:start] + tokens[start + chance.randint(1, 12) :])


def _duplicated(source: bytes, chance: random.Random) -> bytes:
    """A piece of it again, at times a hundredfold."""
    tokens = _TOKEN.findall(source)[:_MOST_TOKENS]
    start = chance.randrange(len(tokens) + 1)
    piece = tokens[start : start + chance.randint(1, 30)]
    return b"".join(tokens[:start] + piece * chance.choice((2, 2, 2, 100)) + tokens[start:])


def _swapped(source: bytes, chance: random.Random) -> bytes:
    tokens = _TOKEN.findall(source)
    for _ in range(min(3, len(tokens) // 2)):
        first, second = chance.randrange(len(tokens)), chance.randrange(len(tokens))
        tokens[first], tokens[second] = tokens[second], tokens[first]
    return b"".join(tokens)


def _truncated(source: bytes, chance: random.Random) -> bytes:
    return source[: chance.randrange(len(source) + 1)]


def _nested(source: bytes, chance: random.Random) -> bytes:
    """Brackets and quotes that nobody closes."""
    opened = bytes([chance.choice(_BRACKETS)]) * chance.choice((1, 20, 2_000))
    place = chance.randrange(len(source) + 1)
    return source[:place] + opened + source[place:]


def _random(source: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(source) + 1)
    return source[:place] + chance.randbytes(chance.randint(1, 40)) + source[place:]


_MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _deleted, _duplicated, _swapped, _truncated, _nested, _random,
)  # fmt: skip
