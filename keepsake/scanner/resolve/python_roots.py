"""Python: the folders from which a project's modules are imported, and what it depends on."""

import configparser
import re
from collections.abc import Iterator

from keepsake.scanner.resolve.manifests import Table, inner, texts
from keepsake.scanner.resolve.project import Project, folder_of, joined

_PACKAGE_DIR = re.compile(
    r"""package_dir\s{0,9}=\s{0,9}\{\s{0,9}["']{2}\s{0,9}:\s{0,9}["']([^"'\n]+)"""
)
_WHERE = re.compile(
    r"""find_(?:namespace_)?packages\(\s{0,9}(?:where\s{0,9}=\s{0,9})?["']([^"'\n]+)"""
)
_DISTRIBUTION = re.compile(r"[A-Za-z0-9][\w.-]*")
_PLACES = ("", "src")
"""Where modules are, by convention."""


def import_roots(project: Project) -> dict[str, list[str]]:
    """The folders of the projects inside, each with its import roots; the root is one of them."""
    declared: dict[str, list[str]] = {"": []}
    for path in project.manifests("pyproject.toml", "setup.cfg", "setup.py"):
        home = folder_of(path)
        declared.setdefault(home, []).extend(_declared(project, path))
    return {
        home: [root for place in (*places, *_PLACES) if (root := joined(home, place)) is not None]
        for home, places in declared.items()
    }


def dependencies(project: Project) -> frozenset[str]:
    """The names of what the project depends on, as they would be imported."""
    names = set[str]()
    for path in project.manifests("pyproject.toml"):
        table = project.table(path)
        listed = texts(inner(table, "project").get("dependencies", []))
        for extra in inner(table, "project", "optional-dependencies").values():
            listed += texts(extra)
        for group in inner(table, "dependency-groups").values():
            listed += texts(group)
        names.update(listed, inner(table, "tool", "poetry", "dependencies"))
    for path in project.files:
        if re.search(r"(^|/)requirements[^/]*\.txt$", path):
            names.update(project.text(path).splitlines())
    found = (_DISTRIBUTION.match(name.strip()) for name in names)
    return frozenset(match[0].lower().replace("-", "_") for match in found if match)


def _declared(project: Project, path: str) -> Iterator[str]:
    if path.endswith(".toml"):
        yield from _of_pyproject(project.table(path))
    elif path.endswith(".cfg"):
        yield from _of_setup_cfg(project.text(path))
    else:
        text = project.text(path)
        yield from _PACKAGE_DIR.findall(text) + _WHERE.findall(text)


def _of_pyproject(table: Table) -> Iterator[str]:
    tools = inner(table, "tool")
    yield from texts(inner(tools, "setuptools", "package-dir").get(""))
    yield from texts(inner(tools, "setuptools", "packages", "find").get("where"))
    yield from texts(inner(tools, "pytest", "ini_options").get("pythonpath"))
    for package in texts(inner(tools, "hatch", "build", "targets", "wheel").get("packages")):
        yield folder_of(package)
    packages = inner(tools, "poetry").get("packages")
    for package in packages if isinstance(packages, list) else ():
        yield from texts(inner(package).get("from"))


def _of_setup_cfg(text: str) -> Iterator[str]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    for line in parser.get("options", "package_dir", fallback="").splitlines():
        name, _, place = line.partition("=")
        if place and not name.strip():
            yield place.strip()
    where = parser.get("options.packages.find", "where", fallback="")
    yield from where.split()
