"""The parser's child process: `python -m keepsake.scanner.parse.worker MEMORY_MB SECONDS`.

A blob's bytes come in, a record goes out; the same bytes and language give the same record.
Grammars and queries are loaded with the first file of their language, and in no other process.
Files without a grammar are cut at once: Markdown and reStructuredText by headings, other text by
chunks.

It ends when its owner's pipe closes. It dies of its own alarm when one frame takes too long, so a
busy one does not outlive a killed worker for long.
"""

import importlib
import re
import resource
import signal
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import bson
import tree_sitter

from keepsake.scanner.parse.cython import as_python, is_cython
from keepsake.scanner.parse.detection import language_in
from keepsake.scanner.parse.frames import Packed, read_frame, write_frame
from keepsake.scanner.parse.imports import imports_of, looked_up_by
from keepsake.scanner.parse.languages import BY_NAME, grammar_language
from keepsake.scanner.parse.packages import packages_of
from keepsake.scanner.parse.recovery import lost_lines
from keepsake.scanner.parse.skipping import skip_content
from keepsake.scanner.parse.symbols import Source, symbols_of
from keepsake.scanner.parse.text import as_utf8, is_binary, lines_of
from keepsake.scanner.parse.uses import uses_of

_ATX = re.compile(r"(#{1,6})\s+(\S.*)")  # what a stranger wrote must take linear time
_UNDERLINE = re.compile(r"^([=\-~^\"'`#*+.])\1{2,}\s*$")
_FENCE = re.compile(r"^\s{0,3}(```|~~~)")
_CHUNK_LINES = 60
_MAX_SECTIONS = 500
_TITLE_CHARS = 160
_DOC_CHARS = 500

Section = dict[str, Any]


def sections(text: str, language: str) -> list[Section]:
    """The headings of a document as nested symbols; chunks when it has none."""
    lines = lines_of(text)
    if language in ("markdown", "restructuredtext"):
        headings = list(_headings(lines, language))[:_MAX_SECTIONS]
        if headings:
            return _nested(headings, lines)
    return _chunks(lines)


def _headings(lines: list[str], language: str) -> Iterator[tuple[int, int, str]]:
    """Line (from 0), level and title."""
    fenced, marks = False, ["=", "-"] if language == "markdown" else []
    for number, line in enumerate(lines):
        if language == "markdown" and _FENCE.match(line):
            fenced = not fenced
        elif fenced:
            continue
        elif language == "markdown" and (match := _ATX.match(line)):
            yield number, len(match[1]), _title(match[2])
        elif _underlined(lines, number, language):
            if (mark := line[0]) not in marks:
                marks.append(mark)
            yield number - 1, marks.index(mark) + 1, lines[number - 1].strip()[:_TITLE_CHARS]


def _title(written: str) -> str:
    """Without the number signs that may close a heading."""
    written = written.rstrip()
    return (written.rstrip("#").rstrip() or written)[:_TITLE_CHARS]


def _underlined(lines: list[str], number: int, language: str) -> bool:
    line = lines[number]
    if not number or not _UNDERLINE.match(line) or (language == "markdown" and line[0] not in "=-"):
        return False
    above = lines[number - 1].strip()
    fits = len(line.rstrip()) >= len(above) or language == "markdown"
    return bool(above) and fits and not _UNDERLINE.match(above) and above[0] not in "|-*>#"


def _nested(headings: list[tuple[int, int, str]], lines: list[str]) -> list[Section]:
    out: list[Section] = []
    open_titles: list[tuple[int, str]] = []
    for position, (number, level, title) in enumerate(headings):
        while open_titles and open_titles[-1][0] >= level:
            open_titles.pop()
        parents = [name for _, name in open_titles]
        end = next(
            (line for line, other, _ in headings[position + 1 :] if other <= level), len(lines)
        )
        body = _beginning(lines[number + 1 : number + 12])
        out.append(_section("section", title, parents, number, end, body))
        open_titles.append((level, title))
    return out


def _chunks(lines: list[str]) -> list[Section]:
    starts = range(0, len(lines), _CHUNK_LINES)[:_MAX_SECTIONS]
    return [
        _section("chunk", f"lines {start + 1}-{min(start + _CHUNK_LINES, len(lines))}", [], start,
                 min(start + _CHUNK_LINES, len(lines)),
                 _beginning(lines[start : start + _CHUNK_LINES]))
        for start in starts
    ]  # fmt: skip


def _beginning(lines: list[str]) -> str:
    words = " ".join(lines).split(maxsplit=_DOC_CHARS)
    return " ".join(words[:_DOC_CHARS])[:_DOC_CHARS]


def _section(kind: str, title: str, parents: list[str], start: int, end: int, body: str) -> Section:
    return {
        "name": title,
        "kind": kind,
        "qualified": " / ".join([*parents, title]),
        "signature": title,
        "doc": body,
        "line": start + 1,
        "end_line": max(end, start + 1),
        "parent": " / ".join(parents),
        "exported": True,
    }


Record = dict[str, Any]

_MOST_BYTES = 12 << 20
"""Of a document: MongoDB takes none over 16 MB."""
_QUERIES = Path(__file__).parent / "queries"
_MATCH_LIMIT = 65_536


def pack_blob(source: bytes, language: str) -> Packed:
    """Parse a blob and encode what was found; what no document can hold is skipped."""
    record, text = _read(source, language)
    packed = _packed(record, text)
    if max(len(packed.fields), len(packed.text)) <= _MOST_BYTES:
        return packed
    return _packed(_record(skip="too complex", language=record["language"]), b"")


def _packed(record: Record, text: bytes) -> Packed:
    names = sorted({symbol["name"].lower() for symbol in record["symbols"]})
    counts = {
        "skip": record["skip"],
        "language": record["language"],
        "read_as": record["read_as"],
        "symbol_count": len(record["symbols"]),
        "reference_count": sum(len(use["at"]) for use in record["calls"] + record["uses"]),
        "partial": record["partial"],
    }
    fields = bson.encode({**counts, **record, "names": names})
    return Packed(counts, fields, b"" if record["skip"] else zlib.compress(text, 1))


def parse_blob(source: bytes, language: str) -> Record:
    """What is in a blob: `skip` says why it was not read, else symbols, calls and imports.

    `partial` has the ranges of lines that its grammar could not read.
    """
    return _read(source, language)[0]


def _read(source: bytes, language: str) -> tuple[Record, bytes]:
    if is_binary(source):
        return _record(skip="binary", language=language), b""
    decoded = as_utf8(source)
    if decoded is None:
        return _record(skip="broken encoding", language=language), b""
    text, encoding = decoded
    language = language_in(language, text)
    lines = text.count(b"\n") + (not text.endswith(b"\n") if text else 0)
    if reason := skip_content(text, language):
        return _record(skip=reason, language=language, encoding=encoding, lines=lines), b""
    grammar = grammar_language(language, text)
    fields = _with_grammar(text, grammar) if _has_grammar(grammar) else _without(text, grammar)
    return _record(language=language, encoding=encoding, lines=lines, **fields), text


def _has_grammar(language: str) -> bool:
    return language in BY_NAME and bool(BY_NAME[language].grammar)


def _with_grammar(text: bytes, language: str) -> Record:
    readable = as_python(text) if language == "python" and is_cython(text) else text
    tree = parser(language).parse(readable)
    source = Source(BY_NAME[language], text, captures(language, tree))
    symbols = symbols_of(source)
    source = replace(source, raw=readable)
    imports, uses = imports_of(source), uses_of(source, symbols)
    return {
        "read_as": "grammar",
        "symbols": symbols.symbols,
        "calls": uses.calls,
        "uses": uses.uses,
        "imports": imports,
        "tails": sorted(_tails(language, imports)),
        "packages": packages_of(source, symbols),
        "truncated": symbols.truncated or uses.truncated,
        "partial": lost_lines(tree.root_node),
    }


def _without(text: bytes, language: str) -> Record:
    symbols = sections(text.decode("utf-8", "replace"), language)
    by_headings = any(symbol["kind"] == "section" for symbol in symbols)
    return {"read_as": "headings" if by_headings else "chunks", "symbols": symbols}


def _tails(language: str, imports: list[Record]) -> set[str]:
    words = (looked_up_by(language, item["module"], item["names"]) for item in imports)
    return set[str]().union(*words)


def _record(**fields: Any) -> Record:
    empty: Record = {
        "skip": None, "language": "", "read_as": None, "encoding": "", "lines": 0, "symbols": [],
        "calls": [], "uses": [], "imports": [], "tails": [], "packages": [], "truncated": False,
        "partial": [],
    }  # fmt: skip
    return empty | fields


@cache
def parser(language: str) -> tree_sitter.Parser:
    """The parser of a language."""
    return tree_sitter.Parser(_grammar(language))


@cache
def query(language: str) -> tree_sitter.Query:
    """What to look for in a language's trees."""
    names = [*BY_NAME[language].query.split(), *map("uses/{}".format, BY_NAME[language].used_names)]
    sources = [(_QUERIES / f"{name}.scm").read_text() for name in names]
    return tree_sitter.Query(_grammar(language), "".join(sources))


def captures(language: str, tree: tree_sitter.Tree) -> dict[str, list[tree_sitter.Node]]:
    """Everything that the language's query names in a tree."""
    cursor = tree_sitter.QueryCursor(query(language), match_limit=_MATCH_LIMIT)
    return cursor.captures(tree.root_node)


@cache
def _grammar(language: str) -> tree_sitter.Language:
    module, _, function = BY_NAME[language].grammar.partition(":")
    return tree_sitter.Language(getattr(importlib.import_module(module), function)())


def serve() -> None:
    """Answer each frame of blobs with their records, in order, each within the time."""
    limit = int(sys.argv[1]) << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process, also in the middle of C code
    seconds = float(sys.argv[2])
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        wanted, raw = frame
        _write_answer(list(_packed_blobs(wanted, raw)))
        signal.setitimer(signal.ITIMER_REAL, 0)


def _packed_blobs(wanted: Sequence[tuple[str, int]], raw: bytes) -> Iterator[Packed]:
    position = 0
    for language, size in wanted:
        yield pack_blob(raw[position : position + size], language)
        position += size


def _write_answer(blobs: Sequence[Packed]) -> None:
    header = [[blob.counts, len(blob.fields), len(blob.text)] for blob in blobs]
    write_frame(
        sys.stdout.buffer,
        header,
        b"".join(part for blob in blobs for part in (blob.fields, blob.text)),
    )


if __name__ == "__main__":
    serve()
