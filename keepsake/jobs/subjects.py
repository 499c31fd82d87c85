"""Whose data a payload is about: all that is left of one that is erased."""

from collections.abc import Iterable, Mapping
from typing import Any

from keepsake.storage import Document


def subjects_of(payload: Mapping[str, Any], fields: Iterable[str]) -> Document:
    """What is left of a payload that is erased: whose data it was about, so that it is found.

    fields: where that may stand, in MongoDB's notation.
    """
    left: Document = {}
    for field in fields:
        name, _, below = field.partition(".")
        if name in payload and (kept := _kept(payload[name], below)):
            left[name] = kept
    return left


def _kept(value: Any, below: str) -> Any:
    """A value, or of the documents that it is or has what is named by a field below."""
    if not below:
        return value
    if isinstance(value, list):
        return [kept for each in value if (kept := _kept(each, below))]
    return subjects_of(value, [below]) if isinstance(value, Mapping) else None
