"""Symbols as universal-ctags sees them, and how they differ from ours."""

import json
import re
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KINDS = {"class": "class", "function": "function", "member": "method", "method": "method"}
"""ctags' kinds in Python, in our words; it has others, such as variables, that we do not list."""

Symbol = tuple[str, str, int]
"""Path, name, line."""

_LAMBDA = re.compile(r"=\s*lambda\b")
_MISSED = re.compile(r"\bdef inline\b")


def run_ctags(tree: Path, out: Path) -> float:
    """Write the tags of a tree, with the fields that we store too; the seconds it took."""
    out.unlink(missing_ok=True)  # ctags overwrites no file that does not look like tags
    began = time.perf_counter()
    subprocess.run(
        ["ctags", "-R", "--output-format=json", "--fields=+neKS",
         "--exclude=.git", "-f", str(out), "."],
        cwd=tree, check=True, capture_output=True,
    )  # fmt: skip
    return time.perf_counter() - began


def tags(out: Path) -> dict[Symbol, str]:
    """The classes, functions and methods of Python files, each with its kind."""
    found: dict[Symbol, str] = {}
    for line in out.read_text().splitlines():
        tag = json.loads(line)
        if tag.get("_type") == "tag" and tag["path"].endswith(".py") and tag["kind"] in KINDS:
            path = tag["path"].removeprefix("./")
            found[path, tag["name"], tag["line"]] = KINDS[tag["kind"]]
    return found


def compared(
    tree: Path,
    ours: Mapping[Symbol, str],
    theirs: Mapping[Symbol, str],
    skipped: Mapping[str, str],
) -> dict[str, Any]:
    """How many agree in path, name, line and kind, and of which class each difference is.

    skipped: the files that we do not parse, with the reason.
    """
    same = sum(theirs.get(symbol) == kind for symbol, kind in ours.items())
    differ = [symbol for symbol, kind in ours.items() if theirs.get(symbol) != kind]
    differ += theirs.keys() - ours.keys()
    classes = Counter(_class(tree, one, ours, theirs, skipped) for one in differ)
    return {
        "agreement": round(same / len(ours.keys() | theirs.keys()), 5),
        "same": same,
        "differences": dict(classes.most_common()),
        "unexplained": sorted(
            one for one in differ if _class(tree, one, ours, theirs, skipped).startswith("other")
        )[:20],
    }


def _class(
    tree: Path,
    symbol: Symbol,
    ours: Mapping[Symbol, str],
    theirs: Mapping[Symbol, str],
    skipped: Mapping[str, str],
) -> str:
    path, _, line = symbol
    if path in skipped:
        return f"ctags reads a file that we skip as {skipped[path]}"
    if symbol in ours and symbol in theirs:
        return f"other kind: we say {ours[symbol]}, ctags {theirs[symbol]}"
    text = (tree / path).read_text().splitlines()[line - 1]
    if symbol in theirs and _LAMBDA.search(text):
        return "ctags lists a lambda that is given a name"
    if symbol in ours and _MISSED.search(text):
        return "ctags takes `inline` for a word of Cython and misses the function"
    return "other, only ours" if symbol in ours else "other, only ctags"
