"""Exports of other memories: statements about a user, without the words that they come from."""

from collections.abc import Mapping
from typing import Any

from keepsake.memory.importing.chats import Chat, ChatMessage, Voice
from keepsake.memory.importing.words import first_of, timestamp

_STATED = ("memory", "fact")
_ENDED = ("invalid_at", "expired_at", "deleted_at")
_TIMES = ("valid_at", "created_at", "updated_at")


def read(listed: list[Any]) -> list[Chat]:
    """mem0's memories and Zep's facts, each a chat of its own; nothing when the list is none.

    What the export says to hold no longer is left out.
    """
    stated = [(value, text) for value in listed if (text := _statement(value))]
    return [Chat([_message(value, text)]) for value, text in stated
            if not any(value.get(name) for name in _ENDED)]  # fmt: skip


def _statement(value: Any) -> str:
    if not isinstance(value, Mapping) or not any(name in value for name in ("id", "uuid")):
        return ""
    text = first_of(value, _STATED)
    return text if isinstance(text, str) else ""


def _message(value: Mapping[str, Any], text: str) -> ChatMessage:
    return ChatMessage(
        Voice.USER, text, id=str(first_of(value, ("id", "uuid"))),
        said_at=timestamp(first_of(value, _TIMES)),
    )  # fmt: skip
