"""JSON: the exports of ChatGPT and Claude, and plain lists of messages."""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from keepsake.memory.models import Turn
from keepsake.memory.transcripts.pairs import MOST_TURNS, Message, side, timestamp, turns

_MOST_DEPTH = 40


def read(text: str) -> list[Turn]:
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
        messages = [_message(one) for one in document]
        told = [message for message in messages if message is not None]
        if told:
            yield from turns(told)
            return
        for one in document:
            yield from conversations(one, depth + 1)


def _conversation(document: Mapping[str, Any], depth: int) -> Iterator[Turn]:
    name = str(document.get("conversation_id") or document.get("uuid") or document.get("id") or "")
    if isinstance(document.get("mapping"), Mapping):
        yield from turns(_branch(document), name)
        return
    for key in ("chat_messages", "messages", "conversation", "turns", "pairs"):
        listed = document.get(key)
        if isinstance(listed, list):
            pairs = [one for one in listed if isinstance(one, Mapping) and "user_query" in one]
            told = [m for one in pairs for m in _pair(one)] if pairs else [
                m for m in map(_message, listed) if m is not None]  # fmt: skip
            yield from turns(told, name)
            return
    for inner in document.values():
        if isinstance(inner, Mapping | list):
            yield from conversations(inner, depth + 1)


def _branch(document: Mapping[str, Any]) -> list[Message]:
    """ChatGPT keeps a tree of all edits: what counts is the branch that ends in `current_node`."""
    nodes = document["mapping"]
    at, seen, found = document.get("current_node") or _leaf(nodes), set(), []
    while isinstance(at, str) and at in nodes and at not in seen:
        seen.add(at)
        node = nodes[at] if isinstance(nodes[at], Mapping) else {}
        message = _message(node.get("message"))
        if message is not None:
            found.append(message)
        at = node.get("parent")
    return found[::-1]


def _leaf(nodes: Mapping[str, Any]) -> str | None:
    leaves = [key for key, node in nodes.items()
              if isinstance(node, Mapping) and not node.get("children")]  # fmt: skip
    return leaves[-1] if leaves else None


def _pair(one: Mapping[str, Any]) -> Iterator[Message]:
    said_at = timestamp(one.get("session_datetime"))
    yield Message(
        from_user=True, text=str(one["user_query"]), id=str(one.get("source_id") or ""),
        said_at=said_at,
    )  # fmt: skip
    yield Message(from_user=False, text=str(one.get("agent_response") or ""))


def _message(one: Any) -> Message | None:
    """A message in any of the usual shapes; None when it is none, or hidden."""
    if not isinstance(one, Mapping):
        return None
    author = one.get("author")
    name = author.get("role") if isinstance(author, Mapping) else one.get("role")
    name = name or one.get("sender") or one.get("from") or author
    from_user = side(name) if isinstance(name, str) else None
    hidden = (one.get("metadata") or {}) if isinstance(one.get("metadata"), Mapping) else {}
    if from_user is None or hidden.get("is_visually_hidden_from_conversation"):
        return None
    when = timestamp(one.get("create_time") or one.get("created_at") or one.get("timestamp"))
    text = _text(one.get("content")) or _text(one.get("text"))
    return Message(from_user, text, str(one.get("id") or one.get("uuid") or ""), when)


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        return _text(content.get("parts") or content.get("text") or "")
    if isinstance(content, list):
        return "\n".join(part for part in map(_text, content) if part)
    return ""
