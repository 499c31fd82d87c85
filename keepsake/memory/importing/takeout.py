"""Gemini's part of Google Takeout: activities, each a prompt and the answer, as JSON or a page."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from keepsake.memory.importing.chats import Chat, ChatMessage, Voice
from keepsake.memory.importing.shown_times import is_shown_time, shown_time
from keepsake.memory.importing.words import timestamp

_ASKED = re.compile(r"^(?:Prompted|Said|Asked)\s+")
_BREAK = re.compile(r"<(?:br|/p|/li|/h[1-6]|/tr|/div)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
CELL = b'<div class="outer-cell'
"""What begins an activity on the page."""
_SHOWN = '<div class="content-cell'


def activities(listed: list[Any]) -> list[Chat]:
    """The prompts of `MyActivity.json`, the oldest first; nothing when the list is none."""
    said = [each for each in listed if isinstance(each, Mapping) and _is_prompt(each)]
    messages = [message for each in said for message in _messages(each)]
    return [Chat(sorted(messages, key=lambda message: message.said_at))] if messages else []


def _is_prompt(activity: Mapping[str, Any]) -> bool:
    title = activity.get("title")
    is_activity = isinstance(title, str) and "header" in activity and "time" in activity
    return is_activity and bool(_ASKED.match(str(title)) or activity.get("safeHtmlItem"))


def _messages(activity: Mapping[str, Any]) -> list[ChatMessage]:
    when = timestamp(activity.get("time"))
    answers = activity.get("safeHtmlItem")
    shown = [plain(str(each.get("html") or "")) for each in answers
             if isinstance(each, Mapping)] if isinstance(answers, list) else []  # fmt: skip
    asked = _ASKED.sub("", activity["title"], count=1)
    return [ChatMessage(Voice.USER, asked, said_at=when),
            ChatMessage(Voice.AGENT, "\n".join(shown), said_at=when)]  # fmt: skip


def plain(page: str) -> str:
    """The text of some HTML."""
    lines = html.unescape(_TAG.sub("", _BREAK.sub("\n", page))).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())


def page(text: str) -> list[Chat]:
    """The prompts of `MyActivity.html`, the oldest first; nothing when the page is another."""
    cells = text.split(CELL.decode())[1:]
    if not cells:
        return []
    said = [message for cell in cells for message in _shown(cell)]
    return [Chat(sorted(said, key=lambda message: message.said_at))] if said else []


def _shown(cell: str) -> Iterator[ChatMessage]:
    """The prompt, the time and the answer stand below each other; other activities answer none."""
    _, _, after = cell.partition(_SHOWN)
    lines = plain(after.partition(">")[2].partition(_SHOWN)[0]).splitlines()
    at = next((number for number, line in enumerate(lines) if is_shown_time(line)), 0)
    asked, answered = "\n".join(lines[:at]), "\n".join(lines[at + 1 :])
    if asked and (_ASKED.match(asked) or answered):
        when = shown_time(lines[at])
        yield ChatMessage(Voice.USER, _ASKED.sub("", asked, count=1), said_at=when)
        yield ChatMessage(Voice.AGENT, answered, said_at=when)
