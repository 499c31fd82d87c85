"""Chats between people: Slack's and Discord's exports."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from keepsake.memory.importing.chats import Chat, ChatMessage, Voice
from keepsake.memory.importing.words import first_of, text_of, timestamp

_SAID = frozenset({None, "", "thread_broadcast", "me_message", "file_share"})
"""Subtypes of Slack's messages that somebody said."""
_MENTION = re.compile(r"<@(?P<who>[A-Z0-9]{1,20})(?:\|[^<>]{0,80})?>")
_LINK = re.compile(r"<(?P<to>[^<>|]{1,2000})(?:\|(?P<shown>[^<>]{0,500}))?>")
_SPOKEN = frozenset({"Default", "Reply", "ThreadStarterMessage", "0", "19", "21"})
"""Types of Discord's messages that somebody said."""


def slack_folder(value: Mapping[str, Any]) -> list[Chat] | None:
    """A workspace's export as one object: each file's content by its path; None if it is none."""
    paths = [path for path, inner in value.items()
             if path.endswith(".json") and isinstance(inner, list)]  # fmt: skip
    if not paths:
        return None
    names = people_of(value.get("users.json"))
    channels: dict[str, list[ChatMessage]] = {}
    for path in sorted(paths):
        folder = path.rpartition("/")[0]
        channels.setdefault(folder, []).extend(_slack_messages(value[path], names))
    return [Chat(messages, channel) for channel, messages in channels.items() if messages]


def slack(listed: list[Any]) -> list[Chat]:
    """A day of a Slack channel; nothing when the list is none."""
    if not all(_is_slack(message) for message in listed[:5]):
        return []
    messages = list(_slack_messages(listed, {}))
    return [Chat(sorted(messages, key=lambda message: message.said_at))] if messages else []


def _is_slack(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("type") == "message" and "ts" in value


def _slack_messages(listed: Any, names: Mapping[str, str]) -> Iterator[ChatMessage]:
    for value in listed:
        if not _is_slack(value) or value.get("subtype") not in _SAID:
            continue
        who = str(value.get("user") or "")
        profile = value.get("user_profile")
        shown = _shown(profile) if isinstance(profile, Mapping) else ""
        side = Voice.AGENT if value.get("bot_id") else Voice.NAMED
        if who or side is Voice.AGENT:
            name = shown or names.get(who, who)
            text = _plain(str(value.get("text") or ""), names)
            ts = str(value["ts"])
            yield ChatMessage(side, text, name=name, id=ts, said_at=timestamp(ts))


def people_of(users: Any) -> dict[str, str]:
    """The names of `users.json` by id."""
    named: dict[str, str] = {}
    for user in users if isinstance(users, list) else ():
        if isinstance(user, Mapping) and isinstance(user.get("id"), str):
            profile = user.get("profile")
            shown = _shown(profile) if isinstance(profile, Mapping) else ""
            named[user["id"]] = shown or str(user.get("real_name") or user.get("name") or "")
    return named


def _shown(profile: Mapping[str, Any]) -> str:
    return str(first_of(profile, ("real_name", "display_name", "name")) or "")


def _plain(text: str, names: Mapping[str, str]) -> str:
    """Slack's markup as it is shown."""
    text = _MENTION.sub(lambda match: f"@{names.get(match['who'], match['who'])}", text)
    return html.unescape(_LINK.sub(lambda match: match["shown"] or match["to"], text))


def discord(value: Mapping[str, Any]) -> Chat | None:
    """A channel as DiscordChatExporter writes it."""
    listed, channel = value.get("messages"), value.get("channel")
    if not isinstance(listed, list) or not isinstance(channel, Mapping):
        return None
    messages = [_discord_message(each) for each in listed
                if isinstance(each, Mapping) and isinstance(each.get("author"), Mapping)
                and str(each.get("type", "Default")) in _SPOKEN]  # fmt: skip
    return Chat(messages, str(channel.get("id") or "")) if messages else None


def _discord_message(value: Mapping[str, Any]) -> ChatMessage:
    author = value["author"]
    return ChatMessage(
        Voice.AGENT if author.get("isBot") or author.get("bot") else Voice.NAMED,
        text_of(value.get("content")),
        name=str(first_of(author, ("nickname", "global_name", "name", "username")) or ""),
        id=str(value.get("id") or ""),
        said_at=timestamp(value.get("timestamp")),
    )
