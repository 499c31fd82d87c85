"""Moments that clients send, held to what can be stored."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime


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


Moment = Annotated[AwareDatetime, AfterValidator(storable)]
"""A time with its zone, for models of what clients send."""
