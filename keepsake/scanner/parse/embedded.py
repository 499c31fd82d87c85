"""Documents with code of other languages inside: which parts a component has, and a notebook.

A document is a text to show and parts of it. Each part is read by itself, by the grammar of its own
language, and its lines are counted on from where it stands in the text that is shown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from keepsake.scanner.parse.detection import named_language
from keepsake.scanner.parse.languages import OTHER


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a document: its language, its text, and how many lines stand before it."""

    language: str
    text: bytes
    line: int = 0


@dataclass(frozen=True, slots=True)
class EmbeddingDocument:
    """What is shown of a document, and what it is made of."""

    text: bytes
    parts: tuple[Part, ...]


COMPONENTS = ("vue", "svelte", "astro")
"""Languages whose files define one thing each, under the file's name."""
_FRONT = re.compile(rb"\A\s{0,20}---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_OPENING = re.compile(rb"<!--|<script\b", re.IGNORECASE)
_CLOSING = re.compile(rb"</script\s*>", re.IGNORECASE)
_ATTRIBUTES = re.compile(
    rb"""\s*(?:([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|\{[^}]*\}|[^\s"'=<>`]+))?|/(?!>))"""
)
_TAG_BYTES = 4_000
_SCRIPTS = frozenset(
    ["", "module", "text/javascript", "application/javascript", "text/typescript", "text/babel"]
)


def component_symbol(name: str, lines: int) -> dict[str, Any]:
    """What a component's file defines: others import it by the file's name."""
    return {
        "name": name,
        "kind": "component",
        "qualified": name,
        "signature": f"component {name}",
        "doc": "",
        "line": 1,
        "first_line": 1,
        "end_line": max(lines, 1),
        "parent": "",
        "exported": True,
    }


def component_parts(text: bytes, language: str) -> tuple[Part, ...]:
    """The scripts of a component, in Astro its frontmatter too; then what is around them."""
    spans = list(_scripts(text, "typescript" if language == "astro" else "javascript"))
    if language == "astro" and (front := _FRONT.match(text)):
        spans = [
            ("typescript", *front.span(1)),
            *(span for span in spans if span[1] >= front.end()),
        ]
    rest = bytearray(text)
    for _, start, end in spans:
        rest[start:end] = _blank(text[start:end])
    return (
        *(Part(name, text[start:end], text.count(b"\n", 0, start)) for name, start, end in spans),
        Part(OTHER, bytes(rest)),
    )


def _scripts(text: bytes, usual: str) -> Iterator[tuple[str, int, int]]:
    """Language, beginning and end of what stands in each `script` that holds code."""
    position = 0
    while opening := _OPENING.search(text, position):
        if opening[0] == b"<!--":
            end = text.find(b"-->", opening.end())
            if end < 0:
                return
            position = end
            continue
        attributes, start, closed = _tag(text, opening.end())
        closing = None if closed else _CLOSING.search(text, start)
        end = start if closed else closing.start() if closing else len(text)
        language = _script_language(attributes, usual)
        if language and text[start:end].strip():
            yield language, start, end
        position = closing.end() if closing else end


def _tag(text: bytes, start: int) -> tuple[dict[str, str], int, bool]:
    """The attributes of a tag, where it ends, and whether it closes itself."""
    attributes: dict[str, str] = {}
    position, border = start, start + _TAG_BYTES
    while position < border and (match := _ATTRIBUTES.match(text, position)):
        if match[1]:
            value = (match[2] or b"").strip(b"\"'").decode("utf-8", "replace")
            attributes[match[1].decode("utf-8", "replace").lower()] = value
        position = match.end()
    end = text.find(b">", position)
    if end < 0:
        return attributes, len(text), True
    return attributes, end + 1, text[end - 1 : end] == b"/"


def _script_language(attributes: dict[str, str], usual: str) -> str | None:
    """The language of a script; None of one that is data or elsewhere."""
    if "src" in attributes or attributes.get("type", "").lower() not in _SCRIPTS:
        return None
    written = attributes.get("lang") or attributes.get("type", "").rpartition("/")[2]
    if written in ("", "module", "babel"):
        return usual
    return named_language(written)


def _blank(text: bytes) -> bytes:
    return re.sub(rb"[^\n]", b" ", text)
