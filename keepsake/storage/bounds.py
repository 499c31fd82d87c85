"""Bounds of what clients send, held before they cost anything."""

from collections.abc import Sized
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema


class LengthFirst:
    """Counts a list or a mapping before any of its elements is looked at.

    Pydantic counts only the elements that fit: of a list that is too long it reads all that do
    not, and keeps a fault of each. It stands behind the `Field` that says `max_length`.
    """

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """The schema of what it stands behind, behind the count."""
        schema: Any = handler(source)
        most: int = schema["max_length"]

        def counted(value: Any) -> Any:
            if isinstance(value, Sized) and len(value) > most:
                raise PydanticCustomError("too_long", "At most {most} are allowed", {"most": most})
            return value

        return core_schema.no_info_before_validator_function(counted, schema)
