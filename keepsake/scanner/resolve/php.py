"""PHP: a class is where the autoloader of `composer.json` looks, else where it is declared."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from keepsake.scanner.parse.imports import stem
from keepsake.scanner.resolve.load_paths import from_folders
from keepsake.scanner.resolve.manifests import inner, text_items
from keepsake.scanner.resolve.packages import DeclaredPackages
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

_KINDS = ("autoload", "autoload-dev")


class PhpImports:
    """Classes, functions and constants by their names, included files by their paths."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def _declared(self) -> DeclaredPackages:
        return DeclaredPackages(self._project, frozenset({"php"}))

    def targets(self, importer: str, module: str, names: Sequence[str]) -> list[ImportTarget]:
        """The files of what is used, or the file that is included."""
        if "/" in module or module.endswith((".php", ".inc", ".phtml")):
            return from_folders(self._project, importer, module)
        used = [f"{module}\\{name}" for name in names] or [module]
        found = [target for name in used for target in self._used(importer, name.strip("\\"))]
        return [target for target in found if target.path != importer]

    def words(self, path: str) -> set[str]:
        """The file's name, what it declares, and the ends of its namespaces."""
        packages = self._project.packages.get(path, ())
        declared = {name for package, *names in packages for name in names}
        return {stem(path), *declared, *(package[0].rpartition(".")[2] for package in packages)}

    def _used(self, importer: str, name: str) -> list[ImportTarget]:
        for home in upwards(folder_of(importer)):
            if home in self._autoload and (path := self._loaded(home, name)):
                return all_sure([path])
        elsewhere = dict.fromkeys(
            path for home in self._autoload if (path := self._loaded(home, name))
        )
        if elsewhere:
            return sure_if_single(list(elsewhere))
        namespace, _, last = name.replace("\\", ".").rpartition(".")
        if paths := self._declared.named(namespace, last):
            return sure_if_single(paths)
        return guesses(self._declared.files.get(name.replace("\\", "."), ()))

    @cached_property
    def _autoload(self) -> dict[str, list[tuple[str, list[str], bool]]]:
        """Of each folder with a manifest: prefixes, their folders, whether they are PSR-0's."""
        return {
            folder_of(path): sorted(self._prefixes(path), key=lambda entry: -len(entry[0]))
            for path in self._project.manifests("composer.json")
        }

    def _prefixes(self, path: str) -> Iterator[tuple[str, list[str], bool]]:
        table, home = self._project.table(path), folder_of(path)
        for kind in _KINDS:
            for standard in ("psr-4", "psr-0"):
                for prefix, places in text_items(inner(table, kind, standard)):
                    folders = (joined(home, place) for place in places)
                    kept = [folder for folder in folders if folder is not None]
                    yield prefix.lstrip("\\"), kept, standard == "psr-0"

    def _loaded(self, home: str, name: str) -> str | None:
        """The file of a class by the longest prefix that has one."""
        for prefix, folders, whole in self._autoload[home]:
            if not name.startswith(prefix):
                continue
            namespace, _, last = name.rpartition("\\")
            rest = f"{namespace}\\{last.replace('_', '/')}" if whole else name[len(prefix) :]
            for folder in folders:
                path = joined(folder, f"{rest.strip(chr(92)).replace(chr(92), '/')}.php")
                if path in self._project.files:
                    return path
        return None
