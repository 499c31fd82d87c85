"""Languages without a grammar here: what begins with a head that a pattern knows, and its braces.

Uses of names are not found. So an answer about uses says that these files were not looked at.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from keepsake.scanner.parse.definitions import Captures, Source
from keepsake.scanner.parse.imports import looked_up_by
from keepsake.scanner.parse.languages import BY_NAME
from keepsake.scanner.parse.recovery.bare import bare
from keepsake.scanner.parse.recovery.heads import HEADS
from keepsake.scanner.parse.recovery.scanning import ScannedText
from keepsake.scanner.parse.symbols import symbols_of

if TYPE_CHECKING:
    from tree_sitter import Node

PATTERNED = frozenset({"protobuf", "graphql", "dart", "groovy"})
_IMPORT = re.compile(
    rb"^[ \t]*+(?:import|export|part)[ \t]++(?:public[ \t]++|weak[ \t]++)?"
    rb"[\"']([^\"'\n]{1,500})[\"']",
    re.MULTILINE,
)
_COMMENT = re.compile(rb"^[ \t]*+(?://|#)[^\n]*+", re.MULTILINE)
_ARGUMENTS = re.compile(rb"\([^()]*+\)")
_ROUTINES = ("function", "method", "constructor")
_MOST_IMPORTS = 1_000


def read_by_patterns(text: bytes, language: str) -> dict[str, Any]:
    """The fields of a record that patterns find."""
    hidden = bare(text, language)
    if language == "graphql":  # what stands in parentheses are arguments, and no fields
        hidden = _ARGUMENTS.sub(lambda match: re.sub(rb"[^\n]", b" ", match[0]), hidden)
    scan = ScannedText(text, hidden)
    captures: Captures = {}
    body = 0
    for kind, node in scan.definitions(HEADS[language]):
        if node.start_byte < body:
            continue  # a statement, which looks like a definition
        captures.setdefault(kind, []).append(cast("Node", node))
        if kind in _ROUTINES:
            body = node.end_byte
    captures["comment"] = [
        cast("Node", scan.node(match.start(), match.span(), None, match.end()).fields["name"])
        for match in _COMMENT.finditer(text)
    ]
    symbols, imports = symbols_of(Source(BY_NAME[language], text, captures)), list(_imports(text))
    return {
        "read_as": "patterns",
        "symbols": symbols.symbols,
        "imports": imports,
        "tails": sorted(
            {tail for item in imports for tail in looked_up_by(language, item["module"], ())}
        ),
        "truncated": symbols.truncated,
    }


def _imports(text: bytes) -> Iterator[dict[str, Any]]:
    for number, match in enumerate(_IMPORT.finditer(text)):
        if number == _MOST_IMPORTS:
            return
        line = text.count(b"\n", 0, match.start(1)) + 1
        yield {"module": match[1].decode("utf-8", "replace"), "names": [], "line": line}
