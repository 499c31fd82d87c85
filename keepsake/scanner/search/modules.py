"""Which file an import means: by its path, as far as the text of the import tells."""

from pathlib import PurePosixPath

_INDEX_FILES = frozenset({"__init__", "index", "mod", "lib"})


def means(module: str, names: list[str], importer: str, target: str) -> bool:
    """Whether an import in one file, as it is written, names another file."""
    wanted = _stem(target)
    if module.startswith("."):
        return any(_same(place, wanted) for place in _relative(module, names, importer))
    parts = tuple(p for p in _dotted(module) if p not in ("crate", "self", "super"))
    found = [(*parts, name) for name in names] + [parts]
    return any(one and _ends(wanted, one) for one in found)


def _stem(path: str) -> tuple[str, ...]:
    """A file's path without its suffix; a package's is its folder."""
    place = PurePosixPath(path)
    stem = place.name.partition(".")[0]
    return place.parent.parts if stem in _INDEX_FILES else (*place.parent.parts, stem)


def _dotted(module: str) -> tuple[str, ...]:
    if "/" in module or module.endswith((".h", ".hpp", ".hh", ".js", ".ts", ".rb", ".sh")):
        return _stem(module)
    for separator in ("::", "\\"):
        module = module.replace(separator, ".")
    return tuple(part for part in module.split(".") if part)


def _relative(module: str, names: list[str], importer: str) -> list[tuple[str, ...]]:
    folder = list(PurePosixPath(importer).parent.parts)
    if module.startswith(("./", "../")) or (module in (".", "..") and importer.endswith("js")):
        for part in PurePosixPath(module).parts:
            if part == "..":
                folder = folder[:-1]
            elif part != ".":
                folder.append(part)
        return [_stem("/".join(folder)), tuple(folder)]
    bare = module.lstrip(".")
    folder = folder[: len(folder) - (len(module) - len(bare) - 1)]
    base = (*folder, *(part for part in bare.split(".") if part))
    return [base, *((*base, name) for name in names)]


def _same(place: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return bool(place) and place == wanted


def _ends(wanted: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    return len(parts) <= len(wanted) and wanted[-len(parts) :] == parts
