"""Chats on pages: in the data that a page carries, else in what it shows."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import islice
from typing import Any

from keepsake.memory.importing import takeout
from keepsake.memory.importing.chats import Chat, ChatMessage, Voice
from keepsake.memory.importing.json_chats import chats_in
from keepsake.memory.importing.references import is_flattened, streamed, unflattened

_BLOCKS = frozenset(
    ["p", "div", "br", "li", "pre", "h1", "h2", "h3", "h4", "tr", "user-query", "model-response"]
)
_SILENT = frozenset({"style", "svg", "button", "template", "noscript"})
_VOID = frozenset(["br", "img", "input", "meta", "link", "hr", "source", "path", "wbr", "area"])
_TAG_CHARACTERS = (512, 16_384)
_ASSIGNED = re.compile(r"[\w$\])]\s{0,4}=\s{0,4}(?=[\[{])")
_MOST_ASSIGNED = 20
_STREAMED = re.compile(r"streamController\.enqueue\(\s*(\"(?:[^\"\\]|\\.)*\")\s*\)")


def read(page_text: str) -> list[Chat]:
    """The chats of a page."""
    if chats := takeout.page(page_text):
        return chats
    page = _Page()
    page.feed(page_text)
    page.close()
    for document in _carried(page.scripts):
        chats = [chat for chat in chats_in(document) if chat.messages]
        if chats:
            return chats
    return [Chat(page.messages)] if page.messages else []


def _carried(scripts: list[str]) -> Iterator[Any]:
    """The JSON documents in a page's scripts."""
    chunks: list[str] = []
    for script in scripts:
        for begins in (0, *(match.end() for match in islice(_ASSIGNED.finditer(script),
                                                            _MOST_ASSIGNED))):  # fmt: skip
            for value in _json(script, begins):
                yield unflattened(value) if is_flattened(value) else value
        for chunk in _STREAMED.findall(script):
            chunks += (text for text in _json(chunk, 0) if isinstance(text, str))
    for document in _json("".join(chunks), 0):
        yield streamed("".join(chunks)) if is_flattened(document) else document


def _json(text: str, begins: int) -> Iterator[Any]:
    """The JSON value that stands at a place of a text, if there is one."""
    while begins < len(text) and text[begins].isspace():
        begins += 1
    if text[begins : begins + 1] not in {"{", "[", '"'}:
        return
    try:
        value, _ = json.JSONDecoder().raw_decode(text, begins)
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
        self._side: Voice | None = None
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
        elif self._side is not None and tag not in _VOID:
            self._depth += 1
            self._silent += tag in _SILENT
        elif self._side is None:
            self._begin(tag, dict(attrs))
        if tag in _BLOCKS:
            self._said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End it."""
        if tag == "script" and self._script is not None:
            self.scripts.append("".join(self._script))
            self._script = None
        elif self._side is not None and tag not in _VOID:
            self._silent -= tag in _SILENT and self._silent > 0
            self._depth -= 1
            if self._depth <= 0:
                self._end()

    def handle_data(self, data: str) -> None:
        """Text of a script or of a message."""
        if self._script is not None:
            self._script.append(data)
        elif self._side is not None and not self._silent:
            self._said.append(data)

    def close(self) -> None:
        """A page may break off within a message."""
        super().close()
        if self._side is not None:
            self._end()

    def _begin(self, tag: str, attributes: dict[str, str | None]) -> None:
        role = attributes.get("data-message-author-role")
        test = attributes.get("data-testid") or ""
        if role in {"user", "assistant"}:
            self._side = Voice.USER if role == "user" else Voice.AGENT
        elif tag in {"user-query", "model-response"}:
            self._side = Voice.USER if tag == "user-query" else Voice.AGENT
        elif test in {"user-message", "assistant-message"}:
            self._side = Voice.USER if test == "user-message" else Voice.AGENT
        if self._side is not None:
            self._said, self._depth, self._silent = [], 1, 0

    def _end(self) -> None:
        lines = (" ".join(line.split()) for line in "".join(self._said).splitlines())
        text = "\n".join(line for line in lines if line)
        self.messages.append(ChatMessage(self._side or Voice.NEITHER, text))
        self._side, self._depth = None, 0
