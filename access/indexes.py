"""The indexes of this package."""

from access.keys import INDEXES

__all__ = ["INDEXES"]
