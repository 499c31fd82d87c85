"""The words and the time of a message, in whichever form products write them."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from keepsake.storage import storable

_MOST_DEPTH = 4
_VISIBLE = frozenset({"text", "input_text", "output_text", "multimodal_text"})
"""Types of the parts that somebody said; the others are tools, files and reasoning."""
_REASONING = (
    (re.compile(r"<(?:think|thinking)>"), re.compile(r"</(?:think|thinking)>")),
    (re.compile(r'<details type="(?:reasoning|tool_calls)"[^>]{0,200}>'), re.compile("</details>")),
)
_LATEST_SECONDS = 1e11
"""The year 5138; what is larger counts milliseconds or microseconds."""
_THOUSAND = 1_000


def text_of(content: Any, depth: int = 0) -> str:
    """What is said in a message's content: a text, a part or a list of them."""
    if isinstance(content, str):
        return content
    if depth > _MOST_DEPTH:
        return ""
    if isinstance(content, Mapping):
        return _part(content, depth)
    if isinstance(content, list):
        return "\n".join(text for part in content if (text := text_of(part, depth + 1)))
    return ""


def _part(part: Mapping[str, Any], depth: int) -> str:
    kind = part.get("type") or part.get("block_type") or part.get("content_type") or "text"
    if kind not in _VISIBLE or part.get("thought") or part.get("isThought"):
        return ""
    inner = part.get("parts") or part.get("text") or part.get("value") or part.get("content")
    return text_of(inner, depth + 1)


def without_reasoning(text: str) -> str:
    """A model's answer without what it thought before, which some products write in it."""
    for begins, ends in _REASONING:
        text = _without(text, begins, ends)
    return text


def _without(text: str, begins: re.Pattern[str], ends: re.Pattern[str]) -> str:
    kept: list[str] = []
    at = 0
    while start := begins.search(text, at):
        kept.append(text[at : start.start()])
        end = ends.search(text, start.end())
        if end is None:
            return "".join(kept).strip()
        at = end.end()
    return "".join([*kept, text[at:]]).strip() if kept else text


def timestamp(value: object) -> str:
    """A time as ISO 8601, from a number since 1970 or from text; empty when it is none."""
    if isinstance(value, Mapping):  # MongoDB's form of a date
        value = value.get("$date") or value.get("$numberLong") or value.get("iso")
        return timestamp(value)
    if isinstance(value, str):
        return _written(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    for scale in (1, _THOUSAND, _THOUSAND**2):
        if 0 < value < _LATEST_SECONDS * scale:
            return datetime.fromtimestamp(value / scale, UTC).isoformat()
    return ""


def _written(value: str) -> str:
    try:
        return storable(datetime.fromisoformat(value.strip())).isoformat()
    except ValueError:
        pass
    try:
        seconds = float(value)
    except ValueError:
        return ""
    return timestamp(seconds) if seconds > _THOUSAND * _THOUSAND else ""


def first_of(value: Mapping[str, Any], names: Sequence[str]) -> Any:
    """The first field of some that says anything."""
    return next((value[name] for name in names if value.get(name) not in (None, "", [], {})), None)
