"""Sources whose constructs grammars fail on, with the definitions that have to be found in them.

Each file of this folder is a kind. A source begins with `######## LANGUAGE TITLE`. After
`######## has` comes a line for each definition: its kind, its name and the line of the name.
`may` before it says that it may be found; no other definition is there. Of a qualified name the
end is enough.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keepsake.scanner.parse.worker import parse_blob

_FOLDER = Path(__file__).parent
_HEAD = "######## "
_KINDS = {"method": "function", "constructor": "function", "procedure": "function"}
_JUDGED = frozenset(
    ["class", "enum", "function", "interface", "module", "struct", "table", "trait", "trigger",
     "view"]
)  # fmt: skip
"""Fields, constants, macros and the like are judged only where they are asked for."""
_ARGUMENTS = re.compile(r"<[^<>]*>(?=::)")


@dataclass(frozen=True)
class Construct:
    kind: str
    title: str
    language: str
    source: str
    has: tuple[tuple[str, str, int], ...]
    may: frozenset[str]

    def faults(self) -> list[str]:
        """Definitions that are missing, and those that are not there."""
        symbols = parse_blob(self.source.encode(), self.language)["symbols"]
        left = [symbol for symbol in symbols if _kind(symbol) in _JUDGED | {"index", "type"}]
        faults = []
        for wanted in self.has:
            match = next((symbol for symbol in left if _is(symbol, *wanted)), None)
            if match is None:
                faults.append(f"no {' '.join(map(str, wanted))}")
            else:
                left.remove(match)
        return faults + [
            f"too much: {symbol['kind']} {symbol['qualified']} {symbol['line']}"
            for symbol in left
            if _kind(symbol) in _JUDGED and symbol["name"] not in self.may
        ]


def _kind(symbol: dict[str, Any]) -> str:
    return _KINDS.get(symbol["kind"], symbol["kind"])


def _is(symbol: dict[str, Any], kind: str, name: str, line: int) -> bool:
    qualified = _ARGUMENTS.sub("", symbol["qualified"])
    name = _ARGUMENTS.sub("", name)
    ends = any(qualified.endswith(separator + name) for separator in (".", "::"))
    within = symbol["line"] <= line <= symbol["end_line"]
    return _kind(symbol) == kind and (qualified == name or ends) and within


def _constructs() -> Iterator[Construct]:
    for path in sorted(_FOLDER.glob("*.txt")):
        sections = path.read_text().split(_HEAD)[1:]
        for asked, answer in zip(sections[::2], sections[1::2], strict=True):
            head, _, source = asked.partition("\n")
            language, _, title = head.partition(" ")
            lines = answer.strip().splitlines()[1:]
            yield Construct(
                path.stem, title, language, source,
                tuple(_wanted(line) for line in lines if not line.startswith("may ")),
                frozenset(_wanted(line)[1] for line in lines if line.startswith("may ")),
            )  # fmt: skip


def _wanted(line: str) -> tuple[str, str, int]:
    kind, _, rest = line.removeprefix("may ").partition(" ")
    name, _, number = rest.rpartition(" ")
    return kind, name, int(number)


CONSTRUCTS = tuple(_constructs())
