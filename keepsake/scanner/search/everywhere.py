"""The joined search in all repositories that are the reader's own."""

from operator import attrgetter

from keepsake.scanner.models import Value
from keepsake.scanner.search.answers import CodeHit, OfRepository, repository_of
from keepsake.scanner.search.expressions import SearchDeadline
from keepsake.scanner.search.joined import JoinedSearch
from keepsake.scanner.search.query_language import ParsedQuery
from keepsake.scanner.store.listing import RepositoryListing
from keepsake.scanner.store.readers import IndexReader

_SECONDS = 5.0


class RepositoryHit(CodeHit, OfRepository):
    """A symbol or a file that was found, and the repository that it is of."""


class RepositoryHits(Value):
    """Symbols and files of several repositories, best first."""

    hits: list[RepositoryHit]
    repository_count: int
    """In how many repositories was looked."""
    complete: bool
    """Whether that were all of them; there was no time for others else."""


class EverywhereSearch:
    """Threads share it."""

    def __init__(self, joined: JoinedSearch, listing: RepositoryListing) -> None:
        self._joined, self._listing = joined, listing

    def hits(
        self, reader: IndexReader, query: ParsedQuery, limit: int, begin: int = 0
    ) -> tuple[RepositoryHits, bool]:
        """A page of what fits in any repository, and whether there is more.

        Of each the default branch is searched. What fits a repository better than others do counts
        more.
        """
        found: list[RepositoryHit] = []
        count, deadline = 0, SearchDeadline.after(_SECONDS)
        complete = True
        for listed in self._listing.from_key(reader, None):
            if not listed.indexes or not query.lets_repository(listed.full_name):
                continue
            if deadline.passed:
                complete = False
                break
            index, count = listed.default, count + 1
            ranked, whose = self._joined.ranked(index, query), repository_of(listed, index)
            found += [
                RepositoryHit(**dict(hit) | {"score": round(hit.score * ranked.sure, 4)}, **whose)
                for hit in ranked.hits
            ]
        found.sort(key=attrgetter("score"), reverse=True)
        shown = found[begin : begin + limit]
        answer = RepositoryHits(hits=shown, repository_count=count, complete=complete)
        return answer, len(found) > begin + limit
