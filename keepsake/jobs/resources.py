"""What a process builds once, and its parts share."""

from collections.abc import Callable
from threading import RLock
from typing import Any, TypeVar, cast

from pymongo.database import Database

from keepsake.storage import Document

T = TypeVar("T")


class Resources:
    """The services of one process over one database, each built when it is first asked for."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database
        self._built: dict[Callable[..., Any], Any] = {}
        self._lock = RLock()  # a service may ask for others while it is built

    def of(self, factory: Callable[["Resources"], T]) -> T:
        """The service that a factory makes; the same for all who name this factory."""
        with self._lock:
            if factory not in self._built:
                self._built[factory] = factory(self)
            return cast("T", self._built[factory])
