"""Small projects with imports, and the files that they mean, by family of languages.

A case is a paragraph. `path: text` is a file, `path> text` one whose imports are asked for, and the
line after it has the files that they mean: `?` before a path says that it is a guess. `\\n` is a
line break.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_FILE = re.compile(r"(\S+?)([:>])(?: (.*))?$")
_ESCAPED = re.compile(r"\\(.)")
FAMILIES = sorted(path.stem for path in Path(__file__).parent.glob("*.txt"))


@dataclass
class Case:
    """A project, and which files the imports of some of its files mean."""

    title: str
    files: dict[str, str] = field(default_factory=dict)
    expected: list[tuple[str, set[str]]] = field(default_factory=list)


def cases(family: str) -> Iterator[Case]:
    """The cases of a family of languages."""
    text = (Path(__file__).parent / f"{family}.txt").read_text()
    for paragraph in text.strip().split("\n\n"):
        title, *lines = paragraph.splitlines()
        yield _case(title.removeprefix("# "), lines)


def _case(title: str, lines: list[str]) -> Case:
    case, importer = Case(title), ""
    for line in lines:
        if line.startswith("="):
            case.expected.append((importer, set(line[1:].split())))
        elif match := _FILE.match(line):
            case.files[match[1]] = _ESCAPED.sub(_unescaped, match[3] or "")
            importer = match[1]
        else:
            raise ValueError(line)
    return case


def _unescaped(match: re.Match[str]) -> str:
    return "\n" if match[1] == "n" else match[1]
