"""C and C++: an included file is beside the including one, or below a folder that is searched."""

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

_NAMED = ("include", "inc", "includes", "src")
"""Folders that are searched by convention, from those above the including file."""
_CMAKE = re.compile(r"\b(?:target_)?include_directories\(([^()]{0,20000})\)", re.IGNORECASE)
_WORD = re.compile(r"""["']([^"'\n]*)["']|([^\s"',]+)""")
_HERE = re.compile(r"\$\{(CMAKE_CURRENT_SOURCE_DIR|CMAKE_CURRENT_LIST_DIR)\}/?")
_TOP = re.compile(r"\$\{(CMAKE_SOURCE_DIR|PROJECT_SOURCE_DIR|\w+_SOURCE_DIR)\}/?")
_TOP_OF_MAKE = re.compile(r"\$[({](top_srcdir|srcdir|CURDIR)[)}]/?")
_FLAG = re.compile(
    r"(?:^|(?<=[\s\"'=]))(?:-I|-isystem|-iquote)[ \t]?([\w$(){}./+-]+)", re.MULTILINE
)
_LIBRARY = frozenset(
    [
        "assert", "complex", "ctype", "errno", "fcntl", "fenv", "float", "inttypes", "iso646",
        "limits", "locale", "math", "pthread", "setjmp", "signal", "stdalign", "stdarg",
        "stdatomic", "stdbool", "stddef", "stdint", "stdio", "stdlib", "stdnoreturn", "string",
        "tgmath", "threads", "time", "uchar", "unistd", "wchar", "wctype",
    ]
)  # fmt: skip
"""Headers of C and POSIX; those of C++ have no suffix."""


class IncludeImports:
    """The headers of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def targets(self, importer: str, module: str, names: Sequence[str]) -> list[ImportTarget]:
        """The file that a compiler would find; of others that end so, those that may be meant."""
        del names
        path, quoted = module.strip("<>"), not module.startswith("<")
        home = folder_of(importer)
        if quoted and (beside := self._project.at(home, path)):
            return all_sure([beside] if beside != importer else [])
        endings = self._project.ending(path)
        roots = {full[: len(full) - len(path)].rstrip("/"): full for full in endings}
        for folder in self._above(home):
            if folder in roots:
                return all_sure([roots[folder]])
        if searched := [full for root, full in roots.items() if root in self._searched]:
            return sure_if_single(searched)
        if not quoted and path.removesuffix(".h") in _LIBRARY:
            return []
        return guesses(full for full in endings if full != importer)

    def words(self, path: str) -> set[str]:
        """The file's name."""
        return {stem(path)}

    def _above(self, home: str) -> Iterator[str]:
        """Folders by convention, the nearest first; `src` is searched for what is below it."""
        for above in upwards(home):
            for name in _NAMED:
                yield f"{above}/{name}" if above else name
        yield ""

    @cached_property
    def _searched(self) -> frozenset[str]:
        """The folders that builds say are searched, and all that are called so."""
        named = {
            folder
            for folder in self._project.all_folders
            if folder.rpartition("/")[2] in ("include", "inc", "includes")
        }
        return frozenset({*self._of_cmake(), *self._of_make(), *named})

    def _of_cmake(self) -> Iterator[str]:
        for path in self._project.manifests("CMakeLists.txt", "meson.build"):
            home = folder_of(path)
            for listed in _CMAKE.findall(self._project.text(path)):
                for quoted, bare in _WORD.findall(listed):
                    word = quoted or bare
                    below = _HERE.sub("", word)
                    top = _TOP.sub("", below)
                    if folder := self._folder(home if top == below else "", top):
                        yield folder

    def _of_make(self) -> Iterator[str]:
        names = ("Makefile", "makefile", "GNUmakefile", "Makefile.am", "compile_flags.txt")
        for path in self._project.manifests(*names):
            for word in _FLAG.findall(self._project.text(path)):
                below = _TOP_OF_MAKE.sub("", word)
                homes = (folder_of(path),) if below == word else (folder_of(path), "")
                for home in homes:
                    if folder := self._folder(home, below):
                        yield folder

    def _folder(self, home: str, place: str) -> str | None:
        folder = joined(home, place) if "$" not in place else None
        return folder if folder in self._project.all_folders else None
