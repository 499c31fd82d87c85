"""Shared chat links and uploaded transcripts become turns.

The pages are those of ChatGPT, Claude and Gemini.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from keepsake.memory.conversations import (
    MOST_TURNS,
    ChatMessage,
    conversations,
    read_json,
    read_text,
    turns,
)
from keepsake.memory.errors import NoTurns
from keepsake.memory.link_fetcher import Fetcher
from keepsake.memory.models import Turn

_BLOCKS = frozenset(
    ["p", "div", "br", "li", "pre", "h1", "h2", "h3", "h4", "tr", "user-query", "model-response"]
)
_SILENT = frozenset({"style", "svg", "button", "template", "noscript"})
_VOID = frozenset(["br", "img", "input", "meta", "link", "hr", "source", "path", "wbr", "area"])
_TAG_CHARACTERS = (512, 16_384)
_ASSIGNED = re.compile(r"__PRELOADED_STATE__\s*=\s*")
_STREAMED = re.compile(r"streamController\.enqueue\(\s*(\"(?:[^\"\\]|\\.)*\")\s*\)")


def read_page(html: str) -> list[Turn]:
    """The turns of a page: from the data it carries, else from what it shows."""
    page = _Page()
    page.feed(html)
    page.close()
    for document in _carried(page.scripts):
        carried = list(conversations(document))
        if carried:
            return carried
    return turns(page.messages)


def _carried(scripts: list[str]) -> Iterator[Any]:
    """The JSON documents in a page's scripts."""
    for script in scripts:
        assigned = _ASSIGNED.search(script)
        body = script[assigned.end() :] if assigned else script
        yield from _json(body.strip())
        for streamed in _STREAMED.findall(script):
            for text in _json(streamed):
                yield from _json(text) if isinstance(text, str) else ()


def _json(text: str) -> Iterator[Any]:
    """The JSON value that a text begins with, if it does."""
    if text[:1] not in {"{", "[", '"'}:
        return
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return
    yield value


class _Page(HTMLParser):
    """Collects scripts, and the messages that elements mark as said by somebody."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[str] = []
        self.messages: list[ChatMessage] = []
        self._script: list[str] | None = None
        self._said: list[str] = []
        self._from_user: bool | None = None
        self._depth = 0
        self._silent = 0

    def parse_starttag(self, i: int) -> int:
        """Read a tag, and skip one that is too long: its attributes would take gigabytes."""
        whole = self.rawdata
        try:
            for characters in _TAG_CHARACTERS:
                self.rawdata = whole[i : i + characters]
                end = super().parse_starttag(0)
                if end >= 0:
                    return i + end
        finally:
            self.rawdata = whole
        return whole.find(">", i + _TAG_CHARACTERS[-1]) + 1 or -1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a script, a message, or something within a message."""
        if tag == "script":
            self._script = []
        elif self._from_user is not None and tag not in _VOID:
            self._depth += 1
            self._silent += tag in _SILENT
        elif self._from_user is None:
            self._begin(tag, dict(attrs))
        if tag in _BLOCKS:
            self._said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End it."""
        if tag == "script" and self._script is not None:
            self.scripts.append("".join(self._script))
            self._script = None
        elif self._from_user is not None and tag not in _VOID:
            self._silent -= tag in _SILENT and self._silent > 0
            self._depth -= 1
            if self._depth <= 0:
                self._end()

    def handle_data(self, data: str) -> None:
        """Text of a script or of a message."""
        if self._script is not None:
            self._script.append(data)
        elif self._from_user is not None and not self._silent:
            self._said.append(data)

    def close(self) -> None:
        """A page may break off within a message."""
        super().close()
        if self._from_user is not None:
            self._end()

    def _begin(self, tag: str, attributes: dict[str, str | None]) -> None:
        role = attributes.get("data-message-author-role")
        test = attributes.get("data-testid") or ""
        if role in {"user", "assistant"}:
            self._from_user = role == "user"
        elif tag in {"user-query", "model-response"}:
            self._from_user = tag == "user-query"
        elif test in {"user-message", "assistant-message"}:
            self._from_user = test == "user-message"
        if self._from_user is not None:
            self._said, self._depth, self._silent = [], 1, 0

    def _end(self) -> None:
        lines = (" ".join(line.split()) for line in "".join(self._said).splitlines())
        text = "\n".join(line for line in lines if line)
        self.messages.append(ChatMessage(bool(self._from_user), text))
        self._from_user, self._depth = None, 0


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation that was read."""

    turns: list[Turn]

    def pairs(self) -> list[dict[str, Any]]:
        """XMem's `pairs`."""
        return [{"user_query": turn.user_query, "agent_response": turn.agent_response}
                for turn in self.turns]  # fmt: skip


class Scraper:
    """Reads what somebody shared."""

    def __init__(self, fetcher: Fetcher | None = None) -> None:
        self._fetcher = fetcher or Fetcher()

    def scrape(self, url: str) -> Transcript:
        """The turns behind a link. Their ids are the link's, so reading it again adds nothing.

        Raises:
            Forbidden: The link, or where it leads, is none that may be fetched.
            Unreachable: It answered with an error, or with too much.
            LinkAway: It did not answer in time, or said that it cannot now.
            NoTurns: There is no conversation in it.
        """
        page = self._fetcher.fetch(url)
        transcript = read_transcript(page.text)
        parts = urlsplit(page.url)
        session = f"{parts.hostname}{parts.path}"
        return Transcript([_placed(turn, session, n) for n, turn in enumerate(transcript.turns)])


def read_transcript(text: str) -> Transcript:
    """The turns of a page or a file, whichever format it is in.

    Raises:
        NoTurns: There is no conversation in it.
    """
    body = text.lstrip("\ufeff \t\r\n")
    if body[:1] in {"{", "["}:
        turns_read = read_json(body)
    elif body[:1] == "<":
        turns_read = read_page(body)
    else:
        turns_read = read_text(body)
    if not turns_read:
        raise NoTurns("no conversation was found in it")
    return Transcript(turns_read[:MOST_TURNS])


def _placed(turn: Turn, session: str, number: int) -> Turn:
    named = turn.source_id or f"{session[:200]}#{number}"
    changes = {"source_id": named, "session_id": turn.session_id or session[:256]}
    return turn.model_copy(update=changes)
