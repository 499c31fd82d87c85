"""Chats as turns: whose words each message holds, and what answers what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from keepsake.memory.languages.letters import folded
from keepsake.memory.turn import Turn
from keepsake.storage import encodable

MOST_TURNS = 20_000
MOST_CHARACTERS = 10_000
"""Of each side of a turn; a longer text is told in several turns."""
_ID_CHARACTERS = 240
_CUT_AFTER = ("\n\n", "\n", ". ", " ")


class Voice(StrEnum):
    """Whose words a message holds.

    NAMED: of somebody of whom only the name is known. NEITHER: tools, instructions, reasoning.
    """

    USER = "user"
    AGENT = "agent"
    NAMED = "named"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message; name, id and time where the source has them."""

    side: Voice
    text: str
    name: str = ""
    id: str = ""
    said_at: str = ""


@dataclass(frozen=True, slots=True)
class Chat:
    """The messages of one conversation, in their order."""

    messages: list[ChatMessage]
    id: str = ""


@dataclass(slots=True)
class _Exchange:
    """What was said until it was answered, and the answers."""

    first: ChatMessage
    said: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)


def turns_of(chats: Iterable[Chat], user_name: str = "") -> Iterator[Turn]:
    """The turns of chats; `user_name` says who of named people is the user."""
    for chat in chats:
        yield from _turns(Chat(_settled(chat.messages, user_name), chat.id))


def _settled(messages: list[ChatMessage], user_name: str) -> list[ChatMessage]:
    """Say of named speakers which side they are on, where the structure of the chat tells it.

    Beside a user, a speaker whom nothing is known of is the agent, if there is no other. Beside an
    agent, a lone one is the user. Of several people each speaks for themselves.
    """
    user = folded(user_name.strip())
    heard = {message.side for message in messages}
    names = {folded(message.name) for message in messages if message.side is Voice.NAMED}
    if user and user in names:
        sides = {name: Voice.USER if name == user else Voice.NAMED for name in names}
    elif Voice.USER in heard:
        others = Voice.NEITHER if Voice.AGENT in heard else Voice.AGENT
        sides = dict.fromkeys(names, others)
    elif Voice.AGENT in heard and len(names) == 1:
        sides = dict.fromkeys(names, Voice.USER)
    else:
        return messages
    return [
        replace(message, side=sides[folded(message.name)])
        if message.side is Voice.NAMED else message
        for message in messages
    ]  # fmt: skip


def _turns(chat: Chat) -> Iterator[Turn]:
    """Each of the user's messages with the answers up to the next one.

    Two messages of the user's in a row are one, those of named people are each their own. What an
    agent says first answers nothing and is left out.
    """
    in_company = any(message.side is Voice.NAMED for message in chat.messages)
    exchange: _Exchange | None = None
    for message in chat.messages:
        text = message.text.strip()
        if not text or message.side is Voice.NEITHER:
            continue
        if message.side is Voice.AGENT:
            if exchange is not None:
                exchange.answered.append(text)
            continue
        if exchange is None or exchange.answered or in_company:
            if exchange is not None:
                yield from _told(exchange, chat.id)
            exchange = _Exchange(message)
        exchange.said.append(text)
    if exchange is not None:
        yield from _told(exchange, chat.id)


def _told(exchange: _Exchange, chat_id: str) -> Iterator[Turn]:
    """An exchange as one turn, or as several when its texts are longer than one holds."""
    said = pieces(encodable("\n\n".join(exchange.said)))
    answered = pieces(encodable("\n\n".join(exchange.answered)))
    first = exchange.first
    speaker = first.name if first.side is Voice.NAMED else ""
    for number in range(max(len(said) + len(answered) - 1, len(said))):
        answer = number - len(said) + 1
        yield Turn(
            user_query=said[number] if number < len(said) else "",
            agent_response=answered[answer] if 0 <= answer < len(answered) else "",
            session_datetime=first.said_at,
            source_id=encodable(numbered(first.id, number)),
            session_id=encodable(chat_id[:256]),
            speaker=encodable(speaker[:64]),
        )


def numbered(name: str, number: int) -> str:
    """The id of a part of what has an id; the first part has that id itself."""
    return f"{name[:_ID_CHARACTERS]}#{number + 1}" if name and number else name[:256]


def pieces(text: str) -> list[str]:
    """A text in parts that each fit a turn, cut after a paragraph, a sentence or a word."""
    cut: list[str] = []
    begins, text = 0, text.strip()
    while begins < len(text):
        ends = _end(text, begins)
        cut.append(text[begins:ends].strip())
        begins = ends
    return [piece for piece in cut if piece]


def _end(text: str, begins: int) -> int:
    most = begins + MOST_CHARACTERS
    if most >= len(text):
        return len(text)
    for mark in _CUT_AFTER:
        at = text.rfind(mark, most - MOST_CHARACTERS // 2, most)
        if at >= 0:
            return at + len(mark)
    return most
