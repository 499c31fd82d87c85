"""Patterns as JSON Schema reads them."""

from typing import Any

_WORD = "A-Za-z0-9_\x80-\U0010ffff"
"""`\\w` is ASCII's to JSON Schema (ECMA-262) and any script's to us. Which signs of other scripts
make no words cannot be said in both: the document allows what is refused then."""


def spelt_out(node: Any) -> Any:
    """A part of the document with its patterns in words that all readers read alike."""
    if isinstance(node, list):
        return [spelt_out(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    spelt = {name: spelt_out(inner) for name, inner in node.items()}
    if isinstance(spelt.get("pattern"), str):
        spelt["pattern"] = spelt["pattern"].replace(r"\w", _WORD)
    if "patternProperties" in spelt:
        entries = spelt["patternProperties"].items()
        spelt["patternProperties"] = {
            pattern.replace(r"\w", _WORD): entry for pattern, entry in entries
        }
    return spelt
