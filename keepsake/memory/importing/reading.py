"""The one door to all readers: which family a text is of is told by its structure."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from keepsake.memory.errors import NoTurns
from keepsake.memory.importing import labels, pages, whatsapp
from keepsake.memory.importing.chats import MOST_TURNS, Chat, numbered, turns_of
from keepsake.memory.importing.json_chats import chats_in
from keepsake.memory.importing.messages import message_of
from keepsake.memory.importing.references import is_flattened, unflattened
from keepsake.memory.turn import Turn

SHAPES = (
    "JSON or JSON Lines of ChatGPT, Claude, DeepSeek, Gemini, Grok, Open WebUI, OpenAI, Anthropic, "
    "LangChain, LlamaIndex, the Vercel AI SDK, ShareGPT, Claude Code, Codex, Slack, Discord, mem0 "
    "or Zep; WhatsApp's text; a page of a chat; Markdown or text with a name before each message"
)
"""What can be read, as it is said to those whose text cannot."""


_MOST_LINES = 300_000


def chats_of(text: str) -> Iterator[Chat]:
    """The chats of a text, in whichever format it is.

    Raises:
        NoTurns: It has more lines than are read at once.
    """
    body = text.lstrip("\ufeff\u200e \t\r\n")
    if body[:1] in {"{", "["} and (document := _document(body)) is not None:
        yield from chats_in(document)
        return
    _require_few_lines(text)
    if body[:1] == "<":
        yield from pages.read(body)
    else:
        yield from whatsapp.read(body) or labels.read(body)


def _require_few_lines(text: str) -> None:
    if text.count("\n") > _MOST_LINES:
        raise NoTurns(f"it has more than {_MOST_LINES} lines; send it in parts")


def _document(body: str) -> Any:
    """The JSON of a text; JSON Lines are a list. None when it is neither."""
    try:
        document = json.loads(body)
    except RecursionError:
        return None
    except ValueError:
        _require_few_lines(body)
        return _lines(body)
    return unflattened(document) if is_flattened(document) else document


def _lines(body: str) -> list[Any] | None:
    """The values of JSON Lines; a last line that breaks off is left out."""
    values: list[Any] = []
    lines = [line for line in body.splitlines() if line.strip()]
    for line in lines:
        try:
            values.append(json.loads(line))
        except (ValueError, RecursionError):
            return values if values and line is lines[-1] else None
    return values


def turns_of_messages(messages: list[Any], common: Turn) -> list[Turn]:
    """The turns of some messages; `common` says all but the words of each."""
    said = [message for each in messages if (message := message_of(each)) is not None]
    shared = common.model_dump(exclude={"user_query", "agent_response", "source_id"})
    return [
        turn.model_copy(update={**shared, "source_id": numbered(common.source_id, number),
                                "session_datetime": turn.session_datetime
                                or common.session_datetime})
        for number, turn in enumerate(turns_of([Chat(said)]))
    ]  # fmt: skip


def read_turns(text: str, user_name: str = "") -> list[Turn]:
    """The turns of a text.

    user_name: who of the people in it is the user.

    Raises:
        NoTurns: There is no conversation in it, or more than `MOST_TURNS` turns.
    """
    turns = list(islice(turns_of(chats_of(text), user_name), MOST_TURNS + 1))
    if not turns:
        raise NoTurns(f"no conversation was found in it; what can be read is: {SHAPES}")
    if len(turns) > MOST_TURNS:
        raise NoTurns(f"it has more than {MOST_TURNS} turns; send it in parts")
    return turns
