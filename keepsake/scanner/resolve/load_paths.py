"""PHP's and Bash's included files, and Ruby's: a path from a folder that only running tells."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from keepsake.scanner.parse.imports import stem
from keepsake.scanner.resolve.project import (
    ImportTarget,
    Project,
    all_sure,
    folder_of,
    guesses,
    joined,
    sure_if_single,
    upwards,
)

_UNKNOWN = "*/"
_ABOVE = re.compile(r"^(\.{1,2}/)+")
_LOADED = ("lib", "test", "spec", "ext")
"""The folders of a Ruby project that are searched."""
_REQUIRE_PATHS = re.compile(r"\.require_paths?\s{0,9}=\s{0,9}(\[[^\[\]\n]*\]|[\"'][^\"'\n]*[\"'])")
_QUOTED = re.compile(r"""["']([^"'\n]+)["']""")


def from_folders(project: Project, importer: str, path: str) -> list[ImportTarget]:
    """The file beside the importer, or from the root, where the program is run."""
    home = folder_of(importer)
    if path.startswith(_UNKNOWN):
        ending = _ABOVE.sub("", path.removeprefix(_UNKNOWN))
        endings = project.ending(ending) if ending else []
        return guesses(full for full in endings if full != importer)
    if path.startswith(("./", "../")):
        full = project.at(home, path)
        return all_sure([full] if full else [])
    if path.startswith(("/", "~")):
        return []
    places = dict.fromkeys((project.at(home, path), project.at("", path)))
    return sure_if_single([full for full in places if full])


class ShellImports:
    """Bash: scripts that others run inside them."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def targets(self, importer: str, module: str, names: Sequence[str]) -> list[ImportTarget]:
        """The script."""
        del names
        return from_folders(self._project, importer, module)

    def words(self, path: str) -> set[str]:
        """The script's name."""
        return {stem(path)}


class RubyImports:
    """Ruby: beside the file, or on the load path, on which are the folders of each gem."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def targets(self, importer: str, module: str, names: Sequence[str]) -> list[ImportTarget]:
        """The file that is loaded."""
        del names
        path = module if module.endswith(".rb") else f"{module}.rb"
        if path.startswith(("./", "../", _UNKNOWN)):
            return from_folders(self._project, importer, path)
        for home in upwards(folder_of(importer)):
            for folder in self._folders(home):
                if full := self._project.at(folder, path):
                    return all_sure([full])
        folders = {folder for home in self._gems for folder in self._folders(home)}
        places = (self._project.at(folder, path) for folder in folders)
        return sure_if_single(sorted(full for full in places if full))

    def words(self, path: str) -> set[str]:
        """The file's name."""
        return {stem(path)}

    def _folders(self, home: str) -> Iterator[str]:
        for name in (*self._gems.get(home, ()), *_LOADED):
            if (folder := joined(home, name)) is not None:
                yield folder

    @cached_property
    def _gems(self) -> dict[str, list[str]]:
        """The folders that hold gems, each with what its `.gemspec` says is searched."""
        gems: dict[str, list[str]] = {
            folder_of(folder): []
            for folder in self._project.all_folders
            if folder.rpartition("/")[2] == "lib"
        }
        for path in self._project.files:
            if path.endswith(".gemspec"):
                declared = _REQUIRE_PATHS.search(self._project.text(path))
                named = _QUOTED.findall(declared[1]) if declared else []
                gems.setdefault(folder_of(path), []).extend(named)
        return gems
