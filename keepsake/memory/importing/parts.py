"""What is uploaded, conversation by conversation, however large it is."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, groupby
from typing import Any

from keepsake.memory.errors import NoTurns
from keepsake.memory.importing.chats import Chat
from keepsake.memory.importing.json_chats import are_chats, begins_exchange
from keepsake.memory.importing.reading import SHAPES, chats_of
from keepsake.memory.importing.splitting import (
    BREAKS_OFF,
    MOST_BYTES,
    Element,
    divided,
    json_elements,
    lines,
)
from keepsake.memory.importing.takeout import CELL

WHOLE_BYTES = 4 << 20
"""A document of at most so many is read at once."""
_RUN_BYTES, _RUN_ELEMENTS = 1 << 20, 500
_CELLS_BYTES = 1 << 18
_SAMPLE_BYTES, _SAMPLE_ELEMENTS = 1 << 20, 50
_ASSIGNED_LIST = re.compile(rb"[\w$\])]\s{0,4}=\s{0,4}(?=\[\s{0,40}\{)")
_FLATTENED = re.compile(rb'\[\s{0,40}\{\s{0,40}"_\d{1,9}"')
"""A list whose elements name each other is read as a whole."""
_SPOILT = "it is no JSON"
Reader = Callable[[], Iterable[Chat]]
Open = Callable[[], Iterable[bytes]]
"""Gives the bytes of a document from its beginning, in pieces."""


@dataclass(frozen=True, slots=True)
class UploadPart:
    """A conversation, or messages that belong together. name: where it stands.

    read: gives its chats; raises NoTurns, or whatever a reader meets in what is none.
    """

    name: str
    read: Reader


def parts_of(opened: Open, name: str = "") -> Iterator[UploadPart]:
    """The parts of a document in any shape; always the same ones in the same order.

    Raises:
        NoTurns: It cannot be read.
    """
    readers = _readers(opened)
    for number, read in enumerate(readers, 1):
        yield UploadPart(f"{name} {number}".strip(), read)


def _readers(opened: Open) -> Iterator[Reader]:
    pieces = iter(opened())
    beginning = _beginning(pieces)
    if len(beginning) <= WHOLE_BYTES and not _falls_apart(beginning):
        yield from _small(beginning)
        return
    empty = True
    for read in _documents(beginning, pieces):
        empty = False
        yield read
    if empty:
        yield partial(_chats, _whole(opened))


def _small(document: bytes) -> list[Reader]:
    """Readers of a document's chats, one each; the one of what cannot be read says why."""
    try:
        readers: list[Reader] = [partial(_only, chat) for chat in _chats(document)]
    except Exception:  # noqa: BLE001 - what one document holds must not keep the others out
        return [partial(_chats, document)]
    if readers and _breaks_off(document):
        readers.append(partial(_chats_of_run, [Element(None, why=BREAKS_OFF)], b""))
    return readers


def _breaks_off(document: bytes) -> bool:
    """Whether the last of JSON's lines is none, as of a log that is being written."""
    body = _body(document).rstrip()
    last = body.rpartition(b"\n")[2]
    return body[:1] == b"{" and _is_lines(body) and _value(last) is None


def _falls_apart(document: bytes) -> bool:
    """Whether a small document lists chats, or is JSON that breaks off or is spoilt somewhere.

    Element by element, what can be read is, and what cannot is counted.
    """
    body = _body(document)
    if body[:1] not in {b"[", b"{"} or _FLATTENED.match(body):
        return False
    if (value := _value(body)) is not None:
        return isinstance(value, list) and are_chats(value)
    if _is_lines(body):
        return any(each.why for each in map(_checked, _whole_lines(body)))
    listed = list(map(_checked, json_elements([body])))
    return any(each.raw for each in listed) and any(each.why for each in listed)


def _whole_lines(body: bytes) -> Iterator[Element]:
    return lines([body.rpartition(b"\n")[0]])


def _body(document: bytes) -> bytes:
    return document.lstrip(b"\xef\xbb\xbf \t\r\n")


def _beginning(pieces: Iterator[bytes]) -> bytes:
    """The beginning of a document, which is all of a small one."""
    beginning = bytearray()
    while len(beginning) <= WHOLE_BYTES and (piece := next(pieces, b"")):
        beginning += piece
    return bytes(beginning)


def _whole(opened: Open) -> bytes:
    whole = bytearray()
    for piece in opened():
        whole += piece
        if len(whole) > MOST_BYTES:
            raise NoTurns(f"it is too large and in no list; what can be read is: {SHAPES}")
    return bytes(whole)


def _documents(beginning: bytes, rest: Iterator[bytes]) -> Iterator[Reader]:
    """Readers of the small documents of which a large one consists."""
    body = _body(beginning)
    if _FLATTENED.match(body):
        return
    if body[:1] in {b"[", b"{"}:
        split = lines if _is_lines(body) else json_elements
        yield from _of_lists(split(chain([body], rest)))
    elif CELL in beginning:
        for cells in divided(chain([beginning], rest), CELL, _CELLS_BYTES):
            yield partial(_chats, cells)
    elif body[:1] == b"<" and (assigned := _ASSIGNED_LIST.search(beginning)):
        listed = chain([beginning[assigned.end() :]], rest)
        yield from _of_lists(json_elements(listed))


def _is_lines(body: bytes) -> bool:
    """Whether the first line is a JSON value and others follow it."""
    first, _, rest = body.partition(b"\n")
    return bool(rest.strip()) and _value(first) is not None


def _of_lists(elements: Iterator[Element]) -> Iterator[Reader]:
    """Each element alone where it has chats of its own, else some that follow each other."""
    for head, group in groupby(elements, key=lambda element: element.head):
        listed = iter(group)
        sample = list(_sample(listed))
        alone = are_chats([_value(element.raw) for element in sample if element.raw is not None])
        together = chain(sample, listed)
        for run in _runs(together if alone else map(_checked, together), alone=alone):
            yield partial(_chats_of_run, run, head)


def _checked(element: Element) -> Element:
    """The same, unless it is no JSON and would spoil what is read with it."""
    spoilt = element.raw is not None and _value(element.raw) is None
    return replace(element, raw=None, why=_SPOILT) if spoilt else element


def _sample(listed: Iterator[Element]) -> Iterator[Element]:
    size = 0
    for number, element in enumerate(listed, 1):
        yield element
        size += len(element.raw or b"")
        if size > _SAMPLE_BYTES or number == _SAMPLE_ELEMENTS:
            return


def _runs(elements: Iterable[Element], *, alone: bool) -> Iterator[list[Element]]:
    """Elements that are read together; an answer stays with what it answers."""
    run: list[Element] = []
    size = 0
    for element in elements:
        full = size > _RUN_BYTES or len(run) >= _RUN_ELEMENTS
        twice = size > 2 * _RUN_BYTES or len(run) >= 2 * _RUN_ELEMENTS
        if run and (alone or element.raw is None or run[-1].raw is None or twice
                    or (full and begins_exchange(_value(element.raw)))):  # fmt: skip
            yield run
            run, size = [], 0
        run.append(element)
        size += len(element.raw or b"")
    if run:
        yield run


def _chats_of_run(run: list[Element], head: bytes) -> Iterable[Chat]:
    raws = [element.raw for element in run if element.raw is not None]
    if not raws:
        raise NoTurns(run[0].why)
    listed = b"[" + b",".join(raws) + b"]"
    if _value(listed) is None:
        raise NoTurns(_SPOILT)
    return _chats(head + listed + b"}" if head else listed)


def _value(raw: bytes | None) -> Any:
    """The JSON of an element; None when it is none."""
    try:
        return json.loads(raw or b"null")
    except (ValueError, RecursionError):
        return None


def _only(chat: Chat) -> list[Chat]:
    return [chat]


def _chats(raw: bytes) -> Iterable[Chat]:
    return chats_of(raw.decode("utf-8-sig", "replace"))
