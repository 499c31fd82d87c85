"""A drop-in for mem0's `Memory`: the same calls and results, over Keepsake.

An id is `user_id/memory_id`, since calls of mem0 that take an id name no user.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from keepsake_client.adapters.messages import requests_of
from keepsake_client.client import Keepsake
from keepsake_client.models.memory import Hit, Version
from keepsake_client.models.memory import Memory as Kept
from keepsake_client.problems import MemoryNotFound

_SCOPES = ("user_id", "agent_id", "run_id")
Results = dict[str, list[dict[str, Any]]]


class Memory:
    """mem0's `Memory`. kinds: `memory` for what was read of turns, `turn` for what was said."""

    def __init__(
        self, client: Keepsake | None = None, *, kinds: Sequence[str] = ("memory", "turn")
    ) -> None:
        self._memory = (client or Keepsake()).memory
        self._kinds = list(kinds)

    def add(
        self,
        messages: str | Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        metadata: Mapping[str, Any] | None = None,
        expiration_date: str | date | None = None,
        infer: bool = True,
    ) -> Results:
        """Remember messages and wait for it; what that did is answered, one by one.

        infer: whether what was read of them is answered; else the turns alone.
        """
        whose = _scope({"user_id": user_id, "agent_id": agent_id, "run_id": run_id})
        kinds = self._kinds if infer else ["turn"]
        results: list[dict[str, Any]] = []
        for some in requests_of(_listed(messages)):
            job = self._memory.add(
                messages=some, metadata=metadata, expires_at=_end_of(expiration_date), **whose
            )
            job.result()
            results += [
                {"id": _id(effect.user_id, effect.memory_id), "memory": effect.content,
                 "event": effect.type}
                for effect in job.effects()
                if effect.type != "NOOP" and effect.memory_id and _kind(effect.domain) in kinds
            ]  # fmt: skip
        return {"results": results}

    def search(
        self,
        query: str,
        *,
        top_k: int = 20,
        filters: Mapping[str, Any] | None = None,
        threshold: float = 0.1,
        **scope: object,
    ) -> Results:
        """Find memories; filters: one of `user_id`, `agent_id`, `run_id`, and metadata.

        A score is a part of the best one's, which is 1; threshold: the least.
        """
        asked = {**(filters or {}), **scope}
        hits = self._memory.search(
            query, kinds=self._kinds, top_k=top_k, metadata=_metadata(asked) or None,
            **_scope(asked),
        )  # fmt: skip
        best = max((hit.score for hit in hits), default=0) or 1
        scored = [(hit, round(hit.score / best, 4)) for hit in hits]
        return {"results": [_shown(hit, asked, score=score)
                            for hit, score in scored if score >= threshold]}  # fmt: skip

    def get_all(
        self, *, filters: Mapping[str, Any] | None = None, top_k: int = 20, **scope: object
    ) -> Results:
        """The memories that hold; filters as for `search`."""
        results: list[dict[str, Any]] = []
        for kept in self._listed({**(filters or {}), **scope}):
            if len(results) >= top_k:
                break
            results.append(_shown(kept, {**(filters or {}), **scope}))
        return {"results": results}

    def get(self, memory_id: str) -> dict[str, Any] | None:
        """One memory as it is now; None when there is none."""
        user_id, kept = self._current(memory_id)
        whose = {"user_id": user_id}
        return None if kept is None else {**_shown(kept, whose), "score": None}

    def update(self, memory_id: str, text: str) -> dict[str, str]:
        """Say it anew; the id stays good for all versions.

        Raises:
            ValueError: There is none of this id.
        """
        user_id, kept = self._required(memory_id)
        self._memory.update(kept.id, text, user_id=user_id)
        return {"message": "Memory updated successfully!"}

    def delete(self, memory_id: str) -> dict[str, str]:
        """Delete a memory with what it superseded, for good.

        Raises:
            ValueError: There is none of this id.
        """
        user_id, kept = self._required(memory_id)
        for version_id in [kept.id, *(version.id for version in kept.history)]:
            self._delete(version_id, user_id)
        return {"message": "Memory deleted successfully!"}

    def delete_all(
        self, user_id: object = None, agent_id: object = None, run_id: object = None
    ) -> dict[str, str]:
        """Delete all of a user's memories, or of an agent's or a run's, for good."""
        asked = {"user_id": user_id, "agent_id": agent_id, "run_id": run_id}
        whose = _scope(asked).get("user_id", "")
        for kept in list(self._listed(asked, kinds=["turn", "memory"], history=True)):
            self._delete(kept.id, whose)
        return {"message": "Memories deleted successfully!"}

    def history(self, memory_id: str) -> list[dict[str, Any]]:
        """What a memory said from first to last; empty once it was deleted."""
        _, kept = self._current(memory_id)
        before: Version | None = None
        changes = []
        for version in kept.history if kept else []:
            changes.append(_change(memory_id, before, version))
            before = version
        if before and before.valid_to:
            changes.append(_ended(memory_id, before, before.valid_to))
        return changes

    def _listed(
        self, asked: Mapping[str, Any], kinds: Sequence[str] = (), *, history: bool = False
    ) -> Any:
        pairs = [f"{name}:{_spelt(value)}" for name, value in _metadata(asked).items()]
        return self._memory.list(
            kinds=kinds or self._kinds, metadata=pairs or None, history=history or None,
            **_scope(asked),
        )  # fmt: skip

    def _current(self, memory_id: str) -> tuple[str, Kept | None]:
        """Whose memory, and its last version."""
        user_id, _, kept_id = str(memory_id).partition("/")
        if not kept_id.strip("."):
            return user_id, None
        try:
            kept = self._memory.get(kept_id, user_id=user_id)
            if kept.history and kept.history[-1].id != kept.id:
                kept = self._memory.get(kept.history[-1].id, user_id=user_id)
        except MemoryNotFound:
            return user_id, None
        return user_id, kept

    def _required(self, memory_id: str) -> tuple[str, Kept]:
        user_id, kept = self._current(memory_id)
        if kept is None:
            raise ValueError(f"Memory with id {memory_id} not found")
        return user_id, kept

    def _delete(self, kept_id: str, user_id: str) -> None:
        """Delete what may have gone along with another."""
        try:
            self._memory.delete(kept_id, user_id=user_id)
        except MemoryNotFound:
            return


def _listed(
    messages: str | Mapping[str, Any] | Sequence[Mapping[str, Any]],
) -> Sequence[Mapping[str, Any]]:
    if isinstance(messages, str):
        return [{"role": "user", "content": messages}]
    return [messages] if isinstance(messages, Mapping) else messages


def _scope(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Whose memories are meant; without a user they are the owner's own.

    Raises:
        ValueError: Nobody's.
    """
    whose = {name: str(asked[name]).strip() for name in _SCOPES if asked.get(name) is not None}
    if not whose or not all(whose.values()):
        raise ValueError("name at least one of user_id, agent_id and run_id")
    return whose


def _metadata(asked: Mapping[str, Any]) -> dict[str, str | float | bool]:
    """What metadata has to be equal to.

    Raises:
        ValueError: It is a condition that Keepsake has not.
    """
    wanted = {}
    for name, condition in asked.items():
        value = (
            condition["eq"] if isinstance(condition, Mapping) and "eq" in condition else condition
        )
        if name in _SCOPES:
            continue
        if not isinstance(value, (str, float, int, bool)) or name in {"AND", "OR", "NOT"}:
            raise ValueError(f"{name}: metadata is compared for equality alone")
        wanted[name] = value
    return wanted


def _spelt(value: str | float | bool) -> str:  # noqa: FBT001
    return str(value).lower() if isinstance(value, bool) else str(value)


def _end_of(day: str | date | None) -> datetime | None:
    """The end of the last day on which something is still found."""
    if day is None:
        return None
    last = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(last, time(), timezone.utc) + timedelta(days=1)


def _kind(domain: str) -> str:
    return "turn" if domain == "summary" else "memory"


def _id(user_id: str | None, kept_id: str | None) -> str:
    return f"{user_id or ''}/{kept_id}"


def _shown(kept: Kept | Hit, asked: Mapping[str, Any], **score: float) -> dict[str, Any]:
    """A memory in mem0's shape."""
    began = kept.created_at if isinstance(kept, Kept) else kept.said_at
    changed = kept.valid_from or began
    last_day = (kept.expires_at - timedelta(days=1)).date() if kept.expires_at else None
    tags = {"user_id": asked.get("user_id"), "agent_id": kept.agent_id, "run_id": kept.run_id,
            "expiration_date": last_day.isoformat() if last_day else None}  # fmt: skip
    return {
        "id": _id(asked.get("user_id"), kept.id),
        "memory": kept.content,
        "hash": hashlib.md5(kept.content.encode(), usedforsecurity=False).hexdigest(),
        "metadata": kept.metadata or None,
        "created_at": began.isoformat() if began else None,
        "updated_at": changed.isoformat() if changed else None,
        **score,
        **{name: value for name, value in tags.items() if value},
    }


def _change(memory_id: str, before: Version | None, version: Version) -> dict[str, Any]:
    """A version in the shape of mem0's history."""
    return {
        "id": version.id,
        "memory_id": memory_id,
        "old_memory": before.content if before else None,
        "new_memory": version.content,
        "event": "UPDATE" if before else "ADD",
        "created_at": version.valid_from.isoformat(),
        "updated_at": version.valid_from.isoformat(),
        "is_deleted": False,
        "actor_id": None,
        "role": None,
    }


def _ended(memory_id: str, last: Version, at: datetime) -> dict[str, Any]:
    """The end of what nothing took the place of."""
    return {
        **_change(memory_id, None, last),
        "old_memory": last.content,
        "new_memory": None,
        "event": "DELETE",
        "updated_at": at.isoformat(),
        "is_deleted": True,
    }
