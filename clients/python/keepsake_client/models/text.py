"""Lines that match a search in texts."""

from pydantic import Field

from keepsake_client.models import Record
from keepsake_client.models.code import OfIndex, UnparsedFile


class LineHit(Record):
    """A line that matches, as `source` shows it.

    text: the line, or of a long one a part that begins after `offset` characters. ranges: of each
    match the first character, counted from 0 in the line, and the one after its last. The last
    four fields are set where all repositories were searched.
    """

    path: str
    language: str = ""
    line: int
    text: str
    offset: int = 0
    ranges: list[tuple[int, int]] = Field(default_factory=list)
    before: list[str] = Field(default_factory=list)
    after: list[str] = Field(default_factory=list)
    org: str = ""
    repo: str = ""
    host: str = ""
    branch: str = ""


class TextHits(OfIndex):
    """Lines that match, and how many there are from the first of this page on.

    counted: the counts go to the last match. complete: nothing is left out; else there is a
    `next_page_token`, or `unread` has files that may match, some of `unread_count`.
    """

    hits: list[LineHit]
    line_count: int = 0
    file_count: int = 0
    repository_count: int = 1
    counted: bool = False
    complete: bool = False
    unread: list[UnparsedFile] = Field(default_factory=list)
    unread_count: int = 0
    next_page_token: str | None = None
