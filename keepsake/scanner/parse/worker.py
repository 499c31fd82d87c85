"""The parser's child process: `python -m keepsake.scanner.parse.worker MEMORY_MB SECONDS`.

A blob's bytes come in, a record goes out; the same bytes and language give the same record.
Grammars are loaded in no other process.

It ends when its owner's pipe closes. It dies of its own alarm when one frame takes too long, so a
busy one does not outlive a killed worker for long.
"""

import gc
import resource
import signal
import sys
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import bson

from keepsake.scanner.parse.decoding import UNKNOWN, as_utf8, is_binary, replaced_lines
from keepsake.scanner.parse.detection import language_in
from keepsake.scanner.parse.embedded import COMPONENTS, EmbeddingDocument, component_symbol
from keepsake.scanner.parse.frames import Packed, read_frame, write_frame
from keepsake.scanner.parse.grammars import Record, has_grammar
from keepsake.scanner.parse.languages import CASELESS, CODE
from keepsake.scanner.parse.lost import merged
from keepsake.scanner.parse.mentions import word_set
from keepsake.scanner.parse.reading import embedding_document, read_parts
from keepsake.scanner.parse.skipping import is_pointer, skip_content
from keepsake.scanner.parse.symbols import name_default
from keepsake.scanner.parse.text import is_embedded

_UNSEEN = ("binary", "lfs pointer")
_MOST_BYTES = 12 << 20
"""Of a document: MongoDB takes none over 16 MB."""


def pack_blob(source: bytes, language: str, name: str = "", *, handwritten: bool = False) -> Packed:
    """Parse a blob and encode what was found; what no document can hold is skipped."""
    record, text = read_blob(source, language, name, handwritten=handwritten)
    packed = _packed(record, text)
    if max(len(packed.fields), len(packed.text)) <= _MOST_BYTES:
        return packed
    too_complex = _record(skip="too complex", language=record["language"])
    return _packed(too_complex | _mentioned("too complex", text, record["language"]), b"")


def _packed(record: Record, text: bytes) -> Packed:
    names = sorted({symbol["name"].lower() for symbol in record["symbols"]})
    counts = {
        "skip": record["skip"],
        "language": record["language"],
        "read_as": record["read_as"],
        "symbol_count": len(record["symbols"]),
        "embedded_count": sum(map(is_embedded, record["symbols"])),
        "reference_count": sum(len(use["at"]) for use in record["calls"] + record["uses"]),
        "partial": record["partial"],
    }
    fields = bson.encode({**counts, **record, "names": names})
    return Packed(counts, fields, b"" if record["skip"] else zlib.compress(text, 1))


def parse_blob(source: bytes, language: str, name: str = "") -> Record:
    """What is in a blob: `skip` says why it was not read, else symbols, calls and imports.

    `partial` has the ranges of lines that its grammar could not read.
    """
    return read_blob(source, language, name)[0]


def read_blob(
    source: bytes, language: str, name: str = "", *, handwritten: bool = False
) -> tuple[Record, bytes]:
    """What is in a blob, and its text in UTF-8.

    name: the component's that it may be. handwritten: it does not count as generated.
    """
    decoded = as_utf8(source)
    if decoded is None:
        skip = "binary" if is_binary(source) else "broken encoding"
        mentioned = _mentioned(skip, source, language)
        return _record(skip=skip, language=language, **mentioned), b""
    text, encoding = decoded
    language = language_in(language, text)
    document = embedding_document(text, language)
    if document is None:
        skip = "lfs pointer" if is_pointer(text) else "broken notebook"
        mentioned = _mentioned(skip, text, language)
        return _record(skip=skip, language=language, encoding=encoding, **mentioned), b""
    text = document.text
    lines = text.count(b"\n") + (not text.endswith(b"\n") if text else 0)
    if reason := skip_content(text, language, handwritten=handwritten):
        mentioned = _mentioned(reason, text, language)
        skipped = _record(skip=reason, language=language, encoding=encoding, lines=lines)
        return skipped | mentioned, b""
    component = component_symbol(name, lines) if name and language in COMPONENTS else None
    fields = read_parts(document.parts, component)
    if name and component is None:
        name_default(fields["symbols"], name)
    if encoding == UNKNOWN:
        fields["partial"] = merged([*fields.get("partial", ()), *replaced_lines(text)])
    record = _record(language=language, encoding=encoding, lines=lines, **fields)
    return record | _mentioned(*_unparsed(record, document), language), text


def _unparsed(record: Record, document: EmbeddingDocument) -> tuple[str, bytes]:
    """Why names may stand in a text that was read and not be among its uses, and where."""
    if record["partial"] or record["truncated"]:
        return "partial" if record["partial"] else "truncated", document.text
    without = [part.text for part in document.parts if not has_grammar(part.language)]
    return "no grammar", b"\n".join(without)


def _mentioned(reason: str, text: bytes, language: str) -> Record:
    """The words of a text whose uses are not all known, and the reason.

    What cannot be seen may have any name, if it is code.
    """
    if reason in _UNSEEN:
        return {"unparsed": reason} if language in CODE else {}
    if language in CASELESS:
        text = text + b" " + text.lower()
    return {"unparsed": reason, "words": word_set(text)} if text.strip() else {}


def _record(**fields: Any) -> Record:
    empty: Record = {
        "skip": None, "language": "", "read_as": None, "encoding": "", "lines": 0, "symbols": [],
        "calls": [], "uses": [], "imports": [], "tails": [], "packages": [], "truncated": False,
        "partial": [],
    }  # fmt: skip
    return empty | fields


def serve() -> None:
    """Answer each frame of blobs with their records, in order, each within the time."""
    limit = int(sys.argv[1]) << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process, also in the middle of C code
    seconds = float(sys.argv[2])
    gc.freeze()
    gc.disable()  # a record takes many objects and next to no cycles
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        wanted, raw = frame
        _write_answer(list(_packed_blobs(wanted, raw)))
        gc.collect()
        signal.setitimer(signal.ITIMER_REAL, 0)


def _packed_blobs(wanted: Sequence[tuple[str, int, str, bool]], raw: bytes) -> Iterator[Packed]:
    position = 0
    for language, size, name, handwritten in wanted:
        blob = raw[position : position + size]
        yield pack_blob(blob, language, name, handwritten=handwritten)
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
