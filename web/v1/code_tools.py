"""The tools of `/v1/code/execute-tool`: questions about an index, answered as XMem's records.

A record is `{domain, content, score, metadata}`. Each tool takes the arguments that XMem's MCP
server sends; what they do not say has a default.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from keepsake.memory import MemoryHit, MemoryScope, MemoryService
from keepsake.scanner import (
    CodeHit,
    CodeSearch,
    Excerpt,
    IndexReader,
    NotIndexed,
    RepositoryName,
    TreeNode,
    free_query,
)

Record = dict[str, Any]
_CODE_CHARS = 12_000
_FENCE = "```"
_MEMORIES_READ = 50
_DOMAINS = ("summary",)
"""Of memories, the one that has whole turns."""
_LINE_CHARS = 300
_NAMED_MOST = 50
"""Definitions of one name: what may change with each is a search of its own."""
_DEEPEST = 64
"""Folders in folders; the parser reads nothing deeper."""


class ToolArguments(BaseModel):
    """What a tool is asked; each tool says what it needs."""

    model_config = ConfigDict(hide_input_in_errors=True, str_strip_whitespace=True)

    query: str = Field(default="", max_length=5_000, description="What to look for")
    symbol_name: str = Field(default="", max_length=500, description="A symbol's name")
    file_path: str = Field(default="", max_length=1_024, description="A file's path")
    dir_path: str = Field(default="", max_length=1_024, description="A folder's path")
    depth: int = Field(default=2, ge=1, le=10, description="How many steps away", examples=[2])


ToolName = Literal[
    "search_symbols", "search_files", "search_annotations", "search_snippets", "impact_analysis",
    "get_file_context", "read_symbol_code", "read_file_code", "get_repo_structure",
    "get_directory_summary", "get_file_summary",
]  # fmt: skip
NEEDED: dict[str, tuple[str, ...]] = {
    "search_symbols": ("query",), "search_files": ("query",), "search_annotations": ("query",),
    "search_snippets": ("query",), "impact_analysis": ("symbol_name",),
    "get_file_context": ("file_path",), "read_symbol_code": ("symbol_name",),
    "read_file_code": ("file_path",), "get_repo_structure": (),
    "get_directory_summary": ("dir_path",), "get_file_summary": ("file_path",),
}  # fmt: skip
"""The arguments without which a tool has no question."""
LISTINGS = frozenset({
    "impact_analysis", "get_file_context", "get_repo_structure", "get_directory_summary",
})  # fmt: skip
"""What lists all that there is, as XMem's clients take it: they send no `top_k` and show no more
than the records."""
LISTED_MOST = 500


@dataclass(frozen=True, slots=True)
class CodeTools:
    """The tools over one index, for one reader. Each raises `NotIndexed` for what is not there.

    most: of records; one more says that there are more.
    """

    search: CodeSearch
    reader: IndexReader
    place: RepositoryName
    most: int

    def call(self, name: str, asked: ToolArguments) -> list[Record]:
        """The records of a tool, the best first."""
        tools: dict[str, Callable[[ToolArguments], list[Record]]] = {
            "search_symbols": self._symbols, "search_files": self._files,
            "impact_analysis": self._impact, "get_file_context": self._context,
            "read_symbol_code": self._symbol_code, "read_file_code": self._file_code,
            "get_repo_structure": self._structure, "get_directory_summary": self._folder,
            "get_file_summary": self._file_summary,
        }  # fmt: skip
        return tools[name](asked)[: self.most + 1]

    def _symbols(self, asked: ToolArguments) -> list[Record]:
        most, query = self.most + 1, free_query(asked.query)
        named = self.search.by_name(self.reader, self.place, asked.query, most).hits
        meant, _ = self.search.search(self.reader, self.place, query, most)
        return [symbol_record(hit) for hit in _distinct([*named, *meant.hits])]

    def _files(self, asked: ToolArguments) -> list[Record]:
        paths = self.search.texts.paths(self.reader, self.place, asked.query, self.most + 1)
        return [_record("file", path, score, file_path=path) for score, path in paths]

    def _impact(self, asked: ToolArguments) -> list[Record]:
        records = []
        defined = self._defined(asked)
        if len(defined) > _NAMED_MOST:
            said = f"There are more than {_NAMED_MOST} definitions of this name."
            records.append(_record("impact", said, 0.0, complete=False))
        for hit in defined[:_NAMED_MOST]:
            answer = self.search.impact(
                self.reader, self.place, hit.path, hit.qualified, asked.depth
            )
            records += [
                _record(
                    "impact", f"{each.path} {each.symbol} through {each.through}",
                    1 / each.distance, file_path=each.path, symbol_name=each.symbol,
                    distance=each.distance, confidence=each.confidence, complete=answer.complete,
                )
                for each in answer.impacts
            ]  # fmt: skip
        return records

    def _context(self, asked: ToolArguments) -> list[Record]:
        defined = self.search.definitions(self.reader, self.place, asked.file_path).symbols
        importers = self.search.importers(self.reader, self.place, asked.file_path)
        return [
            *(symbol_record(hit) for hit in defined),
            *(_record("importer", f"{use.path}:{use.line} {use.text}", 1.0, file_path=use.path,
                      start_line=use.line, confidence=use.confidence)
              for use in importers.uses),
        ]  # fmt: skip

    def _symbol_code(self, asked: ToolArguments) -> list[Record]:
        return [
            _code(self.search.source(self.reader, self.place, hit.path,
                                     lines=(hit.first_line, hit.end_line)).source,
                  symbol_name=hit.name, qualified_name=hit.qualified, symbol_type=hit.kind)
            for hit in self._defined(asked)[: self.most + 1]
        ]  # fmt: skip

    def _file_code(self, asked: ToolArguments) -> list[Record]:
        return [_code(self.search.source(self.reader, self.place, asked.file_path).source)]

    def _structure(self, asked: ToolArguments) -> list[Record]:
        del asked
        return self._nodes("")

    def _folder(self, asked: ToolArguments) -> list[Record]:
        return self._nodes(asked.dir_path)

    def _nodes(self, folder: str) -> list[Record]:
        inside = "/".join(part for part in folder.split("/") if part not in ("", "."))
        listing = self.search.tree(self.reader, self.place, inside)
        return [_node(node) for node in listing.nodes]

    def _file_summary(self, asked: ToolArguments) -> list[Record]:
        defined = self.search.definitions(self.reader, self.place, asked.file_path).symbols
        content = "\n".join(_line(hit) for hit in defined) or "It defines no symbols."
        return [_record("file", content[:_CODE_CHARS], 1.0, file_path=asked.file_path,
                        symbols=len(defined))]  # fmt: skip

    def _defined(self, asked: ToolArguments) -> list[CodeHit]:
        """The definitions of a name, in a file if one is named.

        Raises:
            NotIndexed: There is none.
        """
        name, path = asked.symbol_name, asked.file_path
        if path:
            inside = self.search.definitions(self.reader, self.place, path).symbols
            exact = [hit for hit in inside if _is_named(hit, name)]
        else:
            hits = self.search.by_name(self.reader, self.place, name, _NAMED_MOST + 1).hits
            exact = [hit for hit in hits if hit.match == "exact"]
        if not exact:
            raise NotIndexed("no such symbol in this index")
        return exact


def _is_named(hit: CodeHit, name: str) -> bool:
    """Whether a symbol has a name, of whatever case, with or without what it is inside of."""
    whole, asked = (text.lower().replace("::", ".") for text in (hit.qualified, name))
    forms = {asked, asked.replace("#", ".")}
    return asked == hit.name.lower() or any(f".{whole}".endswith(f".{form}") for form in forms)


def snippets(memory: MemoryService, scope: MemoryScope, query: str, most: int) -> list[Record]:
    """The turns of a user that hold code between fences; one more than so many if there are."""
    hits = memory.search.search(scope, query, domains=_DOMAINS, top_k=_MEMORIES_READ)
    fenced = [hit for hit in hits if _FENCE in hit.content or _FENCE in hit.response]
    return [_snippet(hit) for hit in fenced[: most + 1]]


def symbol_record(hit: CodeHit) -> Record:
    """A symbol, and where it is."""
    return _record(
        "symbol", _line(hit), hit.score, file_path=hit.path, symbol_name=hit.name,
        qualified_name=hit.qualified, symbol_type=hit.kind, signature=hit.signature,
        start_line=hit.first_line, end_line=hit.end_line, language=hit.language, match=hit.match,
    )  # fmt: skip


def tree_of(repo: str, paths: Iterable[str]) -> Record:
    """Paths as nested nodes of `{name, type, path, children}`, folders first.

    What stands deeper than 64 folders is one node by the rest of its path: JSON is nested so far.
    """
    root: dict[str, Any] = {}
    for path in paths:
        *folders, name = path.split("/", _DEEPEST)
        inside = root
        for folder in folders:
            below = inside.get(folder) or {}
            inside[folder] = below
            inside = below
        inside.setdefault(name, None)
    return {"name": repo, "type": "directory", "path": "", "children": _children(root, "")}


def _children(inside: dict[str, Any], prefix: str) -> list[Record]:
    ordered = sorted(inside.items(), key=lambda pair: (pair[1] is None, pair[0]))
    return [
        {"name": name, "type": "file" if below is None else "directory", "path": prefix + name,
         "children": [] if below is None else _children(below, f"{prefix}{name}/")}
        for name, below in ordered
    ]  # fmt: skip


def _distinct(hits: list[CodeHit]) -> list[CodeHit]:
    return list({(hit.path, hit.line, hit.qualified): hit for hit in reversed(hits)}.values())[::-1]


def _line(hit: CodeHit) -> str:
    said = hit.summary or hit.doc.strip().partition("\n")[0]
    text = f"{hit.path}:{hit.line} {hit.kind} {hit.signature or hit.qualified}"
    return (f"{text} - {said}" if said else text)[:_LINE_CHARS]


def _code(excerpt: Excerpt, **metadata: Any) -> Record:
    text = "\n".join(line for _, line in excerpt.lines)
    return _record(
        "code", text[:_CODE_CHARS], 1.0, file_path=excerpt.path, language=excerpt.language,
        start_line=excerpt.first, end_line=excerpt.last, truncated=len(text) > _CODE_CHARS,
        **metadata,
    )  # fmt: skip


def _node(node: TreeNode) -> Record:
    spoken = ", ".join(node.languages)
    content = f"{node.path}{'/' if node.kind == 'folder' else ''}"
    what = (
        f"{node.files} files, {node.bytes} bytes"
        if node.kind == "folder"
        else f"{node.bytes} bytes"
    )
    return _record(
        "directory" if node.kind == "folder" else "file",
        f"{content} ({what}{', ' + spoken if spoken else ''})", 1.0,
        path=node.path, files=node.files, bytes=node.bytes, languages=node.languages,
        skipped=node.skip,
    )  # fmt: skip


def _snippet(hit: MemoryHit) -> Record:
    content = hit.content if _FENCE in hit.content else hit.response
    said_at = hit.said_at.isoformat()
    return _record("snippet", content, hit.score, memory_id=hit.id, said_at=said_at)


def _record(domain: str, content: str, score: float, **metadata: Any) -> Record:
    return {"domain": domain, "content": content, "score": round(score, 4), "metadata": metadata}
