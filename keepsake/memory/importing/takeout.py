"""Gemini's part of Google Takeout: a list of activities, each a prompt and the answer as HTML."""

import html
import re
from collections.abc import Mapping
from typing import Any

from keepsake.memory.importing.chats import Chat, ChatMessage, Voice
from keepsake.memory.importing.words import timestamp

_ASKED = re.compile(r"^(?:Prompted|Said|Asked)\s+")
_BREAK = re.compile(r"<(?:br|/p|/li|/h[1-6]|/tr|/div)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")


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
