"""All chats within a JSON document, whatever wraps them: one reader for each family of shapes."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, groupby
from typing import Any

from keepsake.memory.importing import agent_logs, facts, people, takeout, trees
from keepsake.memory.importing.chats import Chat, ChatMessage, Voice
from keepsake.memory.importing.messages import message_of
from keepsake.memory.importing.words import first_of, timestamp

_MOST_DEPTH = 40
_LISTS = ("chat_messages", "messages", "linear_conversation", "conversation", "conversations",
          "turns", "pairs", "chunks", "contents", "responses", "items", "data")  # fmt: skip
"""Where the messages of one chat stand."""
_ASKED_AND_ANSWERED = (
    ("user_query", "agent_response"), ("prompt", "completion"), ("prompt", "response"),
    ("question", "answer"), ("instruction", "output"), ("input", "output"), ("query", "response"),
    ("user", "assistant"), ("human", "assistant"), ("human", "ai"),
)  # fmt: skip
_NAMES = ("conversation_id", "conversationId", "session_id", "sessionId", "thread_id", "chat_id",
          "uuid", "id")  # fmt: skip
_TIMES = ("session_datetime", "created_at", "timestamp")
_WHOLE: tuple[Callable[[Mapping[str, Any]], Chat | None], ...] = (
    trees.chatgpt, trees.open_webui, people.discord,
)  # fmt: skip
"""Readers of what holds one chat as a whole."""
_LISTED: tuple[Callable[[list[Any]], list[Chat]], ...] = (
    agent_logs.read, people.slack, takeout.activities, facts.read,
)  # fmt: skip
"""Readers of lists of a shape of their own."""


def chats_in(document: Any, depth: int = 0) -> Iterator[Chat]:
    """All chats within a document, in their order."""
    if depth > _MOST_DEPTH:
        return
    if isinstance(document, Mapping):
        yield from _in_mapping(document, depth)
    elif isinstance(document, list) and document:
        yield from _in_list(document, "", depth)


def _in_mapping(value: Mapping[str, Any], depth: int) -> Iterator[Chat]:
    for reader in _WHOLE:
        if (chat := reader(value)) is not None:
            yield chat
            return
    if (folder := people.slack_folder(value)) is not None:
        yield from folder
        return
    if messages := _exchange(value):
        yield Chat(messages, _name(value))
        return
    for name in _LISTS:
        listed = value.get(name)
        if isinstance(listed, list) and listed:
            yield from _in_list(listed, _name(value), depth)
            return
    for inner in value.values():
        if isinstance(inner, Mapping | list):
            yield from chats_in(inner, depth + 1)


def _in_list(listed: list[Any], name: str, depth: int) -> Iterator[Chat]:
    if together := _together(listed, name):
        yield from together
        return
    for inner in listed:
        yield from chats_in(inner, depth + 1)


def _together(listed: list[Any], name: str) -> list[Chat]:
    """The chats whose messages the elements of a list are; nothing when each has its own."""
    for reader in _LISTED:
        if chats := reader(listed):
            return chats
    messages = [message for value in listed for message in _said(value)]
    if any(message.side in (Voice.USER, Voice.AGENT) for message in messages) or _people(
        messages, len(listed)
    ):
        return list(_by_session(listed, messages, name))
    return []


def are_chats(listed: list[Any]) -> bool:
    """Whether each element of a list has chats of its own, so that it can be read alone."""
    return not _together(listed, "") and any(True for _ in chain(*map(chats_in, listed)))


def begins_exchange(value: Any) -> bool:
    """Whether an element of a list answers nothing that stands before it."""
    return any(message.side in (Voice.USER, Voice.NAMED) for message in _said(value)[:1])


def _said(value: Any) -> list[ChatMessage]:
    """The messages that one element of a list is: one, or a question with its answer."""
    if isinstance(value, Mapping) and (pair := _asked_and_answered(value)):
        return pair
    message = message_of(value)
    return [message] if message is not None else []


def _people(messages: list[ChatMessage], count: int) -> bool:
    """Whether a list is what named people said: most of it is, and there are at least two."""
    said = [message for message in messages if message.side is Voice.NAMED and message.text]
    return 2 * len(said) > count and len({message.name for message in said}) > 1


def _by_session(listed: list[Any], messages: list[ChatMessage], name: str) -> Iterator[Chat]:
    """One chat, or one for each session where each message names its own."""
    sessions = [_session(value) for value in listed]
    if name or len(messages) != len(listed) or not all(sessions):
        yield Chat(in_order(messages), name)
        return
    said = sorted(zip(sessions, messages, strict=True), key=lambda each: each[0])
    for session, group in groupby(said, key=lambda each: each[0]):
        yield Chat(in_order([message for _, message in group]), session)


def in_order(messages: list[ChatMessage]) -> list[ChatMessage]:
    """Messages in the order of their times, if all have one: some lists begin with the newest."""
    if all(message.said_at for message in messages):
        return sorted(messages, key=lambda message: message.said_at)
    return messages


def _asked_and_answered(value: Mapping[str, Any]) -> list[ChatMessage]:
    """A question and its answer as two fields."""
    for asked, answered in _ASKED_AND_ANSWERED:
        if isinstance(value.get(asked), str) and isinstance(value.get(answered), str):
            when = timestamp(first_of(value, _TIMES))
            name = str(first_of(value, ("source_id", "id")) or "")
            return [ChatMessage(Voice.USER, value[asked], id=name, said_at=when),
                    ChatMessage(Voice.AGENT, value[answered], said_at=when)]  # fmt: skip
    return []


def _exchange(value: Mapping[str, Any]) -> list[ChatMessage]:
    """A request to a model beside its answer, as OpenAI's interfaces and their logs write them."""
    if pair := _asked_and_answered(value):
        return pair
    request, response = (
        inner if isinstance(inner := value.get(name), Mapping) else value
        for name in ("request", "response")
    )
    answered = response.get("output") or [
        choice.get("message") for choice in _listed(response.get("choices"))
        if isinstance(choice, Mapping)
    ]  # fmt: skip
    if not isinstance(answered, list) or not answered:
        return []
    asked = request.get("input") or request.get("messages")
    if isinstance(asked, str):
        asked = [{"role": "user", "content": asked}]
    messages = [message_of(each) for each in [*_listed(asked), *answered]]
    return [message for message in messages if message is not None]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _name(value: Mapping[str, Any]) -> str:
    inner = value.get("conversation")
    name = first_of(value, _NAMES)
    if name is None and isinstance(inner, Mapping):
        name = first_of(inner, _NAMES)
    return str(name) if isinstance(name, str | int) else ""


def _session(value: Any) -> str:
    """The session that a message names."""
    if not isinstance(value, Mapping):
        return ""
    return str(first_of(value, [name for name in _NAMES if name not in ("uuid", "id")]) or "")
