"""`/v2/scanner/repositories/{org}/{repo}/text`: the lines of an index that match."""

from fastapi import APIRouter

from keepsake.scanner import TextHits, TextPlace
from web.dependencies import Code
from web.edge.body_limits import BoundedRoute
from web.pages import Paging
from web.scanner.places import Indexed, Reading
from web.scanner.queries import Context, PageSize, PageToken, QueryText, Wanted

router = APIRouter(
    prefix="/v2/scanner/repositories/{org}/{repo}", tags=["scanner"], route_class=BoundedRoute
)
_PLACE = (int, str, int)


class TextPage(TextHits):
    """Some lines that match."""

    next_page_token: str | None


@router.get("/text")
def search_text(
    place: Indexed,
    wanted: Wanted,
    q: QueryText,
    reader: Reading,
    code: Code,
    pages: Paging,
    context: Context = 0,
    page_size: PageSize = 50,
    page_token: PageToken = "",
) -> TextPage:
    """The lines that match, of the files that hold all that is asked for, as `source` shows them.

    An expression is one of RE2, within a line. Case makes no difference without `case:yes`.
    """
    bound = (place, q)
    after = TextPlace(*pages.parts(page_token, _PLACE, *bound)) if page_token else None
    answer, last = code.texts.of(reader, place, wanted, page_size, context, after)
    token = pages.token(last, *bound) if last else None
    return TextPage(**dict(answer), next_page_token=token)
