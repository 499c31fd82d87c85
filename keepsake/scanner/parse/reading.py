"""From a text to what is in it: by a grammar, by headings or in chunks; and from parts of a text.

What is in a part is counted on: its lines from where the part stands, and the positions of its
symbols from among those of all parts.
"""

from collections.abc import Sequence

from keepsake.scanner.models import NOWHERE
from keepsake.scanner.parse.embedded import COMPONENTS, EmbeddingDocument, Part, component_parts
from keepsake.scanner.parse.grammars import Record, has_grammar, read_by_grammar
from keepsake.scanner.parse.languages import OTHER, grammar_language
from keepsake.scanner.parse.lost import merged
from keepsake.scanner.parse.notebooks import notebook
from keepsake.scanner.parse.patterns import PATTERNED, read_by_patterns
from keepsake.scanner.parse.sections import sections

_IN_CHUNKS = frozenset({"yaml", "toml"}) | PATTERNED
"""Of these also the text is listed: their symbols are keys, or heads alone."""
_HOW = ("grammar", "patterns", "headings", "chunks")
"""A text is read as the best of its parts is."""
_TITLES = ("name", "qualified", "signature")
Places = dict[tuple[int, int], int]
"""From a part's number and a symbol's position in it to the position in the whole."""
_LINES = ("line", "first_line", "end_line")


def embedding_document(text: bytes, language: str) -> EmbeddingDocument | None:
    """A text as what is shown of it and its parts; None of what should be a notebook and is none.

    Most texts are a single part.
    """
    if language == "notebook":
        return notebook(text)
    if language in _IN_CHUNKS:
        return EmbeddingDocument(text, (Part(language, text), Part(OTHER, text)))
    if language in COMPONENTS:
        return EmbeddingDocument(text, component_parts(text, language))
    return EmbeddingDocument(text, (Part(language, text),))


def _read(text: bytes, language: str) -> Record:
    """What is in a text of one language."""
    grammar = grammar_language(language, text)
    if has_grammar(grammar):
        return read_by_grammar(text, grammar)
    if language in PATTERNED:
        return read_by_patterns(text, language)
    symbols = sections(text.decode("utf-8", "replace"), language)
    by_headings = any(symbol["kind"] == "section" for symbol in symbols)
    return {"read_as": "headings" if by_headings else "chunks", "symbols": symbols}


def read_parts(parts: Sequence[Part], component: Record | None = None) -> Record:
    """What is in the parts of a text together, by line, in the component that it is."""
    if len(parts) == 1 and component is None:
        return _read(parts[0].text, parts[0].language)
    records = [_read(part.text, part.language) for part in parts]
    symbols, places = _joined_symbols(parts, records, component)
    outside = NOWHERE if component is None else 0
    joined = {"read_as": min((record["read_as"] for record in records), key=_HOW.index)}
    joined |= {name: _uses(name, parts, records, places, outside) for name in ("calls", "uses")}
    shifted = list(zip(parts, records, strict=True))
    return joined | {
        "symbols": symbols,
        "imports": [
            _moved(item, part.line)
            for part, record in shifted
            for item in record.get("imports", ())
        ],
        "tails": sorted({tail for record in records for tail in record.get("tails", ())}),
        "renames": [
            _moved(item, part.line)
            for part, record in shifted
            for item in record.get("renames", ())
        ],
        "packages": [item for record in records for item in record.get("packages", ())],
        "truncated": any(record.get("truncated") for record in records),
        "partial": merged(
            (first + part.line, last + part.line)
            for part, record in shifted
            for first, last in record.get("partial", ())
        ),
    }


def _joined_symbols(
    parts: Sequence[Part], records: Sequence[Record], component: Record | None
) -> tuple[list[Record], Places]:
    """All symbols from top to bottom, and where each of a part came to stand among them."""
    symbols = [
        (_moved(symbol, part.line), (number, position))
        for number, (part, record) in enumerate(zip(parts, records, strict=True))
        for position, symbol in enumerate(record["symbols"])
        if symbol["kind"] != "chunk" or symbol["doc"]
    ]
    symbols.sort(key=lambda placed: _place(placed[0]))
    before = [] if component is None else [component]
    places = {origin: place for place, (_, origin) in enumerate(symbols, len(before))}
    return [*before, *(symbol for symbol, _ in symbols)], places


def _place(symbol: Record) -> tuple[int, bool, int]:
    """What is around others before them, and chunks after what begins with them."""
    return symbol["line"], symbol["kind"] == "chunk", -symbol["end_line"]


def _uses(
    name: str, parts: Sequence[Part], records: Sequence[Record], places: Places, outside: int
) -> list[Record]:
    """The uses of all parts, those of one name and kind together."""
    grouped: dict[tuple[str, str], Record] = {}
    for number, (part, record) in enumerate(zip(parts, records, strict=True)):
        for use in record.get(name, ()):
            group = grouped.setdefault((use["name"], use.get("kind", "")), use | {"at": []})
            group["at"] += [
                (line + part.line, places.get((number, inside), outside), *more)
                for line, inside, *more in use["at"]
            ]
    return list(grouped.values())


def _moved(item: Record, lines: int) -> Record:
    moved = item | {name: item[name] + lines for name in _LINES if name in item}
    if item.get("kind") == "chunk":
        moved |= dict.fromkeys(_TITLES, f"lines {moved['line']}-{moved['end_line']}")
    return moved
