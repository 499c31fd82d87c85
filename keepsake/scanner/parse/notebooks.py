"""Jupyter's notebooks as text: each cell below a head that numbers it, without any output.

    # %% [2] python
    def total(): ...

So line 1 of a cell is the one after its head. Outputs and attachments are left out: they may hold
secrets and data, and nobody looks for code in them.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from keepsake.scanner.parse.detection import command_language, language_of, named_language
from keepsake.scanner.parse.embedded import EmbeddingDocument, Part
from keepsake.scanner.parse.languages import OTHER

Json = Any
_DEEPEST = 6
_CELL_MAGIC = re.compile(r"\s*%%(\w+)[ \t]*(.*)")
_SAME = frozenset(
    ["time", "timeit", "capture", "prun", "debug", "px", "memit", "mprun", "lprun", "heat", "pypy",
     "python", "python3", "python2", "ipytest", "skip", "cache", "scalene"]
)  # fmt: skip
"""Magics of a cell that leave it in the kernel's language."""
_TIMED = re.compile(
    r"([ \t]*)%(?:time|timeit|prun|memit|lprun)\b(?:[ \t]+-\w+(?:[ \t]+\d+)?)*[ \t]*"
)
"""Python stands behind these."""
_MAGIC = re.compile(r"([ \t]*)([\w., \t]+=[ \t]*)?(?:%{1,2}[A-Za-z]|!|\?|[\w.]+\?{1,2}[ \t]*$)")


def notebook(text: bytes) -> EmbeddingDocument | None:
    """A notebook's cells as a text and its parts; None where it is none."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    cells = _cells(document)
    if cells is None:
        return None
    return _embedding(cells, _kernel_language(document))


def _cells(document: Json) -> list[tuple[str, str]] | None:
    """The kind and the source of each cell that has both; None where a notebook has no cells."""
    if not isinstance(document, dict):
        return None
    sheets = document.get("worksheets")
    listed = document.get("cells")
    if isinstance(sheets, list):  # as they were before the fourth format
        listed = [cell for sheet in sheets for cell in _list(sheet, "cells")]
    if not isinstance(listed, list):
        return None
    cells = [cell for cell in map(_cell, listed) if cell is not None]
    return cells if cells or not listed else None


def _cell(cell: Json) -> tuple[str, str] | None:
    if not isinstance(cell, dict):
        return None
    source = cell.get("source", cell.get("input"))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    kind = cell.get("cell_type")
    if not isinstance(source, str) or not isinstance(kind, str):
        return None
    if kind == "heading":
        level = cell.get("level")
        depth = level if isinstance(level, int) and 1 <= level <= _DEEPEST else 1
        return "markdown", f"{'#' * depth} {source}"
    return kind, source.replace("\r\n", "\n")


def _list(holder: Json, name: str) -> list[Json]:
    listed = holder.get(name) if isinstance(holder, dict) else None
    return listed if isinstance(listed, list) else []


def _kernel_language(document: Json) -> str:
    """The language of the kernel; Python where a notebook names none."""
    named = _text(document, "kernelspec", "language") or _text(document, "language_info", "name")
    if named:
        return named_language(named) or command_language(named) or OTHER
    return command_language(_text(document, "kernelspec", "name")) or "python"


def _text(document: Json, holder: str, name: str) -> str:
    value = document
    for step in ("metadata", holder, name):
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _embedding(cells: Sequence[tuple[str, str]], kernel: str) -> EmbeddingDocument:
    lines: list[str] = []
    prose: list[str] = []
    parts: list[Part] = []
    for number, (kind, source) in enumerate(cells, 1):
        inside = source.removesuffix("\n").split("\n")
        language, text = _as_read(kind, source, kernel)
        if language != "markdown":
            parts.append(Part(language, text.encode("utf-8", "replace"), len(lines) + 1))
        prose += ["", *(inside if language == "markdown" else [""] * len(inside)), ""]
        lines += [f"# %% [{number}] {language if kind == 'code' else kind}", *inside, ""]
    shown = "\n".join(lines).encode("utf-8", "replace")
    sections = Part("markdown", "\n".join(prose).encode("utf-8", "replace"))
    return EmbeddingDocument(shown, (sections, *parts))


def _as_read(kind: str, source: str, kernel: str) -> tuple[str, str]:
    """The language of a cell, and its source without what only Jupyter understands."""
    if kind != "code":
        return "markdown" if kind == "markdown" else OTHER, source
    language = kernel
    if match := _CELL_MAGIC.match(source):
        language = _magic_language(match[1].lower(), match[2], kernel)
        source = source[: match.start(1)].replace("%", "") + source[match.end() :]
    return language, "\n".join(_without_magics(source)) if language == "python" else source


def _magic_language(magic: str, arguments: str, kernel: str) -> str:
    if magic in _SAME:
        return kernel
    if magic == "script":
        return command_language(arguments) or OTHER
    if magic in ("writefile", "file"):
        return language_of(arguments.split()[-1] if arguments.split() else "")
    return named_language(magic) or command_language(magic) or OTHER


def _without_magics(source: str) -> Iterator[str]:
    """Its lines, with a statement of Python where a magic or a shell's command stands."""
    goes_on = False
    for line in source.split("\n"):
        if goes_on:
            goes_on = line.endswith("\\")
            yield ""
        elif timed := _TIMED.match(line):
            yield timed[1] + line[timed.end() :]
        elif match := _MAGIC.match(line):
            goes_on = line.endswith("\\")
            yield f"{match[1]}{match[2] or ''}0"
        else:
            yield line
