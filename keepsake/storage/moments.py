"""Moments that clients send, held to what can be stored."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator


def storable(moment: datetime) -> datetime:
    """The moment itself: MongoDB keeps it in UTC, where a zone's first and last hours do not fit.

    Raises:
        ValueError: It lies before the year 1 or after the year 9999 in UTC.
    """
    try:
        moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("must lie between the years 1 and 9999 in UTC") from None
    return moment


def _written_out(value: Any) -> Any:
    """Pydantic reads numbers as seconds since 1970, or as milliseconds; that is a guess."""
    if isinstance(value, datetime) or (isinstance(value, str) and _DATED.match(value)):
        return value
    raise ValueError("must be a date and time in ISO 8601")


_DATED = re.compile(r"\s*\d{4}-", re.ASCII)
Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(storable)]
"""A time with its zone, for models of what clients send."""
