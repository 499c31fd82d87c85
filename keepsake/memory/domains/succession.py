"""Values that follow each other in a life: what was long ago is not what is now."""

import re
from datetime import date, timedelta

from keepsake.memory.domains.dates import when

SUCCEEDED = frozenset({"lives_in", "works_at", "works_as", "married_to", "drives"})
"""Attributes of which a later value takes an earlier one's place."""
_LONG_AGO = re.compile(
    r"\bas an? (?:\w+ )?(?:child|kid|boy|girl|teen(?:ager)?|student)\b|\bwhen I was\b|"
    r"\bback then\b|\b(?:at|aged) (?:the age of )?(?:[5-9]|[12]\d)(?=[,.!]*$|,? (?:I|we|my)\b)|"
    r"^I first\b",
    re.IGNORECASE,
)
_SINCE_THEN = re.compile(r"\b(?:since|have|has|been|still|now)\b|'ve\b", re.IGNORECASE)
_A_YEAR = timedelta(days=365)


def long_ago(text: str, said_on: date) -> date | None:
    """When something was done more than a year ago that may be so no longer; None if it was not."""
    if _SINCE_THEN.search(text):
        return None
    if _LONG_AGO.search(text):
        return date.min
    day = when(text, said_on)
    return day.first if day and day.last < said_on - _A_YEAR else None
