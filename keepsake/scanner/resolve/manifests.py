"""Manifests: the files of a project that say how its imports are resolved.

A stranger wrote them, so any value may be of any type: what is not of the type that is asked for
counts as not there.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from keepsake.storage import encodable

_NAMES = re.compile(
    r"go\.mod|composer\.json|package\.json|[tj]sconfig[\w.-]*\.json|deno\.jsonc?|Cargo\.toml"
    r"|Package\.swift|pyproject\.toml|setup\.(py|cfg)|requirements[\w.-]*\.txt|.+\.gemspec"
    r"|CMakeLists\.txt|meson\.build|GNUmakefile|[Mm]akefile(\.am)?|compile_flags\.txt"
)
_MOST_CHARS = 500_000
_MOST_DOTS = 1_000
"""Of a line of TOML: a key of more parts takes quadratic time."""
_STRING = r'("(?:[^"\\\n]|\\.)*"?)'
_COMMENT = re.compile(_STRING + r"|//[^\n]*|/\*[\s\S]*?(?:\*/|\Z)")
_TRAILING = re.compile(_STRING + r"|,(?=\s*[}\]])")

Table = dict[str, Any]


class ManifestUnreadable(Exception):
    """A manifest that is not what its name says; the message says why."""


def is_manifest(path: str) -> bool:
    """Whether a file may say how imports are resolved."""
    return _NAMES.fullmatch(path.rpartition("/")[2]) is not None


def read_json(text: str) -> Table:
    """JSON, also with comments and trailing commas.

    Raises:
        ManifestUnreadable: It is none, or no object.
    """
    bare = _TRAILING.sub(r"\1", _COMMENT.sub(r"\1", text[:_MOST_CHARS].removeprefix("\ufeff")))
    try:
        read = json.loads(bare, strict=False)
        if "\\u" in bare:
            read = json.loads(encodable(json.dumps(read, ensure_ascii=False)))
    except (ValueError, RecursionError) as error:
        raise ManifestUnreadable("no JSON") from error
    if not isinstance(read, dict):
        raise ManifestUnreadable("no object")
    return read


def read_toml(text: str) -> Table:
    """TOML.

    Raises:
        ManifestUnreadable: It is none.
    """
    text = text[:_MOST_CHARS].removeprefix("\ufeff")
    if any(line.count(".") > _MOST_DOTS for line in text.splitlines()):
        raise ManifestUnreadable("too long a key")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ManifestUnreadable("no TOML") from error


def inner(table: Any, *keys: str) -> Table:
    """The table below some keys; an empty one where there is none."""
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}


def texts(value: Any) -> list[str]:
    """A text, or the texts of a list."""
    listed = value if isinstance(value, list) else [value]
    return [item for item in listed if isinstance(item, str)]


def text_items(table: Any) -> Iterator[tuple[str, list[str]]]:
    """The keys of a table, each with its texts."""
    for key, value in table.items() if isinstance(table, dict) else ():
        yield key, texts(value)
