"""What searches answer: hits, uses, impacts, sources, and which index they are of."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from keepsake.scanner.models import LineRange, Value
from keepsake.scanner.store.listing import ListedRepository
from keepsake.scanner.store.published import PublishedIndex
from keepsake.scanner.store.readers import IndexReader

NO_ANSWER = "Nothing in this index answers that."
_TOLD = 5


class Snippet(Value):
    """Lines of code that come with a hit or a use."""

    first: int
    text: str
    missing: str | None
    """Why there are none; None when they are there."""


class CodeHit(Value):
    """A symbol that was found, and how."""

    path: str
    line: int
    """Where its name stands."""
    first_line: int
    """Where it begins, with its decorators, annotations or attributes."""
    end_line: int
    kind: str
    name: str
    qualified: str
    signature: str
    doc: str
    language: str
    exported: bool
    score: float
    match: str
    """`exact`, `prefix`, `parts`, `fuzzy`; `lexical`, `semantic` or `hybrid`; `text` or `path`."""
    summary: str = ""
    """By a language model; empty without one."""
    snippet: Snippet | None = None
    """Its first lines, where they were asked for."""
    best_line: int | None = None
    """The line in it that fits best, where its text was looked through."""


class Use(Value):
    """A place that uses a name or imports a file. `confidence` says how sure it is."""

    path: str
    line: int
    symbol: str
    """The qualified name of the symbol around it; empty at the top of a file."""
    text: str
    kind: str
    """`call`, `value`, `type`, `inherit`, `import` or `re-export`; `definition` of a method that
    implements another."""
    confidence: str
    """`one definition`, `ambiguous` where there are several, or `name only` where there is none. Of
    an import what its language says it means: `resolved`, `ambiguous` where that is a guess, or
    `name only` where it is nothing in the index."""
    snippet: Snippet | None = None
    """The lines around it, where they were asked for."""


class UnparsedFile(Value):
    """A file that may have the name that was asked for, where no use of it would be known."""

    path: str
    reason: str
    """`no grammar`, `partial`, `truncated`, `not parsed`, `unreadable manifest` (imports that it
    explains are not resolved), `other name` (it imports it as a default), or why the scan skipped
    it."""


class Impact(Value):
    """What may change when something changes, nearest first."""

    path: str
    symbol: str
    distance: int
    through: str
    """The name by which it reaches what changes."""
    confidence: str
    """Of this step: `one definition`; `imported`, of several definitions the one that the file has
    or imports; `ambiguous`; `resolved` for an import, `ambiguous` for one that is a guess; or
    `name only`."""


class TreeNode(Value):
    """A file, or a folder with what is below it."""

    path: str
    kind: str
    """`file` or `folder`."""
    files: int
    bytes: int
    languages: dict[str, int]
    skip: str | None = None
    """Why a file was listed and not read; of its name, its size or its content."""
    read_as: str | None = None
    """Of a file that was read: by a `grammar`, by `patterns`, by `headings` or in `chunks`."""
    partial: tuple[LineRange, ...] = ()
    """Of a file: the lines that its grammar could not read."""


class Excerpt(Value):
    """Lines of a file; `lines` pairs each number with its text."""

    path: str
    language: str
    first: int
    last: int
    total: int
    lines: list[tuple[int, str]]
    partial: tuple[LineRange, ...] = ()
    """As in `TreeNode`, of the whole file."""


def hit(
    symbol: Mapping[str, Any], path: str, language: str, *, score: float, match: str
) -> CodeHit:
    """A stored symbol as a hit."""
    fields = ("line", "first_line", "end_line", "kind", "name", "qualified", "signature", "doc",
              "exported")  # fmt: skip
    values = {field: symbol[field] for field in fields}
    return CodeHit(path=path, language=language, score=round(score, 4), match=match, **values)


class IndexOrigin(Value):
    """Which index answers: hosts may have repositories of one name, and owners may share them."""

    owner: str
    """Whose it is."""
    own: bool
    """Whether that is the caller."""
    host: str
    branch: str
    commit: str


def origin(index: PublishedIndex, reader: IndexReader) -> dict[str, Any]:
    """The fields of an answer that say which index answers."""
    return {
        "owner": index.owner, "own": index.owner == reader.owner, "host": index.host,
        "branch": index.branch, "commit": index.current["commit"],
    }  # fmt: skip


class OfRepository(Value):
    """Which repository something is of, where several are searched."""

    org: str
    repo: str
    host: str
    branch: str
    commit: str


def repository_of(listed: ListedRepository, index: PublishedIndex) -> dict[str, str]:
    """The fields of something that say which repository it is of."""
    return {
        "org": listed.record["org"], "repo": listed.record["repo"], "host": index.host,
        "branch": index.branch, "commit": index.current["commit"],
    }  # fmt: skip


class SymbolHits(IndexOrigin):
    """Symbols, best first."""

    hits: list[CodeHit]
    semantic: float = 0.0
    """The share of symbols that have vectors, from 0 to 1; without any, meaning is lexical."""
    truncated: bool = False
    """A name is so common that not every place of it was looked at."""


class StructureAnswer(IndexOrigin):
    """What was found by structure, and what was not looked at."""

    truncated: bool = False
    """There are more of them, or there may be."""
    complete: bool
    """Nothing was left out: every file that has the name was parsed whole."""
    how: str
    """How it was found."""
    unparsed: list[UnparsedFile]
    """Files that may have the name and were not parsed whole, code first; not all of many."""
    unparsed_count: int
    """How many they are."""


class UseList(StructureAnswer):
    """Places in the code, by path and line."""

    uses: list[Use]


class ImpactList(StructureAnswer):
    """What may change too, nearest first."""

    impacts: list[Impact]


class Definitions(IndexOrigin):
    """The symbols of a file, from top to bottom."""

    symbols: list[CodeHit]
    partial: tuple[LineRange, ...] = ()
    """As in `TreeNode`: what stands there may be missing."""


class FolderListing(IndexOrigin):
    """What is right inside a folder, or the files below it that were not read whole."""

    nodes: list[TreeNode]
    truncated: bool = False
    """There are more files that were not read whole."""


class SymbolPlace(Value):
    """Where a symbol of some name is defined."""

    path: str
    line: int
    qualified: str


class SourceView(IndexOrigin):
    """Text with its place."""

    source: Excerpt
    others: tuple[SymbolPlace, ...] = ()
    """Further definitions of a symbol that was asked for without its file; some of many."""


def answer_by_hits(hits: Sequence[CodeHit]) -> Iterator[str]:
    """The best hits as sentences, one at a time; `[n]` is the nth hit."""
    if not hits:
        yield NO_ANSWER
    for number, hit in enumerate(hits[:_TOLD], 1):
        yield f"{_sentence(hit)} [{number}]\n"


def _sentence(hit: CodeHit) -> str:
    """What a symbol is, where, and what its author says of it."""
    place = f"{hit.path}:{hit.line}"
    said = hit.doc.strip().split("\n\n")[0].replace("\n", " ")
    what = f"`{hit.qualified or hit.name}` ({hit.kind}, {place})"
    return f"{what}: {said or hit.signature}"
