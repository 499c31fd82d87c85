"""Messages in their order become turns: what the user said and what was answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from keepsake.memory.models import Turn
from keepsake.storage.moments import storable

MOST_TURNS = 5_000
_MOST_CHARS = 10_000
_USERS = frozenset({"user", "human", "you", "me", "prompt", "question", "user input"})
_AGENTS = frozenset(
    ["assistant", "ai", "agent", "bot", "model", "chatgpt", "claude", "gemini", "gpt", "cursor",
     "copilot", "answer", "response", "planner response", "chatgpt said", "gpt-4"]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
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


def turns(messages: Iterable[Message], session_id: str = "") -> list[Turn]:
    """Each of the user's messages with the answers up to the next one.

    Two messages of the user's in a row are one; what an agent says first answers nothing and is
    left out. Texts beyond 10,000 characters are cut, and nothing is read beyond `MOST_TURNS`.
    """
    made: list[tuple[Message, list[str], list[str]]] = []
    for message in messages:
        text = message.text.strip()
        if not text:
            continue
        if message.from_user and (not made or made[-1][2]):
            if len(made) == MOST_TURNS:
                break
            made.append((message, [text], []))
        elif message.from_user:
            made[-1][1].append(text)
        elif made:
            made[-1][2].append(text)
    return [_turn(first, said, answered, session_id) for first, said, answered in made]


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


def _turn(first: Message, said: list[str], answered: list[str], session_id: str) -> Turn:
    return Turn(
        user_query="\n\n".join(said)[:_MOST_CHARS],
        agent_response="\n\n".join(answered)[:_MOST_CHARS],
        session_datetime=first.said_at,
        source_id=first.id[:256],
        session_id=session_id[:256],
    )
