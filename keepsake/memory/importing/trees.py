"""Chats that are kept as a tree of all edits: what counts is the branch that was kept."""

from collections.abc import Iterable, Mapping
from typing import Any

from keepsake.memory.importing.chats import Chat, ChatMessage
from keepsake.memory.importing.messages import message_of
from keepsake.memory.importing.words import first_of, timestamp

_TIMES = ("create_time", "inserted_at", "timestamp", "created_at")


def chatgpt(value: Mapping[str, Any]) -> Chat | None:
    """ChatGPT's and DeepSeek's `mapping`: its branch ends in `current_node`, else last of all."""
    nodes = value.get("mapping")
    if not isinstance(nodes, Mapping):
        return None
    return Chat(_messages(_branch(nodes, value.get("current_node"), "parent")), _name(value))


def open_webui(value: Mapping[str, Any]) -> Chat | None:
    """Open WebUI's `history`: the branch ends in `currentId`."""
    history = value.get("history")
    nodes = history.get("messages") if isinstance(history, Mapping) else None
    if not isinstance(nodes, Mapping) or not isinstance(history, Mapping):
        return None
    return Chat(_messages(_branch(nodes, history.get("currentId"), "parentId")), _name(value))


def _name(value: Mapping[str, Any]) -> str:
    return str(first_of(value, ("conversation_id", "uuid", "id")) or "")


def _branch(nodes: Mapping[str, Any], end: Any, parent: str) -> list[Mapping[str, Any]]:
    at = end if isinstance(end, str) and end in nodes else _last_leaf(nodes, parent)
    seen: set[str] = set()
    branch: list[Mapping[str, Any]] = []
    while isinstance(at, str) and at in nodes and at not in seen:
        seen.add(at)
        node = nodes[at] if isinstance(nodes[at], Mapping) else {}
        branch.append(node)
        at = node.get(parent)
    return branch[::-1]


def _last_leaf(nodes: Mapping[str, Any], parent: str) -> str | None:
    """The node that nothing follows and that was said last; of equal ones the later in the list."""
    parents = {node.get(parent) for node in nodes.values()
               if isinstance(node, Mapping) and isinstance(node.get(parent), str)}  # fmt: skip
    leaves = [(_said_at(nodes[key]), number, key)
              for number, key in enumerate(nodes) if key not in parents]  # fmt: skip
    return max(leaves)[2] if leaves else None


def _said_at(node: Any) -> str:
    message = node.get("message", node) if isinstance(node, Mapping) else {}
    return timestamp(first_of(message, _TIMES)) if isinstance(message, Mapping) else ""


def _messages(branch: Iterable[Mapping[str, Any]]) -> list[ChatMessage]:
    """The messages of nodes; DeepSeek's have fragments, each of a role of its own."""
    messages: list[ChatMessage] = []
    for node in branch:
        message = node.get("message")
        fragments = message.get("fragments") if isinstance(message, Mapping) else None
        if isinstance(fragments, list) and isinstance(message, Mapping):
            parts: list[Any] = [
                {"role": part.get("type"), "content": part.get("content"), "id": node.get("id"),
                 "created_at": message.get("inserted_at")}
                for part in fragments if isinstance(part, Mapping)
            ]  # fmt: skip
        else:
            parts = [message if isinstance(message, Mapping) else node]
        messages += filter(None, map(message_of, parts))
    return messages
