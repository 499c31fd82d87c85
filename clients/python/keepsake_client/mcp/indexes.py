"""Which index a tool of code asks, and which one answers."""

from typing import Annotated

from pydantic import Field

from keepsake_client.mcp.results import LEFT_OUT, StoredData, shortened
from keepsake_client.mcp.tools import Arguments
from keepsake_client.models.code import OfIndex, Snippet
from keepsake_client.places import Place

SnippetLines = Annotated[
    int, Field(ge=0, le=50, description="How many lines of code come with each; none for 0")
]

REPOSITORY = r"^[\w.\-]*\w[\w.\-]*(/[\w.\-]*\w[\w.\-]*)+$"
"""How a repository's name is written."""


class RepositoryArguments(Arguments):
    """Which repository."""

    repository: str = Field(
        max_length=500,
        pattern=REPOSITORY,
        description="Its name at its host, such as `pallets/click`",
    )
    branch: str = Field(default="", max_length=255, description="If several were scanned")
    host: str = Field(default="", max_length=255, description="If several hosts have this name")

    @property
    def place(self) -> Place:
        """The repository as the client names it."""
        return Place(self.repository, host=self.host or None, branch=self.branch or None)


class CodeResult(StoredData):
    """What was found in one index of a repository."""

    branch: str
    commit: str
    left_out: int = Field(description=LEFT_OUT)


def of_index(found: OfIndex) -> dict[str, str]:
    """The fields of a result that say which index answers."""
    return {"branch": found.branch, "commit": found.commit}


def code_of(snippet: Snippet | None, max_tokens: int) -> str | None:
    """The lines of code that came with a hit, if they were asked for."""
    return shortened(snippet.text, max_tokens) if snippet and not snippet.missing else None
