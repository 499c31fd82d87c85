"""Symbols as universal-ctags sees them, and how they differ from ours."""

import json
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

KINDS = {"class": "class", "function": "function", "member": "method", "method": "method"}
"""ctags' kinds in Python, in our words; it has others, such as variables, that we do not list."""

Symbol = tuple[str, str, int]
"""Path, name, line."""


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


def compared(ours: dict[Symbol, str], theirs: dict[Symbol, str]) -> dict[str, Any]:
    """How many agree in path, name, line and kind, and what the others are."""
    same = {symbol for symbol in ours.keys() & theirs.keys() if ours[symbol] == theirs[symbol]}
    kinds = Counter(
        f"we say {ours[symbol]}, ctags {theirs[symbol]}"
        for symbol in (ours.keys() & theirs.keys()) - same
    )
    union = len(ours.keys() | theirs.keys())
    return {
        "agreement": round(len(same) / union, 5),
        "same": len(same),
        "only_ours": len(ours.keys() - theirs.keys()),
        "only_ctags": len(theirs.keys() - ours.keys()),
        "other_kind": dict(kinds),
        "examples_only_ours": sorted(ours.keys() - theirs.keys())[:5],
        "examples_only_ctags": sorted(theirs.keys() - ours.keys())[:5],
    }
