"""Logs of coding agents: a line for each event of a session, most of which nobody said."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from keepsake.memory.importing.chats import Chat, ChatMessage, Voice
from keepsake.memory.importing.messages import message_of

_OF_TOOLS = re.compile(r"<([a-z]+(?:[-_][a-z]+)+)>")
"""What such a tool puts into the user's messages: `<environment_context>`, `<command-name>`."""
_MOST_UNCLOSED = 50
_NOBODYS = ("isMeta", "isSidechain", "isCompactSummary", "isVisibleInTranscriptOnly")


def read(events: list[Any]) -> list[Chat]:
    """The sessions of Claude Code's and Codex' logs; none when the list is none."""
    sessions: dict[str, list[ChatMessage]] = {}
    if any(map(_is_rollout, events)):
        sessions[_rollout_name(events)] = _rollout(events)
    for event in events:
        if not _is_entry(event) or any(event.get(name) for name in _NOBODYS):
            continue
        message = message_of(event)
        if message is not None:
            sessions.setdefault(str(event["sessionId"]), []).append(message)
    return [Chat([_typed(message) for message in messages], name)
            for name, messages in sessions.items() if messages]  # fmt: skip


def _is_entry(event: Any) -> bool:
    """Whether it is a message in a log of Claude Code."""
    return (isinstance(event, Mapping) and "sessionId" in event
            and isinstance(event.get("message"), Mapping))  # fmt: skip


def _is_rollout(event: Any) -> bool:
    """Whether it is an event of Codex."""
    return isinstance(event, Mapping) and isinstance(event.get("payload"), Mapping)


def _rollout_name(events: list[Any]) -> str:
    about = (event["payload"] for event in events
             if _is_rollout(event) and event.get("type") == "session_meta")  # fmt: skip
    return str(next((payload.get("id") for payload in about), "") or "")


def _rollout(events: list[Any]) -> list[ChatMessage]:
    """What both said; it stands there twice, as items of the model and as events."""
    for kind in ("response_item", "event_msg"):
        of_kind = (event for event in events if _is_rollout(event) and event.get("type") == kind)
        if messages := [each for each in map(message_of, of_kind) if each is not None]:
            return messages
    return []


def _typed(message: ChatMessage) -> ChatMessage:
    """A message of the user's without what the tool wrote into it."""
    return replace(message, text=typed(message.text)) if message.side is Voice.USER else message


def typed(text: str) -> str:
    """A text without the elements of tools in it."""
    kept: list[str] = []
    at = unclosed = 0
    while (begins := _OF_TOOLS.search(text, at)) and unclosed < _MOST_UNCLOSED:
        mark = f"</{begins[1]}>"
        ends = text.find(mark, begins.end())
        unclosed += ends < 0
        kept.append(text[at : begins.end() if ends < 0 else begins.start()])
        at = begins.end() if ends < 0 else ends + len(mark)
    return "".join([*kept, text[at:]]).strip()
