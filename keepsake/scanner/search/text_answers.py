"""Answers of a search in texts: of one repository, or of all that are the reader's own."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from keepsake.scanner.models import Value
from keepsake.scanner.search.answers import (
    IndexOrigin,
    OfRepository,
    UnparsedFile,
    origin,
    repository_of,
)
from keepsake.scanner.search.expressions import SearchDeadline
from keepsake.scanner.search.line_matching import LineHit
from keepsake.scanner.search.path_search import paths_like
from keepsake.scanner.search.query_language import ParsedQuery
from keepsake.scanner.search.text_index import TextIndex
from keepsake.scanner.search.text_search import TextMatches, TextPlace, TextSearch
from keepsake.scanner.store.listing import Key, ListedRepository, RepositoryListing
from keepsake.scanner.store.published import PublishedIndex
from keepsake.scanner.store.readers import IndexReader, RepositoryName

_MOST_LISTED = 50
_SECONDS = 2.0
"""For a page of many repositories; the next one goes on with the others."""
_LAST = 2**31 - 1
UnreadFile = tuple[str, str]
"""A path and a reason."""


class TextCounts(Value):
    """How much matches, and how far that was looked at."""

    line_count: int
    """How many lines match from the first of this page on."""
    file_count: int
    """How many files they are in."""
    counted: bool
    """The counts go to the last match; else there are at least so many."""
    complete: bool
    """All that matches is on this page or on one before: every file was read, in time."""
    unread: list[UnparsedFile]
    """Files that may match and were not read, by path; not all of many."""
    unread_count: int
    """How many they are."""


class TextHits(IndexOrigin, TextCounts):
    """Lines that match: those of code first, then of tests, data, prose and changelogs."""

    hits: list[LineHit]


class RepositoryLineHit(LineHit, OfRepository):
    """A line that matches, and the repository that it is of."""


class RepositoryTextHits(TextCounts):
    """Lines that match in the reader's own repositories, by repository."""

    hits: list[RepositoryLineHit]
    repository_count: int
    """In how many repositories was looked from the first hit of this page on."""


class RepositoryTextPlace(NamedTuple):
    """A line of a repository in the order of answers."""

    org: str
    repo: str
    repository: str
    group: int
    path: str
    line: int

    @classmethod
    def behind(cls, key: Key) -> "RepositoryTextPlace":
        """The place after all lines of a repository."""
        return cls(*key, _LAST, "", _LAST)

    @property
    def key(self) -> Key:
        """The repository's place among others."""
        return self.org, self.repo, self.repository

    @property
    def within(self) -> TextPlace:
        """The place in the repository."""
        return TextPlace(self.group, self.path, self.line)


class TextAnswers:
    """Threads share it."""

    def __init__(self, texts: TextSearch, listing: RepositoryListing) -> None:
        self._texts, self._listing = texts, listing

    def paths(
        self, reader: IndexReader, repository: RepositoryName, query: str, limit: int
    ) -> list[tuple[float, str]]:
        """The paths that fit a query, with how well, best first."""
        text_index = self._texts.index(self._listing.index(reader, repository))
        return [(score, file.path) for score, file in paths_like(text_index, query)[:limit]]

    def of(
        self,
        reader: IndexReader,
        repository: RepositoryName,
        query: ParsedQuery,
        limit: int,
        context: int = 0,
        after: TextPlace | None = None,
    ) -> tuple[TextHits, TextPlace | None]:
        """A page of the lines that match, and where the next one begins after.

        Raises:
            NotIndexed: The reader has no such index.
        """
        index = self._listing.index(reader, repository)
        text_index = self._texts.index(index)
        matches = self._texts.matches(text_index, query, limit, context, after)
        counts = _counts([matches], _unread(text_index, query, matches))
        return TextHits(**origin(index, reader), **counts, hits=matches.hits), matches.more

    def of_all(
        self,
        reader: IndexReader,
        query: ParsedQuery,
        limit: int,
        context: int = 0,
        after: RepositoryTextPlace | None = None,
    ) -> tuple[RepositoryTextHits, RepositoryTextPlace | None]:
        """A page of the lines that match in any of the reader's own repositories."""
        page = _RepositoryPage(reader, query)
        deadline = SearchDeadline.after(_SECONDS)
        for listed in self._listing.from_key(reader, after.key if after else None):
            if not listed.indexes or not query.lets_repository(listed.full_name):
                continue
            index = listed.default
            text_index = self._texts.index(index)
            begin = after.within if after and after.repository == index.repository else None
            room = limit - len(page.hits)
            matches = self._texts.matches(text_index, query, room, context, begin)
            page.take(listed, index, matches, _unread(text_index, query, matches))
            if page.more is None and (len(page.hits) == limit or deadline.passed):
                page.more = RepositoryTextPlace.behind(listed.key)
            if page.more is not None:
                break
        return page.answer(), page.more


class _RepositoryPage:
    """Gathers the matches of repositories."""

    def __init__(self, reader: IndexReader, query: ParsedQuery) -> None:
        self.hits: list[RepositoryLineHit] = []
        self.more: RepositoryTextPlace | None = None
        self._reader, self._query = reader, query
        self._matches: list[TextMatches] = []
        self._unread: list[UnreadFile] = []

    def take(
        self,
        listed: ListedRepository,
        index: PublishedIndex,
        matches: TextMatches,
        unread: Sequence[UnreadFile],
    ) -> None:
        """Add the matches of a repository."""
        whose = repository_of(listed, index)
        self.hits += [RepositoryLineHit(**dict(hit), **whose) for hit in matches.hits]
        self._matches.append(matches)
        self._unread += [(f"{listed.full_name}/{path}", reason) for path, reason in unread]
        if matches.more is not None:
            self.more = RepositoryTextPlace(*listed.key, *matches.more)

    def answer(self) -> RepositoryTextHits:
        """What was gathered."""
        counts = _counts(self._matches, self._unread, cut=self.more is not None)
        return RepositoryTextHits(**counts, hits=self.hits, repository_count=len(self._matches))


def _unread(text_index: TextIndex, query: ParsedQuery, matches: TextMatches) -> list[UnreadFile]:
    """The files that may match and were not looked through, each with the reason."""
    slow = [(path, "took too long") for path in matches.slow]
    return slow + [
        (path, reason)
        for path, language, reason in text_index.unread
        if (query.lets_folder(path) if reason == "submodule" else query.lets_file(path, language))
    ]


def _counts(
    matches: Sequence[TextMatches], unread: Sequence[UnreadFile], *, cut: bool = False
) -> dict[str, Any]:
    """`cut`: there are repositories that were not looked at."""
    more = cut or any(part.more is not None for part in matches)
    return {
        "line_count": sum(part.line_count for part in matches),
        "file_count": sum(part.file_count for part in matches),
        "counted": not cut and all(part.counted for part in matches),
        "complete": not (more or unread),
        "unread": [
            UnparsedFile(path=path, reason=reason) for path, reason in unread[:_MOST_LISTED]
        ],
        "unread_count": len(unread),
    }
