"""`/docs/try`: the document in Swagger UI, where each operation can be tried with a key.

The key is typed there, stays in the page's memory, and is gone with it. Nothing is fetched from
elsewhere, and what `/docs` itself shows needs none of this.
"""

from pathlib import Path

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

_FILES = Path(__file__).parent / "swagger-ui"
_PAGE = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>Try Keepsake</title>
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/docs/files/swagger-ui.css">
<script src="/docs/files/swagger-ui-bundle.js"></script><script src="/docs/files/try.js"></script>
<p><a href="/docs">The API without scripts</a></p><main id="try"></main>
<noscript>Trying the API needs JavaScript.</noscript></html>
"""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Its scripts and its requests are this server's."""


def routes() -> list[BaseRoute]:
    """The page, and the files that it loads: compressed they are a quarter of their 1.9 MB."""
    return [
        Route("/docs/try", _shown, include_in_schema=False),
        Mount("/docs/files", GZipMiddleware(StaticFiles(directory=_FILES))),
    ]


async def _shown(_: Request) -> HTMLResponse:
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})
