"""One message of a chat, read by its role and its structure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from keepsake.memory.importing.chats import ChatMessage, Voice
from keepsake.memory.importing.words import first_of, text_of, timestamp, without_reasoning

_SIDES = {
    **dict.fromkeys(("user", "human", "you", "me", "prompt", "request"), Voice.USER),
    **dict.fromkeys(
        ("assistant", "ai", "model", "bot", "agent", "chatbot", "gpt", "response"), Voice.AGENT
    ),
    **dict.fromkeys(
        ("system", "developer", "tool", "function", "ipython", "environment", "observation",
         "thinking", "reasoning", "function_call", "function_response", "tool_call",
         "tool_result", "tool_response", "remove"), Voice.NEITHER,
    ),
}  # fmt: skip
"""The roles of the models' own interfaces; whoever is called otherwise is only named."""
_CLASSES = ("messagechunk", "message")
"""How the classes of frameworks end: `HumanMessage`, `AIMessageChunk`."""
_TYPED = frozenset({"human", "ai", "system", "tool", "function", "user", "assistant", "remove",
                    "user_message", "agent_message", "developer", "userchatmessage"})  # fmt: skip
"""Types of messages that are roles as well."""
_ROLES = ("role_type", "role", "sender", "from", "speaker", "author")
_TEXTS = ("content", "text", "parts", "blocks", "value", "message", "body", "fragments")
_TIMES = ("create_time", "created_at", "createdAt", "inserted_at", "timestamp", "createTime",
          "sent_at", "date", "time", "ts")  # fmt: skip
_IDS = ("id", "uuid", "_id", "message_id", "messageId")
_WRAPPED = ("message", "data", "kwargs", "payload", "response")
_CONTENT_TYPES = frozenset({"text", "multimodal_text"})
_MOST_NAME = 64
_MOST_DEPTH = 3


def side_of(role: str) -> Voice:
    """Whose words a role says; NAMED when it is no role but a name."""
    plain = role.strip().strip("*#:_").strip().rsplit(".", 1)[-1].lower()
    if known := _SIDES.get(plain):
        return known
    for ending in _CLASSES:
        if plain.endswith(ending):
            return _SIDES.get(plain.removesuffix(ending).rstrip("_"), Voice.NAMED)
    return Voice.NAMED


def message_of(value: Any, role: str = "", depth: int = 0) -> ChatMessage | None:
    """A message in any of the usual shapes; None when it is none.

    role: what is known of the speaker from around it.
    """
    if isinstance(value, list):
        return _pair(value)
    if not isinstance(value, Mapping) or depth > _MOST_DEPTH:
        return None
    role = _role(value) or role
    if not role or not any(_is_text(value.get(name)) for name in _TEXTS):
        return _unwrapped(value, role, depth)
    side = Voice.NEITHER if _hidden(value) else side_of(role)
    text = text_of(first_of(value, _TEXTS))
    return ChatMessage(
        side,
        without_reasoning(text) if side is Voice.AGENT else text,
        name=role.strip()[:_MOST_NAME],
        id=str(first_of(value, _IDS) or ""),
        said_at=_said_at(value),
    )


def _is_text(field: Any) -> bool:
    """Whether a field holds words; a message within is none."""
    return isinstance(field, str | list) or (isinstance(field, Mapping) and "role" not in field)


def _pair(value: list[Any]) -> ChatMessage | None:
    """`["human", "Hello"]`, as LangChain writes messages in short."""
    if len(value) != 2 or not all(isinstance(part, str) for part in value):  # noqa: PLR2004
        return None
    side = side_of(value[0])
    return None if side is Voice.NAMED else ChatMessage(side, value[1])


def _role(value: Mapping[str, Any]) -> str:
    """What a message says of its speaker; empty when it says nothing."""
    for name in _ROLES:
        said = value.get(name)
        if isinstance(said, Mapping):
            said = said.get("role") or said.get("name")
        if isinstance(said, str) and said:
            return said
    kind = value.get("type")
    return kind if isinstance(kind, str) and kind.lower() in _TYPED else ""


def _unwrapped(value: Mapping[str, Any], role: str, depth: int) -> ChatMessage | None:
    """The message within an event, which says its role and time where the message does not."""
    path = value.get("id")  # a serialised object of LangChain's is named by its class
    if isinstance(path, list) and path and isinstance(path[-1], str):
        role = path[-1]
    for name in _WRAPPED:
        inner = value.get(name)
        if not isinstance(inner, Mapping):
            continue
        if (message := message_of(inner, role, depth + 1)) is not None:
            return replace(
                message,
                said_at=message.said_at or _said_at(value),
                id=message.id or str(value.get("uuid") or ""),
            )
    return None


def _hidden(value: Mapping[str, Any]) -> bool:
    """Whether nobody was meant to read it: tool calls, reasoning, instructions between messages."""
    about = value.get("metadata")
    about = about if isinstance(about, Mapping) else {}
    content = value.get("content")
    kind = content.get("content_type") if isinstance(content, Mapping) else None
    return bool(
        about.get("is_visually_hidden_from_conversation")
        or about.get("is_user_system_message")
        or value.get("isThought")
        or value.get("thought")
        or (isinstance(value.get("author"), Mapping) and value.get("recipient", "all") != "all")
        or value.get("channel") in ("analysis", "commentary")
        or (kind is not None and kind not in _CONTENT_TYPES)
        or (value.get("type") in ("service", "reasoning", "function_call", "function_call_output"))
    )


def _said_at(value: Mapping[str, Any]) -> str:
    about = value.get("metadata")
    nested = [about] if isinstance(about, Mapping) else []
    for source in (value, *nested):
        for name in _TIMES:
            if when := timestamp(source.get(name)):
                return when
    return ""
