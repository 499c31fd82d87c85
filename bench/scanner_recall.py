"""What universal-ctags lists in real projects and a scan does not, by language and class.

`python -m bench.scanner_recall [LANGUAGE…]` prints it; `make bench-scanner` keeps it.
"""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.figures import Finding
from bench.scanner_projects import PROJECTS, SampleProject
from keepsake.scanner.parse.worker import parse_blob

_AIM = 0.97
_EXAMPLES = 5
_ROUTINES = ("function", "method", "constructor")

Tag = Mapping[str, Any]
"""As ctags writes it: `name`, `kind`, `line`, `scope`. `inside`: a function of ours holds it."""

_LAST = re.compile(r"(?:.*(?:::|\\|(?<=\w)\.))?(.+)", re.DOTALL)


def comparable(name: str) -> str:
    """The last part of a name, without what ctags adds or takes away."""
    bare = "".join(name.split()).strip("\"'`")
    last = _LAST.fullmatch(bare)
    return (last[1] if last else bare).rstrip("!?") or bare


def _kind(*kinds: str) -> Callable[[Tag, str], bool]:
    return lambda tag, _: tag["kind"] in kinds


def _line(pattern: str, *kinds: str) -> Callable[[Tag, str], bool]:
    compiled = re.compile(pattern)
    return lambda tag, text: (not kinds or tag["kind"] in kinds) and bool(compiled.search(text))


_ANONYMOUS = re.compile(r"^(Anonymous|__anon|anonymous)")
_DECLARES = re.compile(r"\b(?:const|let|var|type|satisfies)\s+([\w$]+)")


def _declared(text: str) -> str:
    match = _DECLARES.search(text)
    return match[1] if match else ""


CLASSES: tuple[tuple[str, str, Callable[[Tag, str], bool]], ...] = (
    ("", "a name that ctags makes up for what has none", lambda tag, _: bool(
        _ANONYMOUS.match(tag["name"]))),
    ("kotlin", "a lambda", lambda tag, _: tag["name"] == "<lambda>"),
    ("python", "an import", _kind("unknown", "namespace")),
    ("csharp", "a parameter of a method that we list",
     lambda tag, _: tag["kind"] in ("field", "property") and tag.get("beside", False)),
    ("java", "the default of an annotation's element", _line(r"\bdefault\b", "field")),
    ("c cpp", "a macro's name, or what it hides", _line(r"^[A-Z_]+\(", "function")),
    ("cpp", "the outer part of a nested namespace", _line(r"namespace \w+::", "namespace")),
    ("php", "an import", _kind("alias")),
    ("javascript typescript", "an import",
     _line(r"\brequire\(|\bimport\b|^\s+type \w+,$", "constant", "variable", "alias")),
    ("go", "an import", _kind("packageName")),
    ("php java go kotlin csharp", "the package that a file is in",
     lambda tag, text: tag["kind"] in ("namespace", "package") and "{" not in text),
    ("javascript typescript php kotlin", "a local variable, or a key in a function",
     lambda tag, text: bool(tag.get("inside")) or (
         text[:1].isspace() and tag["kind"] in ("constant", "variable"))),
    ("javascript typescript", "a key of an object in an object",
     lambda tag, _: tag["kind"] in ("property", "class", "field") and "scope" in tag),
    ("typescript", "a word of a type or a value", lambda tag, text: (
        tag["kind"] in ("constant", "alias") and tag["name"] not in ("", _declared(text)))),
    ("typescript", "a construct signature", lambda tag, _: tag["name"] == "new"),
    ("ruby", "the writer of an accessor, which is listed once",
     lambda tag, _: tag["kind"] == "accessor" and tag["name"].endswith("=")),
    ("ruby", "a constant that is compared or a key", _line(r"=>|==", "constant")),
    ("ruby", "code in a string", _line(r"def \w*#\{", "method")),
    ("bash", "an array or a here document", lambda tag, text: (
        tag["kind"] == "heredoc" or tag["name"].endswith("=") or "=(" in text)),
    ("rust", "a static or a constant in a function",
     lambda tag, _: tag["kind"] == "variable" and tag.get("inside", False)),
    ("rust", "an `impl`, which names a scope and no symbol", _kind("implementation")),
)  # fmt: skip


def explained_by(language: str, tag: Tag, text: str) -> str:
    """The class of a difference; empty when it has none, and so is a miss."""
    for languages, why, fits in CLASSES:
        if (not languages or language in languages.split()) and fits(tag, text):
            return why
    return ""


@dataclass(frozen=True, slots=True)
class Recall:
    """How much of what ctags lists a parser lists, with name and line."""

    language: str
    files: int
    theirs: int
    ours: int
    same: int
    explained: Mapping[str, int]
    """What is left out on purpose or misread by ctags, by class."""
    missed: Mapping[str, int]
    """What is left, by ctags' kind."""
    examples: Sequence[str]

    @property
    def share(self) -> float:
        """Of what ctags lists, without what is explained."""
        return self.same / max(1, self.same + sum(self.missed.values()))

    @property
    def raw_share(self) -> float:
        """Of all that ctags lists."""
        return self.same / max(1, self.theirs)

    def figures(self) -> dict[str, Any]:
        """For the results."""
        return asdict(self) | {"share": round(self.share, 4), "raw_share": round(self.raw_share, 4)}


def recalled(project: SampleProject) -> Recall:
    """Parse a project's files in this process, and run ctags on the same."""
    parsed = _Parsed(project)
    theirs = {place: tag for place, tag in _tags(project).items() if place[0] in parsed.texts}
    explained, missed, examples = Counter[str](), Counter[str](), list[str]()
    for (path, name, line), tag in theirs.items():
        if (path, name, line) in parsed.places:
            continue
        text = parsed.line(path, line)
        why = explained_by(project.language, parsed.placed(tag, path), text)
        if why:
            explained[why] += 1
        else:
            missed[tag["kind"]] += 1
            examples.append(f"{tag['kind']} {name} {Path(path).name}:{line}: {text.strip()[:80]}")
    same = len(theirs) - explained.total() - missed.total()
    return Recall(project.language, len(parsed.texts), len(theirs), len(parsed.places), same,
                  dict(explained.most_common()), dict(missed.most_common()),
                  examples[:: max(1, len(examples) // _EXAMPLES)][:_EXAMPLES])  # fmt: skip


Place = tuple[str, str, int]
"""Path, name, line."""


class _Parsed:
    """What the parser lists of a project's files; those that it skips are left out."""

    def __init__(self, project: SampleProject) -> None:
        self.places, self.texts = set[Place](), dict[str, list[str]]()
        self._routines = dict[str, list[tuple[int, int]]]()
        for path in project.sources():
            raw = path.read_bytes()
            record = parse_blob(raw, project.language)
            if not record["skip"]:
                self._add(str(path), raw, record["symbols"])

    def _add(self, path: str, raw: bytes, symbols: Sequence[Mapping[str, Any]]) -> None:
        self.texts[path] = raw.decode("utf-8", "replace").split("\n")
        self.places.update((path, comparable(s["name"]), s["line"]) for s in symbols)
        self._routines[path] = [
            (s["line"], s["end_line"]) for s in symbols if s["kind"] in _ROUTINES
        ]

    def line(self, path: str, number: int) -> str:
        """The text of a line, from 1."""
        lines = self.texts[path]
        return lines[number - 1] if number <= len(lines) else ""

    def placed(self, tag: Tag, path: str) -> Tag:
        """The tag with what the parser lists around it."""
        line, routines = tag["line"], self._routines[path]
        return {
            **tag,
            "inside": any(first < line <= last for first, last in routines),
            "beside": any(first == line for first, _ in routines),
        }


def _tags(project: SampleProject) -> dict[Place, Tag]:
    """What ctags lists by default, as the language that the files are said to be of."""
    done = subprocess.run(
        ["ctags", f"--language-force={project.ctags}", "--output-format=json", "--fields=+nesKSZ",
         "-L", "-", "-f", "-"],
        input="\n".join(map(str, project.sources())), check=True, capture_output=True, text=True,
        errors="replace",
    )  # fmt: skip
    tags = [json.loads(line) for line in done.stdout.splitlines()]
    return {
        (tag["path"], comparable(tag["name"]), tag["line"]): tag
        for tag in tags
        if tag.get("_type") == "tag"
    }


def findings(recalls: Sequence[Recall]) -> list[Finding]:
    """What was aimed at in each language."""
    return [
        Finding(f"{recall.language}: symbols of ctags that a scan lists", f"{recall.share:.1%}",
                f"{recall.theirs:,} tags, {recall.raw_share:.1%} with what is explained",
                aim="at least 97 %", met=recall.share >= _AIM)
        for recall in recalls
    ]  # fmt: skip


def shown(recall: Recall) -> str:
    """A language with its differences by class."""
    lines = [
        f"{recall.language}: {recall.share:.1%} of {recall.theirs:,} tags in {recall.files} files"
        f" (raw {recall.raw_share:.1%}), {recall.ours:,} symbols of ours"
    ]
    lines += [f"  {count:6,}  {why}" for why, count in recall.explained.items()]
    lines += [f"  {count:6,}  missed: {kind}" for kind, count in recall.missed.items()]
    return "\n".join([*lines, *(f"          {example}" for example in recall.examples)])


def main() -> None:
    """All languages, or those that are named."""
    for project in PROJECTS:
        if len(sys.argv) == 1 or project.language in sys.argv:
            print(shown(recalled(project)), flush=True)


if __name__ == "__main__":
    main()
