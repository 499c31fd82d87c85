"""Uses of names in Python sources as Python's own `ast` has them, to compare an index with.

A use is a path, a line, a name and a kind, as a scan has it. Variables of functions, comprehensions
and lambdas are none: what is bound by an assignment, a loop, `with`, `except` or as a parameter.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Reference = tuple[str, int, str, str]
"""Path, line, name, kind."""
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_NAMES = (ast.Name, ast.Attribute)


def references(path: Path, root: Path) -> set[Reference]:
    """All uses in a file; none where Python cannot parse it."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return set()
    reader = _Reader(tree)
    reader.visit(tree)
    name = path.relative_to(root).as_posix()
    return {(name, *use) for use in reader.uses}


def difference(truth: set[Reference], ours: set[Reference]) -> dict[str, Any]:
    """Precision and recall of ours, with kinds and without, and the differences by kind."""
    missed, besides = truth - ours, ours - truth
    plain, found = {use[:3] for use in truth}, {use[:3] for use in ours}
    return {
        "uses": len(truth),
        "precision": round(1 - len(besides) / len(ours), 4),
        "recall": round(1 - len(missed) / len(truth), 4),
        "precision_without_kinds": round(1 - len(found - plain) / len(found), 4),
        "recall_without_kinds": round(1 - len(plain - found) / len(plain), 4),
        "missed": dict(Counter(use[3] for use in missed).most_common()),
        "besides": dict(Counter(use[3] for use in besides).most_common()),
    }


class _Reader(ast.NodeVisitor):
    """Walks a tree with the variables of the functions around."""

    def __init__(self, tree: ast.AST) -> None:
        self.uses: set[tuple[int, str, str]] = set()
        self._renamed = _renamed(tree)
        self._bound: list[set[str]] = []
        self._in_function = False
        self._kind = "value"

    def visit_Name(self, node: ast.Name) -> None:
        """A name alone: a use where it is read, or where a function writes a global."""
        local = any(node.id in bound for bound in self._bound) and self._kind != "type"
        defined = isinstance(node.ctx, ast.Store) and not self._in_function
        if not local and not defined:
            self._add_name(node.lineno, node.id, self._kind)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """A name behind a dot, read or written."""
        self._add(node.end_lineno or node.lineno, node.attr, self._kind)
        self._visit_as("type" if self._kind == "type" else "value", node.value)

    def visit_Call(self, node: ast.Call) -> None:
        """What is called, then what it is called with."""
        self._callee(node.func)
        kept, self._kind = self._kind, "type" if self._kind == "type" else "value"
        for argument in [*node.args, *node.keywords]:
            self.visit(argument)
        self._kind = kept

    def visit_Constant(self, node: ast.Constant) -> None:
        """In an annotation, text is an annotation too."""
        if self._kind == "type" and isinstance(node.value, str):
            for inner in ast.walk(_annotation(node.value)):
                if isinstance(inner, _NAMES):
                    if isinstance(inner, ast.Name):
                        self._add_name(node.lineno, inner.id, "type")
                    else:
                        self._add(node.lineno, inner.attr, "type")

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Decorators, bases with what is in their brackets, and the body."""
        self._decorators(node)
        for base in node.bases:
            self._base(base)
        self._visit_as("type", *[keyword.value for keyword in node.keywords])
        self._body(node.body, in_function=False)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Decorators stand outside; all else sees the function's variables."""
        self._decorators(node)
        with_variables = [*node.args.defaults, *node.args.kw_defaults]
        self._bound.append(_variables(node))
        for default in with_variables:
            if default is not None:
                self.visit(default)
        annotated = [argument.annotation for argument in _arguments(node.args)] + [node.returns]
        self._visit_as("type", *[annotation for annotation in annotated if annotation])
        self._body(node.body, in_function=True)
        self._bound.pop()

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - as `ast` names it

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Sees its parameters."""
        self._bound.append(_variables(node))
        self.generic_visit(node)
        self._bound.pop()

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """The annotation is a type."""
        self.visit(node.target)
        self._visit_as("type", node.annotation)
        if node.value is not None:
            self.visit(node.value)

    def visit_Import(self, node: ast.Import) -> None:
        """Every part of every name."""
        for alias in node.names:
            for part in alias.name.split("."):
                self._add(alias.lineno, part, "import")

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Every part of the module's name, and what is taken from it."""
        if node.module == "__future__":
            return
        for part in (node.module or "").split("."):
            self._add(node.lineno, part, "import")
        for alias in node.names:
            self._add(alias.lineno, alias.name, "import")

    def visit_Assign(self, node: ast.Assign) -> None:
        """The names in `__all__` are exported again."""
        self._exports(node.targets, node.value)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """As `visit_Assign`."""
        self._exports([node.target], node.value)
        self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        """Comprehensions have variables of their own."""
        if not isinstance(node, _COMPREHENSIONS):
            super().generic_visit(node)
            return
        targets = [generator.target for generator in node.generators]
        self._bound.append({name for target in targets for name in _stored(target)})
        super().generic_visit(node)
        self._bound.pop()

    def _body(self, statements: list[ast.stmt], *, in_function: bool) -> None:
        kept, self._in_function = self._in_function, in_function
        for statement in statements:
            self.visit(statement)
        self._in_function = kept

    def _callee(self, node: ast.expr) -> None:
        if isinstance(node, ast.Name):
            if not any(node.id in bound for bound in self._bound):
                self._add_name(node.lineno, node.id, "call")
        elif isinstance(node, ast.Attribute):
            self._add(node.end_lineno or node.lineno, node.attr, "call")
            self._visit_as("type" if self._kind == "type" else "value", node.value)
        else:
            self.visit(node)

    def _base(self, node: ast.expr) -> None:
        if isinstance(node, ast.Name):
            self._add_name(node.lineno, node.id, "inherit")
        elif isinstance(node, ast.Attribute):
            self._add(node.end_lineno or node.lineno, node.attr, "inherit")
            self._visit_as("type", node.value)
        elif isinstance(node, ast.Subscript):
            self._base(node.value)
            self._visit_as("type", node.slice)
        else:
            self._visit_as("type", node)

    def _decorators(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            if isinstance(decorator, _NAMES):
                self._callee(decorator)
            else:
                self.visit(decorator)

    def _exports(self, targets: list[ast.expr], value: ast.expr) -> None:
        named = any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)
        if named and isinstance(value, ast.List | ast.Tuple):
            for item in value.elts:
                if isinstance(item, ast.Constant) and isinstance(item.value, str):
                    self._add(item.lineno, item.value, "re-export")

    def _visit_as(self, kind: str, *nodes: ast.AST) -> None:
        kept, self._kind = self._kind, kind
        for node in nodes:
            self.visit(node)
        self._kind = kept

    def _add_name(self, line: int, name: str, kind: str) -> None:
        """A name alone: what an import renames is used under both names."""
        for each in (name, *self._renamed.get(name, ())):
            self._add(line, each, kind)

    def _add(self, line: int, name: str, kind: str) -> None:
        if name and name != "*":
            self.uses.add((line, name, kind))


def _renamed(tree: ast.AST) -> dict[str, set[str]]:
    """What `from a import b as c` calls otherwise, by its new name."""
    renamed: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        for alias in node.names if isinstance(node, ast.ImportFrom) else ():
            if alias.asname and alias.asname != alias.name:
                renamed.setdefault(alias.asname, set()).add(alias.name)
    return renamed


def _variables(node: _Scope) -> set[str]:
    """What a function binds, without what it imports and defines, and without globals."""
    bound = {argument.arg for argument in _arguments(node.args)}
    outer = set[str]()
    body: list[ast.AST] = [*node.body] if isinstance(node.body, list) else [node.body]
    for inner in _inside(body):
        if isinstance(inner, ast.Global | ast.Nonlocal):
            outer |= set(inner.names)
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            bound.add(inner.id)
        elif isinstance(inner, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and inner.name:
            bound.add(inner.name)
    return bound - outer


def _inside(nodes: list[Any]) -> Iterator[ast.AST]:
    """All nodes of a function, not those of the functions and comprehensions in it."""
    pending = [*nodes]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (*_SCOPES, *_COMPREHENSIONS, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(node))


def _stored(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            yield inner.id


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    more = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *more]


def _annotation(text: str) -> ast.AST:
    try:
        return ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return ast.Module(body=[], type_ignores=[])
