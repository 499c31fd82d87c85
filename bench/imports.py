"""Imports resolved to files, beside what each language's own tools find.

`python -m bench.imports` takes the sdists of Django and SQLAlchemy, and asks Python's own import
finder. `--go FOLDER` asks `go list` about a module, `--typescript FOLDER` the compiler that is
installed in it. Right and wrong are counted by pairs of importing file and imported file.
"""

import ast
import importlib.machinery
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.scanner_trees import unpacked
from keepsake.scanner.parse.detection import language_of
from keepsake.scanner.parse.worker import parse_blob
from keepsake.scanner.resolve import Project, Resolver

Pairs = set[tuple[str, str]]


@dataclass
class Truth:
    """What another tool says, and of which files it was asked."""

    asked: set[str]
    pairs: Pairs


_MOST_BYTES = 1 << 20
_SHOWN = 40


@dataclass
class Resolution:
    """What is said of the imports of a tree."""

    sure: Pairs = field(default_factory=set)
    guessed: Pairs = field(default_factory=set)


def resolved(tree: Path, suffixes: tuple[str, ...]) -> Resolution:
    """What the resolver says of all files of some suffixes."""
    files = {
        path.relative_to(tree).as_posix(): path
        for path in sorted(tree.rglob("*"))
        if path.is_file() and path.stat().st_size < _MOST_BYTES and ".git" not in path.parts
    }
    parsed = {
        name: parse_blob(path.read_bytes(), language_of(name))
        for name, path in files.items()
        if name.endswith(suffixes)
    }
    packages = {name: record["packages"] for name, record in parsed.items() if record["packages"]}
    languages = {name: language_of(name) for name in files}
    resolver = Resolver(
        Project(languages, lambda name: files[name].read_text(errors="replace"), packages)
    )
    out = Resolution()
    for name, record in parsed.items():
        for item in record["imports"]:
            for target in resolver.targets(name, item["module"], item["names"]):
                (out.sure if target.sure else out.guessed).add((name, target.path))
    return out


def by_python(tree: Path) -> Truth:
    """What Python's finder finds: from the folder above a file's package, and from the root."""
    files = list(tree.rglob("*.py"))
    pairs = {
        (file.relative_to(tree).as_posix(), found)
        for file in files
        for found in _of_python(tree, file)
    }
    return Truth({file.relative_to(tree).as_posix() for file in files}, pairs)


def _of_python(tree: Path, file: Path) -> Iterator[str]:
    top = file.parent
    while (top / "__init__.py").exists() and top != tree:
        top = top.parent
    roots = [str(top), str(tree), str(tree / "lib"), str(tree / "src")]
    try:
        parsed = ast.parse(file.read_text(errors="replace"))
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(parsed):
        for module, names in _statements(node, file, top):
            if module.partition(".")[0] not in sys.stdlib_module_names:
                yield from _found(tree, roots, module, names)


def _statements(node: ast.AST, file: Path, top: Path) -> Iterator[tuple[str, list[str]]]:
    if isinstance(node, ast.Import):
        yield from ((name.name, []) for name in node.names)
    elif isinstance(node, ast.ImportFrom):
        names = [name.name for name in node.names]
        package = list(file.parent.relative_to(top).parts)
        if node.level > len(package):
            return
        above = package[: len(package) - node.level + 1] if node.level else []
        yield ".".join([*above, *([node.module] if node.module else [])]), names


def _found(tree: Path, roots: list[str], module: str, names: list[str]) -> Iterator[str]:
    origin, places = _spec(roots, module.split("."))
    inside = [_spec(places, [name])[0] for name in names] if places else []
    if origin and (not inside or not all(inside)):
        yield from _below(tree, origin)
    for path in filter(None, inside):
        yield from _below(tree, path)


def _spec(places: list[str], parts: list[str]) -> tuple[str | None, list[str]]:
    origin: str | None = None
    for part in parts:
        spec = importlib.machinery.PathFinder.find_spec(part, places)
        if spec is None:
            return None, []
        origin = spec.origin if spec.has_location else None
        places = list(spec.submodule_search_locations or [])
    return origin, places


def _below(tree: Path, path: str) -> Iterator[str]:
    if Path(path).is_relative_to(tree) and path.endswith(".py"):
        yield Path(path).relative_to(tree).as_posix()


def by_go(tree: Path) -> Truth:
    """What `go list` says of the packages of a module."""
    command = ["go", "list", "-e", "-json=Dir,ImportPath,GoFiles,IgnoredGoFiles,CgoFiles,Imports",
               "./..."]  # fmt: skip
    listed = subprocess.run(command, cwd=tree, check=True, capture_output=True, text=True).stdout
    packages = {package["ImportPath"]: package for package in _documents(listed)}
    files = {
        path: [f"{_relative(tree, package['Dir'])}{name}" for name in _go_files(package)]
        for path, package in packages.items()
    }
    built = {
        path: [
            name for name in files[path] if Path(name).name not in package.get("IgnoredGoFiles", ())
        ]
        for path, package in packages.items()
    }
    pairs = {
        (importer, target)
        for path, package in packages.items()
        for importer in built[path]
        for wanted in package.get("Imports", ())
        if f'"{wanted}"' in (tree / importer).read_text(errors="replace")
        for target in files.get(wanted, ())
    }
    return Truth({name for names in built.values() for name in names}, pairs)


def _go_files(package: Mapping[str, list[str]]) -> list[str]:
    kinds = ("GoFiles", "CgoFiles", "IgnoredGoFiles")
    return [
        name for kind in kinds for name in package.get(kind, ()) if not name.endswith("_test.go")
    ]


def _relative(tree: Path, folder: str) -> str:
    place = Path(folder).relative_to(tree).as_posix()
    return "" if place == "." else f"{place}/"


def _documents(text: str) -> Iterator[dict[str, Any]]:
    decoder, position = json.JSONDecoder(), 0
    while position < len(text):
        document, position = decoder.raw_decode(text, position)
        yield document
        position += len(text) - position - len(text[position:].lstrip())


_COMPILER = """
const ts = require('typescript'), fs = require('fs'), path = require('path');
const root = fs.realpathSync('.');
const configs = {};
function configOf(folder) {
  if (folder in configs) return configs[folder];
  const file = ts.findConfigFile(folder, ts.sys.fileExists);
  const read = file && ts.getParsedCommandLineOfConfigFile(file, {}, {...ts.sys,
    onUnRecoverableConfigFileDiagnostic() {}});
  return configs[folder] = read ? read.options : {};
}
for (const name of process.argv.slice(1)) {
  const own = configOf(path.dirname(path.resolve(name)));
  const options = {moduleResolution: ts.ModuleResolutionKind.Bundler, ...own, allowJs: true};
  const info = ts.preProcessFile(fs.readFileSync(name, 'utf8'), true, true);
  for (const item of info.importedFiles) {
    const answer = ts.resolveModuleName(item.fileName, path.resolve(name), options, ts.sys);
    const found = answer.resolvedModule && answer.resolvedModule.resolvedFileName;
    if (found && !found.includes('node_modules'))
      console.log(JSON.stringify([name, path.relative(root, fs.realpathSync(found))]));
  }
}
"""


def by_typescript(tree: Path) -> Truth:
    """What the compiler resolves."""
    names = [
        path.relative_to(tree).as_posix()
        for suffix in ("*.ts", "*.tsx")
        for path in tree.rglob(suffix)
        if "node_modules" not in path.parts and not path.name.endswith(".d.ts")
    ]
    command = ["node", "-e", _COMPILER, "--", *names]
    lines = subprocess.run(command, cwd=tree, check=True, capture_output=True, text=True).stdout
    return Truth(set(names), {tuple(json.loads(line)) for line in lines.splitlines()})


def show(title: str, truth: Truth, said: Resolution) -> None:
    """Print how many pairs are right, wrong and missed, and some of the latter."""
    sure = {pair for pair in said.sure if pair[0] in truth.asked}
    wrong, missed, right = sure - truth.pairs, truth.pairs - sure, sure & truth.pairs
    print(
        f"{title}: {len(truth.asked)} files, {len(truth.pairs)} pairs; "
        f"precision {len(right) / max(len(sure), 1):.4f}, "
        f"recall {len(right) / max(len(truth.pairs), 1):.4f}; "
        f"missed {len(missed)}, of them guessed {len(missed & said.guessed)}"
    )
    if "--differences" in sys.argv:
        for word, pairs in (("wrong", wrong), ("missed", missed)):
            for pair in sorted(pairs)[:_SHOWN]:
                print(" ", word, *pair)


def main() -> None:
    """Compare each tree that is asked for."""
    folders = dict(zip(sys.argv[1:], sys.argv[2:], strict=False))
    if folder := folders.get("--go"):
        show(folder, by_go(Path(folder)), resolved(Path(folder), (".go",)))
    elif folder := folders.get("--typescript"):
        show(folder, by_typescript(Path(folder)), resolved(Path(folder), (".ts", ".tsx")))
    else:
        with tempfile.TemporaryDirectory() as place:
            for tree in unpacked(Path(place), "django", "sqlalchemy"):
                show(tree.parent.name, by_python(tree), resolved(tree, (".py",)))


if __name__ == "__main__":
    main()
