"""References of a file: what it calls and from where.

Names are matched, not resolved: `a.save()` counts as a call of every `save`.
"""

from __future__ import annotations

from typing import Any

from keepsake.scanner.models import NOWHERE
from keepsake.scanner.parse.symbols import Source

_MAX_CALLS = 20_000


def calls_of(source: Source, spans: list[tuple[int, int]]) -> list[dict[str, Any]]:
    """Called names, each with its lines and the positions of the symbols around them."""
    raw, grouped = source.raw, dict[bytes, list[list[int]]]()
    nodes = source.captures.get("call", ())
    places = sorted([(node.start_byte, node.end_byte, node.start_point[0]) for node in nodes])
    around, following = list[int](), 0
    for start, end, row in places[:_MAX_CALLS]:
        while following < len(spans) and spans[following][0] <= start:
            around.append(following)
            following += 1
        while around and spans[around[-1]][1] <= start:
            around.pop()
        inside = around[-1] if around else NOWHERE
        grouped.setdefault(raw[start:end], []).append([row + 1, inside])
    return [
        {"name": name.decode("utf-8", "replace"), "at": grouped[name]} for name in sorted(grouped)
    ]
