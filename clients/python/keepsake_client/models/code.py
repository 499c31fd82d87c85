"""Repositories, and what is found in their code."""

from datetime import datetime
from typing import Any

from pydantic import Field

from keepsake_client.models import Record


class Scanned(Record):
    """What a scan gave. reused: the commit was indexed already, so nothing was done.

    dirty: a working tree that differed from its commit.
    stats: counts; of files `parsed`, those with lines that no grammar could read are `partial`.
    """

    repository: str
    org: str
    repo: str
    index: str
    branch: str
    commit: str
    dirty: bool = False
    reused: bool = False
    generation: int = 0
    stats: dict[str, Any] = Field(default_factory=dict)
    phase1: str = ""
    phase2: str = ""
    phase2_note: str = ""
    warnings: list[str] = Field(default_factory=list)


class Estimate(Record):
    """What a scan would read, and about how long it would take."""

    org: str
    repo: str
    branch: str
    commit: str
    files: int
    languages: dict[str, int]
    skipped: dict[str, int] = Field(default_factory=dict)
    changed: int = 0
    size_bytes: int | None = None
    symbols: int | None = None
    seconds: float | None = None
    stages: dict[str, float] = Field(default_factory=dict)
    scans: int = 0


class Phase(Record):
    """How far one phase of a repository is."""

    status: str
    note: str = ""


class Index(Record):
    """One branch, tag, commit or working tree that can be searched.

    dirty: a working tree that differed from its commit.
    """

    branch: str
    commit: str
    dirty: bool = False
    published_at: datetime
    files: int
    symbols: int
    languages: dict[str, int]


class Sharing(Record):
    """Who else may search a repository's indexes."""

    organisations: list[str] = Field(default_factory=list)
    owners: list[str] = Field(default_factory=list)
    everyone: bool = False


class Access(Record):
    """How scans of a repository reach its host.

    kept_at: when it was given its token. refused_at: when the host refused what scans use now.
    waiting: how many scans begin once there is a new token.
    """

    kept_at: datetime | None = None
    refused_at: datetime | None = None
    waiting: int = 0


class Repository(Record):
    """A repository, its newest scan and its indexes."""

    host: str
    org: str
    repo: str
    url: str
    owner: str
    own: bool
    shared_with: str | None = None
    phase1: Phase
    phase2: Phase
    error: str | None = None
    elapsed_seconds: float = 0
    default_branch: str | None = None
    job_id: str | None = None
    indexes: list[Index] = Field(default_factory=list)
    sharing: Sharing | None = None
    access: Access | None = None


class Resumed(Record):
    """A repository whose access was changed; `job_ids` are the scans that had waited for it."""

    repository: Repository
    job_ids: list[str] = Field(default_factory=list)


class RepositoryPage(Record):
    """Some repositories."""

    repositories: list[Repository]
    next_page_token: str | None = None


class Removed(Record):
    """What went, by kind."""

    deleted: dict[str, int]


class Snippet(Record):
    """Lines of code that come with a hit or a use; `missing` says why there are none."""

    first: int
    text: str = ""
    missing: str | None = None


class Symbol(Record):
    """A definition in code. match: how it was found, such as `exact`, `fuzzy` or `semantic`."""

    path: str
    line: int
    """Of its name."""
    first_line: int = 0
    """Where it begins, with its decorators or attributes."""
    end_line: int
    kind: str
    name: str
    qualified: str = ""
    signature: str = ""
    doc: str = ""
    language: str = ""
    exported: bool = False
    score: float = 0
    match: str = ""
    summary: str = ""
    snippet: Snippet | None = None
    best_line: int | None = None
    org: str = ""
    """Of a search in all repositories, with `repo`, `host` and `branch`."""
    repo: str = ""
    host: str = ""
    branch: str = ""


class Use(Record):
    """A place that uses a name or imports a file; `confidence` says how sure that is.

    kind: `call`, `value`, `type`, `inherit`, `import` or `re-export`; `definition` of a method that
    implements another.
    """

    path: str
    line: int
    symbol: str = ""
    text: str = ""
    kind: str = ""
    confidence: str = ""
    snippet: Snippet | None = None


class Impact(Record):
    """What may change when something changes."""

    path: str
    symbol: str = ""
    distance: int
    through: str = ""
    confidence: str = ""


class TreeNode(Record):
    """A file, or a folder with what is below it; `skip` says why a file was not read.

    partial: ranges of lines that the grammar could not read.
    read_as: of a file that was read, by a `grammar`, by `patterns`, by `headings` or in `chunks`.
    """

    path: str
    kind: str
    files: int = 0
    bytes: int = 0
    languages: dict[str, int] = Field(default_factory=dict)
    skip: str | None = None
    read_as: str | None = None
    partial: list[tuple[int, int]] = Field(default_factory=list)


class Excerpt(Record):
    """Lines of a file; `lines` pairs each number with its text.

    partial: ranges of lines of the whole file that the grammar could not read.
    """

    path: str
    language: str = ""
    first: int
    last: int
    total: int
    lines: list[tuple[int, str]]
    partial: list[tuple[int, int]] = Field(default_factory=list)

    @property
    def text(self) -> str:
        """The lines without their numbers."""
        return "\n".join(line for _, line in self.lines)


class OfIndex(Record):
    """Which index answers."""

    owner: str = ""
    own: bool = True
    host: str = ""
    branch: str = ""
    commit: str = ""


class SymbolHits(OfIndex):
    """Symbols and files, best first. semantic: the share of symbols that have vectors."""

    hits: list[Symbol]
    next_page_token: str | None = None
    semantic: float = 0
    truncated: bool = False


class UnparsedFile(Record):
    """A file that may have a name, where no use of it would be known, and why."""

    path: str
    reason: str = ""


class ByStructure(OfIndex):
    """What was found by structure; truncated: there may be more of it.

    complete: every file that has the name was parsed whole, and nothing was left out. Else
    `unparsed` has files to look into, some of many, and `unparsed_count` says how many there are.
    """

    truncated: bool = False
    complete: bool = False
    how: str = ""
    unparsed: list[UnparsedFile] = Field(default_factory=list)
    unparsed_count: int = 0


class Uses(ByStructure):
    """Places in the code, by path and line; `next_page_token` where `references` has more."""

    uses: list[Use]
    next_page_token: str | None = None


class Impacts(ByStructure):
    """What may change too, nearest first."""

    impacts: list[Impact]


class Definitions(OfIndex):
    """The symbols of a file, from top to bottom; some may be missing in the `partial` lines."""

    symbols: list[Symbol]
    partial: list[tuple[int, int]] = Field(default_factory=list)


class Folder(OfIndex):
    """What is right inside a folder, or the files below it that were not read whole."""

    nodes: list[TreeNode]
    truncated: bool


class SymbolPlace(Record):
    """Where a symbol is defined."""

    path: str
    line: int
    qualified: str = ""


class Source(OfIndex):
    """Text with its place; `others` are further symbols of the name that was asked for."""

    source: Excerpt
    others: list[SymbolPlace] = Field(default_factory=list)
