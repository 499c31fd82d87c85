"""The scanner's values: repository, request, ref, progress and result of a scan."""

from hashlib import sha256
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator

from keepsake.scanner.globs import checked_pattern
from keepsake.scanner.ref_names import branch_name, commit_id, tag_name

WORKING_TREE = "working-tree:HEAD"
"""The name of the index of a working tree. No branch can be called so."""
NOWHERE = -1
"""The position of the symbol around a call that stands in none."""
LineRange = tuple[int, int]
"""The first and the last line, from 1."""
_NAME = Field(min_length=1, max_length=300)
Branch = Annotated[str, _NAME, AfterValidator(branch_name)]
Tag = Annotated[str, _NAME, AfterValidator(tag_name)]
Commit = Annotated[str, Field(max_length=64), AfterValidator(commit_id)]
Patterns = Annotated[
    list[Annotated[str, Field(max_length=300), AfterValidator(checked_pattern)]],
    Field(max_length=100),
    AfterValidator(lambda patterns: sorted(set(patterns))),
]
"""Of paths; their order is no difference."""


class Value(BaseModel):
    """A frozen model whose validation errors do not show the input."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Repository(Value):
    """One remote, as one owner sees it."""

    owner: str
    org: str
    repo: str
    url: str
    """What is fetched, without credentials."""

    @property
    def is_folder(self) -> bool:
        """Whether it is one of this machine."""
        return self.url.startswith("file:")

    @property
    def identity(self) -> str:
        """What is the same for all ways to write one URL: `.git` at its end is no difference."""
        return self.url if self.is_folder else f"{_bare(self.url)}.git"

    @property
    def id(self) -> str:
        """The same for the same owner and repository, on every machine."""
        return digest("repository", self.owner, self.identity)

    @property
    def url_variant(self) -> "Repository":
        """The same repository by the other form of its URL: with `.git` at the end, or without.

        A folder has one form.
        """
        if self.is_folder:
            return self
        if self.url != _bare(self.url):
            return self.model_copy(update={"url": _bare(self.url)})
        return self.model_copy(update={"url": self.identity})


class ScanOptions(Value):
    """What a client may choose."""

    embed: StrictBool = True
    """Also make vectors, where an embedder is configured."""
    enrich: StrictBool = True
    """Also write summaries, where an LLM is configured."""
    force: StrictBool = False
    """Parse again what is known already."""


class ScanRequest(Value):
    """What to scan. At most one of branch, tag and commit; none means the default branch."""

    url: str = Field(min_length=1, max_length=2_000)
    branch: Branch | None = None
    tag: Tag | None = None
    commit: Commit | None = None
    include: Patterns = []
    """Read only what one of these fits; without any, all."""
    exclude: Patterns = []
    """Do not read what one of these fits."""
    working_tree: StrictBool = Field(default=False, exclude_if=lambda value: not value)
    """Of a folder: its files as they are, with what is not committed. Left out where it is false,
    so that workers of versions before can read the request."""
    options: ScanOptions = ScanOptions()

    @model_validator(mode="after")
    def _one_ref(self) -> Self:
        named = sum(ref is not None for ref in (self.branch, self.tag, self.commit))
        if named > 1:
            raise ValueError("name a branch, a tag or a commit, not several")
        if named and self.working_tree:
            raise ValueError("a working tree is of what is checked out: name no other")
        return self

    @property
    def globs(self) -> dict[str, list[str]]:
        """What an index is limited to; a scan with others reads the same commit again."""
        return {"include": self.include, "exclude": self.exclude}

    @property
    def ref(self) -> "Ref":
        """What to ask the remote for."""
        for kind in ("branch", "tag", "commit"):
            name = getattr(self, kind)
            if name is not None:
                return Ref(kind=kind, name=name)
        return Ref()


class Ref(Value):
    """A name at the remote: `branch`, `tag`, `commit`, or `default` for what HEAD points at."""

    kind: str = "default"
    name: str = ""


class ResolvedRef(Value):
    """What a ref points at."""

    commit: str
    branch: str
    """The index's name: a branch, `tag:NAME`, `commit:ID` or `working-tree:HEAD`."""
    full_ref: str
    """What to fetch when the host refuses commits by id, such as `refs/heads/main`; or empty."""


class ScanProgress(Value):
    """How far a scan is, in its current stage and altogether."""

    stage: str
    done: int = 0
    total: int | None = None
    unit: str = "files"
    files: int = 0
    partial: int = 0
    failed: int = 0
    symbols: int = 0
    seconds_left: float | None = None
    """To the end of the whole scan; None while that is unknown."""
    note: str = ""


class ScanResult(Value):
    """What a finished scan reports."""

    repository: str
    org: str
    repo: str
    index: str
    branch: str
    commit: str
    dirty: bool = False
    """A working tree that differed from its commit."""
    reused: bool
    """The commit was indexed already: nothing was done."""
    generation: int
    stats: dict[str, Any]
    phase1: str
    phase2: str
    phase2_note: str = ""
    warnings: list[str] = []


def _bare(url: str) -> str:
    return url.removesuffix(".git")


def digest(*parts: str | bytes) -> str:
    """A 128-bit name for the parts, none of which can run into its neighbour."""
    hashed = sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        hashed.update(len(raw).to_bytes(8, "big") + raw)
    return hashed.hexdigest()[:32]
