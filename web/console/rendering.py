"""Templates into answers: what every page has, and the headers that hold it together."""

from datetime import UTC, datetime
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from web.console.assets import static_url

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "HX-Request",
}
"""Of every page. With `no-referrer` browsers would send forms with `Origin: null`."""
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def moment(value: str) -> datetime:
    """A time as the API writes it."""
    return datetime.fromisoformat(value).astimezone(UTC)


def clock(value: str) -> str:
    """A time as people read it, in UTC to the second."""
    return f"{moment(value):%Y-%m-%d %H:%M:%S} UTC"


def instant(value: str) -> str:
    """A time among others that may be of the same second."""
    return f"{moment(value):%Y-%m-%d %H:%M:%S.%f}"[:-3] + " UTC"


def length(seconds: float | None) -> str:
    """A length of time in its two largest units."""
    if seconds is None:
        return "-"
    if seconds < 1:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    left, parts = int(seconds), []
    for unit, name in _UNITS:
        count, left = divmod(left, unit)
        parts += [f"{count} {name}"] if count else []
    return " ".join(parts[:2])


def distance(value: str) -> str:
    """How long ago a time was, or in how long it is."""
    seconds = (datetime.now(UTC) - moment(value)).total_seconds()
    return f"{length(max(seconds, 1))} ago" if seconds >= 0 else f"in {length(max(-seconds, 1))}"


def number(value: float) -> str:
    """A number with its thousands apart."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.2f}"  # noqa: PLR2004


_TEMPLATES = Environment(
    loader=PackageLoader("web.console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(
    clock=clock, instant=instant, length=length, distance=distance, number=number
)
_TEMPLATES.globals.update(static=static_url)


def text(template: str, **context: Any) -> str:
    """A template as text; what is put into it is escaped."""
    return _TEMPLATES.get_template(template).render(context)


def rendered(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A template as an answer."""
    whole = "hx-request" not in request.headers
    body = text(template, whole=whole, **context)
    return HTMLResponse(body, status_code=status, headers=HEADERS)
