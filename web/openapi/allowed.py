"""Which methods a path serves, as the document has it."""

import re
from collections.abc import Mapping
from typing import Any

from web.openapi.declared import METHODS

_PARAMETER = re.compile(r"\\\{\w+\\\}")


class Allowed:
    """Looked up when a method is refused: a router names those of one of its routes only."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._paths = [
            (re.compile(_PARAMETER.sub("[^/]+", re.escape(path))), _literal(path), item)
            for path, item in document["paths"].items()
        ]

    def methods(self, path: str) -> str:
        """The value of `Allow` (RFC 9110, 10.2.1), by the most literal path that fits."""
        fitting = [(literal, item) for form, literal, item in self._paths if form.fullmatch(path)]
        _, item = max(fitting, key=lambda found: found[0], default=(0, {}))
        return ", ".join(sorted(method.upper() for method in METHODS & item.keys()))


def _literal(path: str) -> int:
    return len(re.sub(r"\{\w+\}", "", path))
