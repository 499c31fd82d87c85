"""Conversations as turns: JSON exports, lists of messages, Markdown and plain text.

A turn is what the user said and what was answered.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from keepsake.memory.models import Turn
from keepsake.storage import storable

MOST_TURNS = 5_000
_MOST_CHARS = 10_000
_USERS = frozenset({"user", "human", "you", "me", "prompt", "question", "user input"})
_AGENTS = frozenset(
    ["assistant", "ai", "agent", "bot", "model", "chatgpt", "claude", "gemini", "gpt", "cursor",
     "copilot", "answer", "response", "planner response", "chatgpt said", "gpt-4"]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message; the id and the time where the source has them."""

    from_user: bool
    text: str
    id: str = ""
    said_at: str = ""


def side(name: str) -> bool | None:
    """Whether a speaker is the user (True) or the agent (False); None when it is neither."""
    plain = name.strip().strip("*#:_").strip().lower().removesuffix(" said")
    if plain in _USERS or plain.removeprefix("you") == "":
        return True
    return False if plain in _AGENTS else None


def turns(messages: Iterable[ChatMessage], session_id: str = "") -> list[Turn]:
    """Each of the user's messages with the answers up to the next one.

    Two messages of the user's in a row are one; what an agent says first answers nothing and is
    left out. Texts beyond 10,000 characters are cut, and nothing is read beyond `MOST_TURNS`.
    """
    exchanges: list[tuple[ChatMessage, list[str], list[str]]] = []
    for message in messages:
        text = message.text.strip()
        if not text:
            continue
        if message.from_user and (not exchanges or exchanges[-1][2]):
            if len(exchanges) == MOST_TURNS:
                break
            exchanges.append((message, [text], []))
        elif message.from_user:
            exchanges[-1][1].append(text)
        elif exchanges:
            exchanges[-1][2].append(text)
    return [_turn(first, said, answered, session_id) for first, said, answered in exchanges]


def timestamp(value: object) -> str:
    """A time as ISO 8601, from seconds since 1970 or from text; empty when it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e11:  # noqa: PLR2004 - the year 5138
        return datetime.fromtimestamp(value, UTC).isoformat()
    if not isinstance(value, str):
        return ""
    try:
        return storable(datetime.fromisoformat(value)).isoformat()
    except ValueError:
        return ""


def _turn(first: ChatMessage, said: list[str], answered: list[str], session_id: str) -> Turn:
    return Turn(
        user_query="\n\n".join(said)[:_MOST_CHARS],
        agent_response="\n\n".join(answered)[:_MOST_CHARS],
        session_datetime=first.said_at,
        source_id=first.id[:256],
        session_id=session_id[:256],
    )


_MOST_DEPTH = 40


def read_json(text: str) -> list[Turn]:
    """The turns of a JSON document; none when it is no conversation."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return list(islice(conversations(document), MOST_TURNS))


def conversations(document: Any, depth: int = 0) -> Iterator[Turn]:
    """All conversations within a document, whatever wraps them."""
    if depth > _MOST_DEPTH:
        return
    if isinstance(document, Mapping):
        yield from _conversation(document, depth)
    elif isinstance(document, list) and document:
        messages = [message for message in map(_message, document) if message is not None]
        if messages:
            yield from turns(messages)
            return
        for inner in document:
            yield from conversations(inner, depth + 1)


def _conversation(document: Mapping[str, Any], depth: int) -> Iterator[Turn]:
    name = str(document.get("conversation_id") or document.get("uuid") or document.get("id") or "")
    if isinstance(document.get("mapping"), Mapping):
        yield from turns(_branch(document), name)
        return
    for key in ("chat_messages", "messages", "conversation", "turns", "pairs"):
        listed = document.get(key)
        if isinstance(listed, list):
            pairs = [pair for pair in listed if isinstance(pair, Mapping) and "user_query" in pair]
            messages = [message for pair in pairs for message in _pair(pair)] if pairs else [
                message for message in map(_message, listed) if message is not None]  # fmt: skip
            yield from turns(messages, name)
            return
    for inner in document.values():
        if isinstance(inner, Mapping | list):
            yield from conversations(inner, depth + 1)


def _branch(document: Mapping[str, Any]) -> list[ChatMessage]:
    """ChatGPT keeps a tree of all edits: what counts is the branch that ends in `current_node`."""
    nodes = document["mapping"]
    at, seen, branch = document.get("current_node") or _leaf(nodes), set(), []
    while isinstance(at, str) and at in nodes and at not in seen:
        seen.add(at)
        node = nodes[at] if isinstance(nodes[at], Mapping) else {}
        message = _message(node.get("message"))
        if message is not None:
            branch.append(message)
        at = node.get("parent")
    return branch[::-1]


def _leaf(nodes: Mapping[str, Any]) -> str | None:
    leaves = [key for key, node in nodes.items()
              if isinstance(node, Mapping) and not node.get("children")]  # fmt: skip
    return leaves[-1] if leaves else None


def _pair(pair: Mapping[str, Any]) -> Iterator[ChatMessage]:
    said_at = timestamp(pair.get("session_datetime"))
    yield ChatMessage(
        from_user=True, text=str(pair["user_query"]), id=str(pair.get("source_id") or ""),
        said_at=said_at,
    )  # fmt: skip
    yield ChatMessage(from_user=False, text=str(pair.get("agent_response") or ""))


def _message(value: Any) -> ChatMessage | None:
    """A message in any of the usual shapes; None when it is none, or hidden."""
    if not isinstance(value, Mapping):
        return None
    author = value.get("author")
    name = author.get("role") if isinstance(author, Mapping) else value.get("role")
    name = name or value.get("sender") or value.get("from") or author
    from_user = side(name) if isinstance(name, str) else None
    hidden = (value.get("metadata") or {}) if isinstance(value.get("metadata"), Mapping) else {}
    if from_user is None or hidden.get("is_visually_hidden_from_conversation"):
        return None
    when = timestamp(value.get("create_time") or value.get("created_at") or value.get("timestamp"))
    text = _text(value.get("content")) or _text(value.get("text"))
    return ChatMessage(from_user, text, str(value.get("id") or value.get("uuid") or ""), when)


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        return _text(content.get("parts") or content.get("text") or "")
    if isinstance(content, list):
        return "\n".join(part for part in map(_text, content) if part)
    return ""


_HEADING = re.compile(
    r"^\s{0,3}(?:#{1,6}\s*|\*\*|__)\s*(?P<name>[\w .-]{1,30}?)\s*(?::|\*\*|__|$)\s*"
    r"(?:\*\*|__)?\s*:?\s*(?P<rest>.*)$"
)
_COLON = re.compile(r"^\s*(?P<name>[A-Za-z][\w .-]{0,30}?)\s*:\s*(?P<rest>.*)$")
_RULE = re.compile(r"^\s*(?:-{3,}|\*{3,}|_{3,})\s*$")
_CODE_FENCE = re.compile(r"^\s*```")


def read_text(text: str) -> list[Turn]:
    """The turns of a text; none when it names no speakers."""
    return turns(_spoken(text))


def _spoken(text: str) -> Iterator[ChatMessage]:
    from_user: bool | None = None
    lines: list[str] = []
    fenced = False
    for line in text.splitlines():
        fenced ^= _CODE_FENCE.match(line) is not None
        speaker = None if fenced else _speaker(line)
        if speaker is not None:
            if from_user is not None:
                yield ChatMessage(from_user, "\n".join(lines))
            from_user, lines = speaker[0], [speaker[1]]
        elif fenced or not _RULE.match(line):
            lines.append(line)
    if from_user is not None:
        yield ChatMessage(from_user, "\n".join(lines))


def _speaker(line: str) -> tuple[bool, str] | None:
    """Who begins to speak in a line, and what of it is said."""
    for pattern in (_HEADING, _COLON):
        match = pattern.match(line)
        from_user = side(match["name"]) if match else None
        if match and from_user is not None:
            return from_user, match["rest"]
    return None
