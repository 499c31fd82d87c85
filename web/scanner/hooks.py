"""`/v2/scanner/hooks`: where git hosts tell of pushes, so that what they push to is scanned."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from keepsake.scanner import ForbiddenSource, HookHost, Patterns, ScanOptions, ScanRequest
from keepsake.storage import Document, Unfenced
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.openapi.declared import fails
from web.pages import Paging
from web.problems import Problem, misfit
from web.scanner.scanning import Scanning, Scans, refused

router = APIRouter(prefix="/v2/scanner/hooks", tags=["scanner"], route_class=BoundedRoute)
HOOKS_MOST = 100
HookId = Annotated[
    str, Path(max_length=100, description="The hook's id", examples=["hook_01m86fbp9vvy47efjw"])
]


class HookBody(BaseModel):
    """Whose pushes to a repository are to be scanned, and what of it is read."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [{"url": "https://github.com/pallets/click", "git_host": "github"}]
        },
    )

    url: str = Field(min_length=1, max_length=2_000)
    git_host: HookHost = Field(description="Whose deliveries it takes; Forgejo's are Gitea's")
    include: Patterns = []
    exclude: Patterns = []
    options: ScanOptions = ScanOptions()


class DeliveryView(BaseModel):
    """What the last delivery came to that was signed."""

    at: datetime
    event: str = Field(description="As its host calls it", examples=["push"])
    outcome: str = Field(
        description="`accepted`, `joined`, `waiting`, `known`, `deleted`, `repeated` or `ignored`",
        examples=["accepted"],
    )
    reason: str = Field(description="Why no scan began; empty when one did", examples=[""])
    job_id: str | None = Field(description="The scan that it began, or that will see its push")


class HookView(BaseModel):
    """A hook, without its secret."""

    hook_id: str = Field(description="Its id", examples=["hook_01m86fbp9vvy47efjw"])
    git_host: HookHost = Field(description="Whose deliveries it takes")
    url: str = Field(description="The repository that is scanned, whatever a delivery names")
    path: str = Field(
        description="Where deliveries go, below this service's address",
        examples=["/v2/scanner/hooks/github/hook_01m86fbp9vvy47efjw"],
    )
    include: list[str]
    exclude: list[str]
    created_at: datetime
    last_delivery: DeliveryView | None = Field(
        description="The last one that was signed; null before", examples=[None]
    )


class NewHook(HookView):
    """A new hook, and its secret, which is not shown again."""

    secret: str = Field(
        description="For the host's form: GitHub's and Gitea's `Secret`, GitLab's `Secret token` "
        "or `Signing token`",
        examples=["whsec_shown-this-once"],
    )


class HookPage(BaseModel):
    """Some of the caller's hooks, the oldest first."""

    hooks: list[HookView] = Field(description="The hooks of this page")
    next_page_token: str | None


class HookFilter(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    page_size: int = Field(default=50, ge=1, le=HOOKS_MOST)
    page_token: str = Field(default="", max_length=5_000)


@router.post("", status_code=status.HTTP_201_CREATED, responses=fails(503, "vault-closed"))
def create_hook(body: HookBody, caller: Caller, scans: Scans) -> NewHook:
    """Make a hook: give its address and its secret to the git host, for pushes, as JSON."""
    if len(scans.hooks.of(caller.owner, None, HOOKS_MOST)) == HOOKS_MOST:
        raise misfit("body", "", f"At most {HOOKS_MOST} hooks are kept; delete one")
    record, secret = _made(body, caller.owner, scans)
    return NewHook(**_fields(record), secret=secret)


@router.get("")
def list_hooks(
    caller: Caller, scans: Scans, pages: Paging, page: Annotated[HookFilter, Query()]
) -> HookPage:
    """The caller's hooks, and what came of their last deliveries."""
    after = pages.parts(page.page_token, (str,))[0] if page.page_token else None
    listed = scans.hooks.of(caller.owner, after, page.page_size + 1)
    shown = listed[: page.page_size]
    more = pages.token([shown[-1]["_id"]]) if len(listed) > len(shown) else None
    return HookPage(hooks=[HookView(**_fields(hook)) for hook in shown], next_page_token=more)


@router.delete("/{hook_id}", status_code=204)
def delete_hook(hook_id: HookId, caller: Caller, scans: Scans) -> None:
    """End a hook and forget its secret; its host's deliveries are refused from now on."""
    if not scans.hooks.delete(caller.owner, hook_id):
        raise Problem(404, "hook-not-found", "There is no such hook.")


def _made(body: HookBody, owner: str, scans: Scanning) -> tuple[Document, str]:
    request = ScanRequest(**body.model_dump(exclude={"git_host"}))
    try:
        repository = scans.source(body.url, owner)
        scans.search.indexes.register(repository, Unfenced())
        return scans.hooks.create(repository, body.git_host, request)
    except ForbiddenSource as error:
        raise refused(error) from error


def _fields(hook: Document) -> dict[str, Any]:
    request = hook["request"]
    return {
        "hook_id": hook["_id"],
        "path": f"{router.prefix}/{hook['git_host']}/{hook['_id']}",
        "last_delivery": {**hook["last"], "at": hook["last_at"]} if hook["last"] else None,
        **{name: hook[name] for name in ("git_host", "created_at")},
        **{name: request[name] for name in ("url", "include", "exclude")},
    }
