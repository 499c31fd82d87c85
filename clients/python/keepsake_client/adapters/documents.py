"""JSON documents by namespace and key, kept exactly, for adapters that need a store of them.

Each is a version of turns that carry its JSON as an answer: there no fact is read, and it is found
by words and meaning. Namespace and key are metadata. A change adds a version; then the former goes.
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keepsake_client.client import Keepsake
from keepsake_client.memory import Turn
from keepsake_client.models.memory import Hit, Memory
from keepsake_client.problems import MemoryNotFound

_PART = 9_000
_TOGETHER = 50
_MOST = 50


@dataclass(frozen=True)
class Document:
    """A document as it is now. score: how well it fits what was sought, within one search."""

    namespace: tuple[str, ...]
    key: str
    value: Any
    created_at: datetime
    updated_at: datetime
    score: float | None = None


class Documents:
    """The documents of a user of Keepsake, who has nothing else.

    A namespace has up to 10 labels; these and a key have up to 256 characters.
    """

    def __init__(self, client: Keepsake, user_id: str) -> None:
        self._memory = client.memory
        self._user_id = user_id

    def put(self, namespace: Sequence[str], items: Mapping[str, Any]) -> None:
        """Keep values by key, in the place of what their keys had.

        Raises:
            ValueError: A value is no JSON, or it could not be kept.
        """
        former = {key: self._turns(namespace, key) for key in items}
        turns = [
            turn
            for key, value in items.items()
            for turn in self._parts(namespace, key, value, _began(former[key]))
        ]
        for first in range(0, len(turns), _TOGETHER):
            done = self._memory.add_many(turns[first : first + _TOGETHER]).result()
            if done.failed:
                raise ValueError(f"{done.failed} parts of documents could not be kept")
        self._drop(turn for some in former.values() for turn in some)

    def get(self, namespace: Sequence[str], key: str) -> Document | None:
        """The document of a key."""
        return next(iter(_documents(self._turns(namespace, key))), None)

    def listed(self, prefix: Sequence[str] = ()) -> list[Document]:
        """All documents of a namespace and of those below it, the first that was made first."""
        return _documents(self._turns(prefix))

    def search(self, query: str, prefix: Sequence[str] = ()) -> Iterator[Document]:
        """The 50 documents there that fit best, the best first."""
        seen = set()
        hits = self._memory.search(
            query, user_id=self._user_id, kinds=["turn"], top_k=_MOST,
            metadata=_labels(prefix) or None,
        )  # fmt: skip
        for hit in hits:
            place = _place(hit)
            if place in seen:
                continue
            seen.add(place)
            whole = [hit] if hit.metadata["parts"] == 1 else self._turns(*place)
            for document in _documents(whole):
                yield Document(**{**vars(document), "score": hit.score})

    def delete(self, namespace: Sequence[str], key: str | None = None) -> None:
        """Delete the document of a key, or without one all of a namespace and below it."""
        self._drop(self._turns(namespace, key))

    def _parts(
        self, namespace: Sequence[str], key: str, value: object, began: str
    ) -> Iterator[Turn]:
        text = json.dumps(value, ensure_ascii=False)
        parts = [text[first : first + _PART] for first in range(0, len(text), _PART)]
        version = uuid.uuid4().hex
        tags = _labels(namespace) | {
            "key": key, "depth": len(namespace), "version": version, "parts": len(parts),
            "created": began,
        }  # fmt: skip
        for number, part in enumerate(parts):
            yield Turn(
                user_query=_SAID, agent_response=f"|{part}|", user_id=self._user_id,
                source_id=f"{version}/{number}",
                metadata={**tags, "part": number},
            )  # fmt: skip

    def _turns(self, namespace: Sequence[str], key: str | None = None) -> list[Memory]:
        """The turns of a key, or without one of all that is in a namespace or below it."""
        tags = _labels(namespace)
        if key is not None:
            tags |= {"key": key, "depth": str(len(namespace))}
        pairs = [f"{name}:{value}" for name, value in tags.items()]
        found = self._memory.list(
            user_id=self._user_id, kinds=["turn"], metadata=pairs or None, page_size=200
        )
        return list(found)

    def _drop(self, turns: Iterable[Memory]) -> None:
        for turn in turns:
            with suppress(MemoryNotFound):  # somebody else was quicker
                self._memory.delete(turn.id, user_id=self._user_id)


_SAID = "A document is kept."
"""What is said in each turn, since one cannot be empty; it states nothing."""


def _labels(namespace: Sequence[str]) -> dict[str, Any]:
    return {f"label{number}": label for number, label in enumerate(namespace)}


def _place(turn: Memory | Hit) -> tuple[tuple[str, ...], str]:
    tags = turn.metadata
    return tuple(tags[f"label{number}"] for number in range(tags["depth"])), tags["key"]


def _began(turns: Sequence[Memory]) -> str:
    """When the first version of a document was kept; empty if there is none."""
    return min((turn.metadata["created"] or _said_at(turn).isoformat() for turn in turns),
               default="")  # fmt: skip


def _said_at(turn: Memory | Hit) -> datetime:
    if turn.said_at is None:
        raise ValueError("a turn without a time is no document")
    return turn.said_at


def _documents(turns: Iterable[Memory | Hit]) -> list[Document]:
    """The newest whole version of each document, the first that was made first."""
    versions: dict[str, list[Memory | Hit]] = {}
    for turn in turns:
        versions.setdefault(turn.metadata["version"], []).append(turn)
    newest: dict[tuple[tuple[str, ...], str], Document] = {}
    for parts in versions.values():
        if len(parts) == parts[0].metadata["parts"]:
            document = _document(parts)
            place = document.namespace, document.key
            known = newest.get(place)
            if known is None or known.updated_at <= document.updated_at:
                newest[place] = document
    return sorted(newest.values(), key=lambda each: (each.created_at, each.key))


def _document(parts: Sequence[Memory | Hit]) -> Document:
    ordered = sorted(parts, key=lambda part: int(part.metadata["part"]))
    namespace, key = _place(ordered[0])
    updated_at = _said_at(ordered[0])
    since = ordered[0].metadata["created"]
    created_at = datetime.fromisoformat(since) if since else updated_at
    text = "".join((part.response or "")[1:-1] for part in ordered)
    return Document(namespace, key, json.loads(text), created_at, updated_at)
