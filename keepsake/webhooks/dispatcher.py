"""Follows what happens and makes a job of each delivery.

One process at a time reads the change stream, from the position of which all deliveries are made.
Another goes on from there when it dies. What is read twice makes no second delivery: a job's
idempotency key is the webhook and the event.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pymongo import ReturnDocument
from pymongo.change_stream import ChangeStream
from pymongo.database import Database

from keepsake.jobs import UNFINISHED, Engine, Job, Wanted
from keepsake.storage import (
    Document,
    StorageError,
    StorageUnavailable,
    cluster_time,
    each_readable,
    new_id,
    translated,
)
from keepsake.webhooks.delivery import LABEL, delivery_of
from keepsake.webhooks.records import POSITION, Webhooks
from keepsake.webhooks.sources import EventSource, Happened

_log = logging.getLogger("keepsake.webhooks")
_ID = "position"
_TURN_SECONDS = 15
"""Whoever dies while it is its turn is waited for."""
_LOOK_SECONDS = 5.0
_AWAIT_MS = 500
_BATCH = 500
_CHANGED = ["insert", "update", "replace"]
_MOST_WAITING = 5_000
"""Deliveries of a webhook: beyond them it is off. An owner's unfinished jobs are bounded, too."""

Notify = Callable[[Job], None]


class Dispatcher:
    """Any number of processes may run it; one works at a time.

    notify: who is told of the jobs that were made; without it the relay comes upon them.
    """

    def __init__(self, engine: Engine, sources: Sequence[EventSource]) -> None:
        self._engine = engine
        self._database: Database[Document] = engine.records.database
        self._sources = {source.collection: source for source in sources}
        self._webhooks = Webhooks(self._database)
        self._position = self._database[POSITION]
        self._name = new_id("turn")
        self.notify: Notify | None = None

    def run_once(self) -> bool:
        """Follow for some seconds, if it is this process' turn; whether it was.

        Raises:
            StorageUnavailable: MongoDB does not answer.
            StorageError: It refuses, and not because of the position.
        """
        turn = self._take_turn() if self._webhooks.any() else None
        if turn is None:
            return False
        try:
            self._follow(turn)
        except _Stopped as stopped:
            self._require_log()
            _log.warning("webhooks.gap", extra={"reason": str(stopped)})
            with translated("making up for a gap"):
                self._make_up(turn)
        return True

    def _take_turn(self) -> Document | None:
        """The position, when nobody else follows."""
        with translated("taking turns"):
            turn = self._taken()
            if turn is None:  # somebody's turn, or the first round of all
                there = [{"$set": {"_id": _ID}}]
                first = self._position.update_one({"_id": _ID}, there, upsert=True)
                turn = self._taken() if first.upserted_id else None
        return turn

    def _taken(self) -> Document | None:
        free = {"$or": [{"$lte": ["$until", "$$NOW"]}, {"$eq": ["$held_by", self._name]}]}
        return self._position.find_one_and_update(
            {"_id": _ID, "$expr": free}, [{"$set": self._held()}],
            return_document=ReturnDocument.AFTER,
        )  # fmt: skip

    def _held(self) -> Document:
        later = {"$dateAdd": {"startDate": "$$NOW", "unit": "second", "amount": _TURN_SECONDS}}
        return {"held_by": self._name, "until": later}

    def _follow(self, turn: Document) -> None:
        until = time.monotonic() + _LOOK_SECONDS
        with _reading():
            stream = self._database.watch(
                self._matching(), max_await_time_ms=_AWAIT_MS, batch_size=_BATCH,
                **self._begin(turn),
            )  # fmt: skip
        with translated("delivering what happens"), stream:
            while time.monotonic() < until:
                with _reading():
                    changes = _batch(stream)
                self._deliver(self._happened(changes))
                if not stream.alive:  # what it followed was dropped, as before a restore
                    raise _Stopped("the change stream has ended")
                if not self._keep(dict(stream.resume_token or {})):
                    return

    def _require_log(self) -> None:
        """Make sure that the log can be read from now on, so that the position is what is refused.

        Raises:
            StorageError: It cannot.
        """
        with translated("following what happens"), self._database.watch(self._matching()):
            pass

    def _begin(self, turn: Document) -> dict[str, Any]:
        """Where to go on: at the position, else after the last gap, else at the oldest webhook."""
        if turn.get("resume"):
            return {"resume_after": turn["resume"]}
        return {"start_at_operation_time": turn.get("begin") or self._oldest("since")}

    def _oldest(self, field: str) -> Any:
        return min((webhook[field] for webhook in self._webhooks.active()), default=None)

    def _matching(self) -> list[Document]:
        wanted = [
            {"ns.coll": source.collection, "operationType": {"$in": _CHANGED}, **source.change}
            for source in self._sources.values()
        ]
        fields = {"_id": 1, "ns": 1, "documentKey": 1, "clusterTime": 1}
        return [{"$match": {"$or": wanted}}, {"$project": fields}]

    def _keep(self, resume: Document) -> bool:
        """Save the position; False when another process has taken the turn."""
        change = {"resume": resume, "at": "$$NOW", **self._held()}
        kept = self._position.update_one({"_id": _ID, "held_by": self._name}, [{"$set": change}])
        return bool(kept.matched_count)

    def _happened(self, changes: Iterable[Document]) -> Iterator[Happened]:
        """What changed documents of owners with webhooks tell, as they stand now."""
        ids: dict[str, list[Any]] = {}
        for change in changes:
            ids.setdefault(change["ns"]["coll"], []).append(change["documentKey"]["_id"])
        if not ids:
            return
        owners = sorted({webhook["owner"] for webhook in self._webhooks.active()})
        for collection, listed in ids.items():
            yield from self._told(
                self._sources[collection], {"_id": {"$in": listed}, "owner": {"$in": owners}}
            )

    def _told(self, source: EventSource, which: Document) -> Iterator[Happened]:
        stages = [{"$match": which}, *source.stages]
        documents = self._database[source.collection].aggregate(stages)
        yield from filter(None, each_readable(source.happened, documents))

    def _deliver(self, happened: Iterable[Happened]) -> None:
        """Make the jobs of what happened, as far as they are not there yet."""
        listed = list(happened)
        if not listed:
            return
        webhooks = [
            webhook
            for webhook in self._webhooks.active({each.owner for each in listed})
            if not self._overwhelmed(webhook)
        ]
        news = [
            delivery_of(webhook, each)
            for each in listed
            for webhook in webhooks
            if each.owner == webhook["owner"] and each.event in webhook["events"]
            and each.at >= webhook["posts_from"]
        ]  # fmt: skip
        for outcome in self._engine.acceptance.accept_all(news) if news else ():
            if isinstance(outcome, Exception):
                _log.error("webhooks.not_accepted", extra={"error": type(outcome).__name__})
            elif outcome.created and self.notify is not None:
                self.notify(outcome.job)

    def _overwhelmed(self, webhook: Document) -> bool:
        """Whether too many of its deliveries wait; it is off then, and its owner can see why."""
        owner, listing = webhook["owner"], self._engine.listing
        if listing.count_unfinished(owner, _MOST_WAITING) < _MOST_WAITING:
            return False  # told by keys of an index alone, nearly always
        wanted = Wanted(states=UNFINISHED, labels=frozenset({f"{LABEL}:{webhook['_id']}"}))
        if listing.count_unfinished(owner, _MOST_WAITING, wanted) < _MOST_WAITING:
            return False
        reason = f"{_MOST_WAITING} deliveries waited for the receiver, so that it is off"
        self._webhooks.change(owner, webhook["_id"], {"active": False, "reason": reason})
        return True

    def _make_up(self, turn: Document) -> None:
        """Deliver what happened since the position was kept, as far as records say it.

        Then go on from where this began: the log may not even reach back to the oldest webhook.
        """
        begin = cluster_time(self._database)
        since = turn.get("at") or self._oldest("posts_from")
        owners = sorted({webhook["owner"] for webhook in self._webhooks.active()})
        for source in self._sources.values():
            which = {"owner": {"$in": owners}, source.time: {"$gte": since}}
            self._deliver(self._told(source, which))
        changes = {"$set": {"begin": begin, "at": begin.as_datetime()}, "$unset": {"resume": ""}}
        self._position.update_one({"_id": _ID, "held_by": self._name}, changes)


class _Stopped(StorageError):
    """The log is not read on from the position; whether it can be at all is not known yet."""


@contextmanager
def _reading() -> Iterator[None]:
    """While the log is read.

    Raises:
        StorageUnavailable: MongoDB does not answer.
        _Stopped: It refuses.
    """
    try:
        with translated("following what happens"):
            yield
    except StorageUnavailable:
        raise
    except StorageError as error:
        raise _Stopped(str(error)) from error


def _batch(stream: "ChangeStream[Document]") -> list[Document]:
    """The changes that are there, at most so many."""
    changes: list[Document] = []
    while len(changes) < _BATCH and (change := stream.try_next()) is not None:
        changes.append(change)
    return changes
