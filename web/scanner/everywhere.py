"""`/v2/scanner/search` and `/text`: searches in all of the caller's own repositories."""

from fastapi import APIRouter

from keepsake.scanner import RepositoryHits, RepositoryTextHits, RepositoryTextPlace
from web.dependencies import Code
from web.edge.body_limits import BoundedRoute
from web.pages import Paging
from web.scanner.places import Reading
from web.scanner.queries import Asked, Context, HitLimit, PageSize, PageToken, QueryText, Wanted

router = APIRouter(prefix="/v2/scanner", tags=["scanner"], route_class=BoundedRoute)
_PLACE = (str, str, str, int, str, int)


class RepositorySearchPage(RepositoryHits):
    """Some symbols and files of several repositories, best first."""

    next_page_token: str | None


@router.get("/search")
def search_all(
    asked: Asked,
    reader: Reading,
    code: Code,
    pages: Paging,
    limit: HitLimit = 20,
    page_token: PageToken = "",
) -> RepositorySearchPage:
    """What fits a name, a path or a question in the caller's own repositories, as one's `/search`.

    Of each the default branch is searched.
    """
    begin = pages.parts(page_token, (int,), asked)[0] if page_token else 0
    answer, more = code.everywhere.hits(reader, asked.query, limit, begin)
    token = pages.token((begin + limit,), asked) if more else None
    return RepositorySearchPage(**dict(answer), next_page_token=token)


class RepositoryTextPage(RepositoryTextHits):
    """Some lines that match, by repository."""

    next_page_token: str | None


@router.get("/text")
def search_all_text(
    wanted: Wanted,
    q: QueryText,
    reader: Reading,
    code: Code,
    pages: Paging,
    context: Context = 0,
    page_size: PageSize = 50,
    page_token: PageToken = "",
) -> RepositoryTextPage:
    """The lines that match in all of the caller's own repositories, by repository."""
    after = None
    if page_token:
        after = RepositoryTextPlace(*pages.parts(page_token, _PLACE, q))
    answer, last = code.texts.of_all(reader, wanted, page_size, context, after)
    token = pages.token(last, q) if last else None
    return RepositoryTextPage(**dict(answer), next_page_token=token)
