"""What a definition is worth in a map, by what it is and where it stands."""

import re
from collections.abc import Mapping
from typing import Any

from keepsake.scanner.kinds import DATA
from keepsake.scanner.parse.vendoring import is_doubtful

_TYPES = frozenset({"class", "struct", "interface", "trait", "enum", "component", "table", "view"})
_BY_KIND = {
    **dict.fromkeys(_TYPES, 1.0),
    **dict.fromkeys(DATA, 0.1),
    "type": 0.7, "function": 0.6, "macro": 0.5, "resource": 0.5, "module": 0.3, "method": 0.1,
    "constructor": 0.1, "trigger": 0.3, "index": 0.1,
    "section": 0.0, "chunk": 0.0,
}  # fmt: skip
"""A prompt is told of types before their parts; prose is no code."""
_TEST = re.compile(
    r"(^|/)(tests|__tests__|spec|specs|testdata|fixtures|e2e)/|^test/|(^|/)src/(test|[a-z]+Test)/"
    r"|(^|/)(test_[^/]*|conftest|tests)\.py$|[^/](_test|_spec|\.test|\.spec|Tests?)\.\w+$"
)
_ASIDE = re.compile(
    r"(^|/)(docs?|examples?|samples?|demos?|bench(marks?)?|scripts|migrations|vendor(ed)?|_vendor)/"
    r"|(^|/)(generated|gen|__generated__)/"
)
_TEST_WORTH, _ASIDE_WORTH, _VENDORED_WORTH = 0.02, 0.2, 0.05
_PRIVATE_WORTH, _SPECIAL_WORTH = 0.3, 0.1


def worth_of_path(path: str) -> float:
    """From 0 to 1: tests, examples and what others wrote tell less of a project."""
    if _TEST.search(path):
        return _TEST_WORTH
    if is_doubtful(path):
        return _VENDORED_WORTH
    return _ASIDE_WORTH if _ASIDE.search(path) else 1.0


def worth_of_symbol(symbol: Mapping[str, Any]) -> float:
    """From 0 to 1: types come before functions, functions before methods, and these before data."""
    worth = _BY_KIND.get(symbol["kind"], 0.3)
    name = symbol["name"]
    if name.startswith("__") and name.endswith("__"):
        return worth * _SPECIAL_WORTH
    private = not symbol["exported"] or name.startswith("_")
    return worth * (_PRIVATE_WORTH if private else 1.0)
