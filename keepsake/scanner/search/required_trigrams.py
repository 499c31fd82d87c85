"""Which trigrams a text has to hold so that a regular expression may match in it.

After Russ Cox, "Regular Expression Matching with a Trigram Index": of each part of an expression it
is known which texts it matches, if they are few, or how these begin and end; and a condition.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from itertools import product

from keepsake.scanner.search.regex_syntax import Choice, Either, Node, Repetition, Row
from keepsake.scanner.trigrams import WIDTH, folded, trigrams

_MOST_TEXTS = 20
"""Of one part; more say too little for what they cost."""
_MOST_WRITTEN_OUT = 3
"""How often what is repeated is looked at one after the other."""
_KEPT = WIDTH - 1

Texts = frozenset[bytes]
ANY_TEXT: Texts = frozenset({b""})


@dataclass(frozen=True, slots=True)
class Every:
    """All parts have to hold; none ask for nothing."""

    parts: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class Some:
    """One of the parts has to hold."""

    parts: tuple["Condition", ...]


Condition = int | Every | Some
"""A trigram that has to be there, or several."""
NO_CONDITION = Every()


def condition_of(node: Node) -> Condition:
    """What a text has to hold so that an expression may match in it."""
    known = _known(node)
    return _every(
        known.condition, _one_of(known.texts) if known.texts is not None else _ends(known)
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of all matches: they begin and end in one of some ways, each in lower case."""

    texts: Texts | None
    """The whole matches; None where they are too many."""
    begin: Texts = ANY_TEXT
    end: Texts = ANY_TEXT
    condition: Condition = NO_CONDITION


_ANYTHING = _Known(None)
_NOTHING = _Known(ANY_TEXT)


def _known(node: Node) -> _Known:
    if isinstance(node, Choice):
        return _few(frozenset(folded(char.encode("utf-8", "replace")) for char in node.characters))
    if isinstance(node, Row):
        return reduce(_joined, map(_known, node.parts), _NOTHING)
    if isinstance(node, Either):
        return reduce(_either, map(_known, node.parts))
    if isinstance(node, Repetition):
        return _repeated(_known(node.part), node)
    return _ANYTHING


def _few(texts: Texts) -> _Known:
    """What is known of a part with these whole matches, which are dropped where they are many."""
    if len(texts) > _MOST_TEXTS:
        begin, end = _begins(texts), _cut(texts, _last)
        return _Known(None, begin, end, _one_of(texts))
    return _Known(texts)


def _begin_of(known: _Known) -> Texts:
    return known.begin if known.texts is None else known.texts


def _end_of(known: _Known) -> Texts:
    return known.end if known.texts is None else known.texts


def _joined(first: _Known, second: _Known) -> _Known:
    if first.texts is not None and second.texts is not None:
        condition = _every(first.condition, second.condition)
        few = _few(_crossed(first.texts, second.texts))
        return _Known(few.texts, few.begin, few.end, _every(condition, few.condition))
    between = _crossed(_cut(_end_of(first), _last), _cut(_begin_of(second), _first))
    begin = first.begin if first.texts is None else _crossed(first.texts, _begin_of(second))
    end = second.end if second.texts is None else _crossed(_end_of(first), second.texts)
    condition = _every(first.condition, second.condition, _whole(first), _whole(second),
                       _one_of(between))  # fmt: skip
    return _Known(None, _begins(begin), _cut(end, _last), condition)


def _either(first: _Known, second: _Known) -> _Known:
    if first.texts is not None and second.texts is not None:
        texts = first.texts | second.texts
        if len(texts) <= _MOST_TEXTS:
            return _Known(texts, condition=_some(first.condition, second.condition))
    conditions = [_every(known.condition, _whole(known)) for known in (first, second)]
    return _Known(
        None,
        _begins(_begin_of(first) | _begin_of(second)),
        _cut(_end_of(first) | _end_of(second), _last),
        _some(*conditions),
    )


def _repeated(part: _Known, node: Repetition) -> _Known:
    if node.most == 0:
        return _NOTHING
    if node.least == 0:
        return _either(part, _NOTHING) if node.most == 1 else _ANYTHING
    times = min(node.least, _MOST_WRITTEN_OUT)
    known = reduce(_joined, [part] * times)
    if node.most == times:
        return known
    condition = _every(known.condition, _whole(known))
    return _Known(None, _begins(_begin_of(part)), _cut(_end_of(part), _last), condition)


def _whole(known: _Known) -> Condition:
    return NO_CONDITION if known.texts is None else _one_of(known.texts)


def _ends(known: _Known) -> Condition:
    return _every(_one_of(known.begin), _one_of(known.end))


def _first(text: bytes) -> bytes:
    return text[:_KEPT]


def _last(text: bytes) -> bytes:
    return text[-_KEPT:]


def _begins(texts: Texts) -> Texts:
    return _cut(texts, _first)


def _cut(texts: Texts, part: Callable[[bytes], bytes]) -> Texts:
    """The ends of texts; none of many."""
    cut = frozenset(map(part, texts))
    return cut if len(cut) <= _MOST_TEXTS else ANY_TEXT


def _crossed(first: Texts, second: Texts) -> Texts:
    return frozenset(before + after for before, after in product(first, second))


def _one_of(texts: Texts) -> Condition:
    """That one of some texts is there; nothing where one is too short to tell."""
    if any(len(text) < WIDTH for text in texts):
        return NO_CONDITION
    return _some(*(_holding(text) for text in sorted(texts)))


def _holding(text: bytes) -> Condition:
    return _every(*(int(number) for number in trigrams(text)))


def _every(*conditions: Condition) -> Condition:
    parts = _flat(conditions, Every)
    return parts[0] if len(parts) == 1 else Every(parts)


def _some(*conditions: Condition) -> Condition:
    if any(condition == NO_CONDITION for condition in conditions):
        return NO_CONDITION
    parts = _flat(conditions, Some)
    return parts[0] if len(parts) == 1 else Some(parts)


def _flat(conditions: Iterable[Condition], kind: type[Every] | type[Some]) -> tuple[Condition, ...]:
    """The parts of conditions, each once, those of the same kind taken apart."""
    parts: dict[Condition, None] = {}
    for condition in conditions:
        if not isinstance(condition, int) and isinstance(condition, kind):
            parts |= dict.fromkeys(condition.parts)
        else:
            parts[condition] = None
    return tuple(parts)
