"""What the locks pin: distributions of PyPI with their hashes, and packages of npm."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKS = ROOT / "locks"
NPM_LOCKS = ("clients/typescript", "clients/checks", "tests/browser")
"""Folders with a package-lock.json; none of their packages is part of what is distributed."""
_SYSTEMS = ("linux", "darwin")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pinned:
    """A distribution as a lock pins it."""

    name: str
    version: str
    marker: Marker | None
    hashes: tuple[str, ...]

    @property
    def is_for_servers(self) -> bool:
        """Whether Linux or macOS needs it; Keepsake's server runs on no other system."""
        if self.marker is None:
            return True
        return any(
            self.marker.evaluate({"sys_platform": system, "python_full_version": python,
                                  "python_version": python.rpartition(".")[0]})
            for system in _SYSTEMS for python in ("3.11.0", "3.12.0", "3.14.0")
        )  # fmt: skip

    @property
    def is_for_this_machine(self) -> bool:
        """Whether it is installed here."""
        return self.marker is None or self.marker.evaluate()


@dataclass(frozen=True, slots=True)
class NpmPackage:
    """A package as a package-lock.json has it."""

    name: str
    version: str
    licence: str


def pinned(lock: str) -> list[Pinned]:
    """All that one lock pins; `lock` is a name such as `run`."""
    text = (LOCKS / f"{lock}.lock").read_text().replace("\\\n", " ")
    return [_pinned(line) for line in text.splitlines() if line.strip()]


def npm_packages(folder: str) -> Iterator[NpmPackage]:
    """All packages below one of NPM_LOCKS."""
    lock = json.loads((ROOT / folder / "package-lock.json").read_text())
    for path, package in lock["packages"].items():
        if path:
            name = path.rpartition("node_modules/")[2]
            yield NpmPackage(name, package["version"], package.get("license", ""))


def _pinned(line: str) -> Pinned:
    requirement = Requirement(line.partition(" --hash")[0].strip())
    (version,) = requirement.specifier
    return Pinned(canonicalize_name(requirement.name), version.version, requirement.marker,
                  tuple(_HASH.findall(line)))  # fmt: skip
