"""Which folders called `vendor` hold others' code: a domain may have vendors too.

Package managers, licences and versions inside tell it. So does a place at the root, unless the
folder is itself a package with sources.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

_DOUBTFUL = frozenset({"vendor", "vendored", "_vendor"})
_MANAGED = re.compile(
    r"(modules\.txt|autoload\.php|vendor\.(json|txt|conf|mod)|manifest"
    r"|composer/(installed|autoload)[^/]*|bundle/(config|j?ruby/.*)|cache/[^/]+\.gem"
    r"|(gems|bower_components|node_modules|[^/]+\.[a-z]{2,})/.*)$"
)
"""What managers of packages write right inside; a folder of Go's is called as a host."""
_FOREIGN = re.compile(
    r"(.*/)?((licen[cs]e|copying|unlicense)([.-][^/]*)?|\.cargo-checksum\.json"
    r"|[^/]+\.min\.(js|css))$"
    r"|(.*/)?[^/]*[-_.]v?\d+\.\d+[^/]*(/|$)"
    r"|[^/]+/(.*/)?(package\.json|cargo\.toml|composer\.json|bower\.json|component\.json|go\.mod"
    r"|setup\.py|pyproject\.toml|pom\.xml|meson\.build|cmakelists\.txt|configure(\.ac)?"
    r"|[^/]+\.(gemspec|podspec))$",
    re.IGNORECASE,
)
"""What stands beside code that was written for others: a licence, a version, a manifest."""
_README = re.compile(r"[^/]+/readme([.][^/]*)?$", re.IGNORECASE)


def is_doubtful(path: str) -> bool:
    """Whether a path is in a folder whose name alone does not say whose it is."""
    return not _DOUBTFUL.isdisjoint(path.split("/")[:-1])


def doubtful_folders(path: str) -> Iterator[str]:
    """The folders around a path whose names alone do not say whose they are."""
    names = path.split("/")
    for depth, name in enumerate(names[:-1], 1):
        if name in _DOUBTFUL:
            yield "/".join(names[:depth])


def vendored_folders(paths: Iterable[str]) -> frozenset[str]:
    """Of all paths of a tree, the folders that hold others' code."""
    inside: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        for folder in doubtful_folders(path):
            inside[folder].append(path[len(folder) + 1 :])
    return frozenset(folder for folder, names in inside.items() if _is_vendored(folder, names))


def _is_vendored(folder: str, names: list[str]) -> bool:
    if any(_MANAGED.match(name) or _FOREIGN.match(name) for name in names):
        return True
    has_sources = any("/" not in name for name in names)
    at_root = "/" not in folder
    return not has_sources and (at_root or any(_README.match(name) for name in names))
