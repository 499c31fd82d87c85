"""A turn in passages that the embedding model can take in whole.

The model reads 256 tokens. What a turn says beyond that is found by its words; with effort `high`
the whole of it is embedded, a passage at a time.
"""

from keepsake.memory.models import Turn

_CHARS = 800
_OVERLAP_CHARS = 60
_MOST = 32


def passages(turn: Turn) -> list[str]:
    """What is embedded of a turn: the question and the answer, or all passages of both."""
    parts = [turn.user_query, turn.agent_response]
    if turn.effort_level == "high":
        return [chunk for part in parts for chunk in chunks(part)][:_MOST]
    return [part[: 2 * _CHARS] for part in parts if part]


def chunks(text: str) -> list[str]:
    """Pieces of up to 800 characters, cut after a sentence where there is one.

    All but the first begin with the last 60 characters of what went before.
    """
    pieces: list[str] = []
    rest, before = text.strip(), ""
    while rest:
        cut = _cut(rest)
        pieces.append(before + rest[:cut].strip())
        before = rest[:cut][-_OVERLAP_CHARS:] + " "
        rest = rest[cut:].strip()
    return pieces


def _cut(text: str) -> int:
    """Where the first piece ends: after the last sentence end in its latter two thirds."""
    if len(text) <= _CHARS:
        return len(text)
    end = text.rfind(". ", _CHARS // 3, _CHARS)
    return end + 1 if end >= 0 else _CHARS
