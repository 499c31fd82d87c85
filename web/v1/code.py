"""`/v1/code`: what XMem's MCP server and browser extension ask of an index, in the envelope."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import Field

from keepsake.scanner import NO_ANSWER, IndexReader, NotIndexed, RepositoryName
from web.deadline_pool import Deadline
from web.dependencies import Memory
from web.edge.auth import Caller, require_scope
from web.edge.body_limits import BoundedRoute
from web.edge.held_requests import LINES, Stream
from web.edge.replies import Envelope
from web.memory.turns import WHOSE, UserId, scope_of
from web.openapi.declared import fails, streams_lines
from web.problems import misfit
from web.scanner.places import Reading
from web.scanner.scanning import Scanning, Scans
from web.v1.chat import V1Question, answer_lines, answered, code_of, hits_of, meant, unreadable
from web.v1.code_tools import (
    LISTED_MOST,
    LISTINGS,
    NEEDED,
    CodeTools,
    Record,
    ToolArguments,
    ToolName,
    snippets,
    symbol_record,
    tree_of,
)
from web.v1.memory import BOUNDED, within
from web.v1.views import Name, V1Named, relevance

router = APIRouter(prefix="/v1/code", tags=["code (v1)"], route_class=BoundedRoute)
_READS = BOUNDED | fails(403, "forbidden") | fails(409, "owner-needed")
_FINDS = _READS | fails(404, "not-indexed")
_REPOSITORIES_MOST = 500
_PATHS_MOST = 50_000


class V1CodeQuestion(V1Question):
    """What to answer, from which index; the answer is the same for all users."""

    user_id: UserId = Field(default="", description="XMem's; code has no users")


class V1ToolCall(V1Named):
    """A tool and what it is asked."""

    tool_name: ToolName = Field(description="Which tool", examples=["search_symbols"])
    tool_args: ToolArguments = Field(
        default=ToolArguments(), description="What it is asked", examples=[{"query": "price"}]
    )
    user_id: UserId = Field(default="", description=f"For `search_snippets`: {WHOSE}")
    top_k: int = Field(default=10, ge=1, le=50)

    def most(self) -> int:
        """How many records are answered."""
        lists_all = self.tool_name in LISTINGS and "top_k" not in self.model_fields_set
        return LISTED_MOST if lists_all else self.top_k


@router.post("/execute-tool", responses=_FINDS)
async def execute_tool(
    body: V1ToolCall, request: Request, caller: Caller, reader: Reading, scans: Scans,
    memory: Memory,
) -> Envelope:  # fmt: skip
    """Call one of eleven tools over an index, or over the caller's own memories."""
    asked, most = body.tool_args, body.most()
    missing = [name for name in NEEDED[body.tool_name] if not getattr(asked, name)]
    if missing:
        raise misfit("body", f"/tool_args/{missing[0]}", f"{body.tool_name} needs it")
    if body.tool_name == "search_snippets":
        require_scope(caller, "memory")

    def found(_: Deadline) -> list[Record]:
        place = _readable(body, reader, scans)
        if body.tool_name == "search_annotations":  # none are kept
            return []
        if body.tool_name == "search_snippets":
            scope = scope_of(caller.owner, body.user_id)
            return snippets(memory, scope, asked.query, most)
        return CodeTools(scans.search, reader, place, most).call(body.tool_name, asked)

    records = await within(request, found)
    return Envelope.of(request, data={"records": records[:most], "truncated": len(records) > most})


@router.post("/query", responses=_READS)
async def query(body: V1CodeQuestion, request: Request, reader: Reading, scans: Scans) -> Envelope:
    """An answer that cites symbols; `confidence` is the best one's score, 0 for no answer."""

    def work(_: Deadline) -> dict[str, Any]:
        place = meant(body, reader, scans)
        hits = hits_of(scans, reader, place, body)
        code = code_of(scans, reader, place, hits)
        answer = "".join(answered(scans.model, body.query, hits.hits, code))
        best = max((relevance(hit.score) for hit in hits.hits), default=0.0)
        return {
            "answer": answer,
            "sources": [symbol_record(hit) for hit in hits.hits],
            "confidence": 0.0 if answer == NO_ANSWER else best,
        }

    return Envelope.of(request, data=await within(request, work))


@router.post(
    "/query_stream",
    response_description="A JSON object a line: `sources`, `chunk`, `done`",
    response_class=StreamingResponse,
    responses=streams_lines() | _READS | fails(429, "too-many-streams"),
)
def query_stream(
    body: V1CodeQuestion, request: Request, caller: Caller, reader: Reading, scans: Scans
) -> Stream:
    """The same answer as it is written: lines of type `sources`, `chunk`, at last `done`."""
    place = meant(body, reader, scans)
    hits = hits_of(scans, reader, place, body)
    sources = {"sources": [symbol_record(hit) for hit in hits.hits]}
    sentences = answered(scans.model, body.query, hits.hits, code_of(scans, reader, place, hits))
    return Stream(answer_lines(sources, sentences), request, caller, LINES)


@router.get("/directory-tree", responses=_READS)
async def directory_tree(
    request: Request, reader: Reading, scans: Scans,
    org_id: Annotated[Name, Query()], repo: Annotated[Name, Query()],
) -> Envelope:  # fmt: skip
    """All files of an index as a tree; at most 50,000, then `truncated` says so."""

    def work(_: Deadline) -> dict[str, Any]:
        place = _readable(V1Named(org_id=org_id, repo=repo), reader, scans)
        paths = scans.search.paths(reader, place, _PATHS_MOST + 1)
        tree = tree_of(repo, paths[:_PATHS_MOST])
        return {"repo": repo, "tree": tree, "truncated": len(paths) > _PATHS_MOST}

    return Envelope.of(request, data=await within(request, work))


@router.get("/repos", responses=BOUNDED)
async def repos(
    request: Request, reader: Reading, scans: Scans, org_id: Annotated[Name, Query()]
) -> Envelope:
    """The names of the caller's indexed repositories of an organisation; the first 500."""

    def work(_: Deadline) -> dict[str, list[str]]:
        after = (org_id, "", "")
        listed, _more = scans.search.listing.page(reader, after, _REPOSITORIES_MOST, shared=False)
        own = {each.record["repo"] for each in listed if each.record["org"] == org_id}
        return {"repos": sorted(own)}

    return Envelope.of(request, data=await within(request, work))


@router.get("/file-content", responses=_FINDS)
async def file_content(
    request: Request, reader: Reading, scans: Scans,
    org_id: Annotated[Name, Query()], repo: Annotated[Name, Query()],
    file_path: Annotated[
        str,
        Query(
            min_length=1, max_length=1_024, description="The file's path", examples=["app/main.py"]
        ),
    ],
) -> Envelope:  # fmt: skip
    """The text of a file as it was indexed."""

    def work(_: Deadline) -> dict[str, str]:
        place = _readable(V1Named(org_id=org_id, repo=repo), reader, scans)
        lines = scans.search.source(reader, place, file_path).source.lines
        return {"file_path": file_path, "content": "\n".join(text for _, text in lines)}

    return Envelope.of(request, data=await within(request, work))


def _readable(named: V1Named, reader: IndexReader, scans: Scanning) -> RepositoryName:
    """The index that a name means.

    Raises:
        Problem: 403, when there is none that the reader may search.
    """
    place = meant(named, reader, scans)
    try:
        scans.search.listing.index(reader, place)
    except NotIndexed as error:
        raise unreadable() from error
    return place
