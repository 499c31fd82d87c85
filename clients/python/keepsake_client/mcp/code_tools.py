"""Tools of code: scan a repository, search it, find references, read it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from keepsake_client.mcp.calls import Call
from keepsake_client.mcp.code_search import search_code
from keepsake_client.mcp.indexes import (
    CodeResult,
    RepositoryArguments,
    SnippetLines,
    code_of,
    of_index,
)
from keepsake_client.mcp.job_tools import require_no_failure
from keepsake_client.mcp.results import (
    MaxTokens,
    ToolResult,
    fitted,
    shortened,
)
from keepsake_client.mcp.tools import Arguments, WaitSeconds, reads, writes
from keepsake_client.models.code import Uses

Glob = Annotated[str, Field(max_length=300)]
_NOT_COVERED = (
    "Found are uses by name in this repository, and imports of its files. Not covered: names in "
    "strings, by reflection or from other repositories; the files in `unparsed`, which may have "
    "the name. `confidence` says how sure each use is. Unless `complete` is true, an empty answer "
    "is no proof that nothing uses it."
)
_MOST_USES = 500
_MOST_UNPARSED = 10


class ScanArguments(Arguments):
    """What to scan."""

    url: str = Field(
        min_length=1, max_length=2_000,
        description="Where it is cloned from: `https://github.com/pallets/click`",
    )  # fmt: skip
    branch: str = Field(default="", max_length=255, description="The default branch if left out")
    include: list[Glob] = Field(
        default_factory=list, max_length=100,
        description="Read only files that fit one of these, as in a .gitignore: `src/**`, `*.py`",
    )  # fmt: skip
    exclude: list[Glob] = Field(
        default_factory=list, max_length=100, description="Leave out files that fit one of these"
    )
    working_tree: bool = Field(
        default=False,
        description="Of a folder on the service's machine (`url` is its path): its files as they "
        "are, also what is not committed. Search it with `branch` `working-tree:HEAD`",
    )
    wait_seconds: WaitSeconds = 50


class ReferenceArguments(RepositoryArguments):
    """What is used: a name, or a file."""

    name: str = Field(default="", max_length=500, description="A function, method or class")
    path: str = Field(default="", max_length=4_096, description="A file, for who imports it")
    kind: Literal[
        "any", "call", "value", "type", "inherit", "import", "re-export", "subclass",
        "implementation",
    ] = Field(
        default="any",
        description="Of a name, only uses of this kind; `subclass`: types that inherit from it, "
        "also through others; `implementation`: also methods that implement it",
    )  # fmt: skip
    snippets: SnippetLines = 0
    max_tokens: MaxTokens = 2_000

    @model_validator(mode="after")
    def _one_of_two(self) -> "ReferenceArguments":
        if bool(self.name) == bool(self.path):
            raise ValueError("give either `name` or `path`")
        return self


class ScanResult(ToolResult):
    """Where a scan stands."""

    job_id: str
    status: str
    note: str = ""
    repository: str = Field(default="", description="The name by which it is searched")
    branch: str = ""
    commit: str = ""
    reused: bool = Field(default=False, description="This commit was indexed already")
    files: int | None = None
    symbols: int | None = None
    partial: int | None = Field(
        default=None, description="Files with lines that their language's grammar could not read"
    )
    warnings: list[str] = Field(default_factory=list)


class PossibleUser(ToolResult):
    """A file that may have the name."""

    path: str
    reason: str


class Reference(ToolResult):
    """A place that uses a name or imports a file."""

    path: str
    line: int
    symbol: str = Field(default="", description="What it stands in")
    text: str = ""
    kind: str = ""
    confidence: str = ""
    code: str | None = Field(default=None, description="The lines around it, if asked for")


class ReferencesResult(CodeResult):
    """Where something is used, by path and line."""

    references: list[Reference]
    complete: bool = Field(description="Every file that has the name was parsed whole")
    unparsed: list[PossibleUser] = Field(description="Files that may have the name; look there too")
    unparsed_count: int
    not_covered: str = Field(default=_NOT_COVERED, description="What this cannot find")


async def scan_repository(call: Call, given: ScanArguments) -> ScanResult:
    """Make a git repository searchable, so that search_code, find_references and read_code know it.

    It takes seconds to minutes; scanned again, only what changed is read. Private repositories are
    scanned by the HTTP API, which takes a token; never put one into a URL here.
    """
    job = await call.run(
        call.client.code.scan(
            given.url,
            branch=given.branch or None,
            include=given.include or None,
            exclude=given.exclude or None,
            working_tree=given.working_tree or None,
            idempotency_key=call.idempotency_key,
        ),
        given.wait_seconds,
    )
    require_no_failure(job.info)
    if not job.info.ended:
        note = "It goes on; ask `job_status` with this job_id."
        return ScanResult(job_id=job.id, status=job.status, note=note)
    scanned = await job.result()
    return ScanResult(
        job_id=job.id, status=job.status, repository=f"{scanned.org}/{scanned.repo}",
        branch=scanned.branch, commit=scanned.commit, reused=scanned.reused,
        files=scanned.stats.get("files"), symbols=scanned.stats.get("symbols"),
        partial=scanned.stats.get("partial"),
        warnings=scanned.warnings[:20],
    )  # fmt: skip


async def find_references(call: Call, given: ReferenceArguments) -> ReferencesResult:
    """Find what uses a name, inherits from or implements it, or imports a file.

    Uses are calls, values, types, bases, imports and re-exports in a scanned repository. `unparsed`
    has files that may have the name too, `not_covered` says what such a search cannot see.
    """
    found = await _uses(call, given)
    references = [
        Reference(path=use.path, line=use.line, symbol=use.symbol, kind=use.kind,
                  text=shortened(use.text, given.max_tokens), confidence=use.confidence,
                  code=code_of(use.snippet, given.max_tokens))
        for use in found.uses
    ]  # fmt: skip
    unparsed = [
        PossibleUser(path=shortened(file.path, given.max_tokens), reason=file.reason)
        for file in found.unparsed[:_MOST_UNPARSED]
    ]
    return fitted(
        references,
        given.max_tokens,
        lambda shown, left_out: ReferencesResult(
            **of_index(found), left_out=left_out, references=shown, unparsed=unparsed,
            complete=found.complete and not left_out, unparsed_count=found.unparsed_count,
        ),
    )  # fmt: skip


async def _uses(call: Call, given: ReferenceArguments) -> Uses:
    """All that is asked for, as far as an answer holds it."""
    code, place, lines = call.client.code, given.place, given.snippets or None
    if given.path:
        return await code.importers(place, given.path, snippets=lines)
    if given.kind == "subclass":
        return await code.subclasses(place, given.name, snippets=lines)
    if given.kind == "implementation":
        return await code.implementations(place, given.name, snippets=lines)
    kinds = None if given.kind == "any" else [given.kind]
    page = await code.references(
        place, given.name, kinds=kinds, page_size=_MOST_USES, snippets=lines
    )
    whole = page.complete and page.next_page_token is None
    return page.model_copy(update={"complete": whole})


CODE_TOOLS = (
    writes(scan_repository, "Scan a repository", destroys=False, repeatable=True, outside=True),
    reads(search_code, "Search code"),
    reads(find_references, "Find references"),
)
