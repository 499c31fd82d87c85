"""Types for what clients send, which hold it to its bounds before it costs anything."""

import ipaddress
import re
from collections.abc import Sized
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic_core import PydanticCustomError, PydanticKnownError, core_schema


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


def encodable(text: str) -> str:
    """A text that MongoDB can keep: JSON of others may hold half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode()


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


NAME_MOST = 64


class BoundedName:
    """Holds a text to 1 to 64 characters of a class.

    For readers that is one pattern. Here the class stands in the pattern once, and the length is
    counted: repeated 64 times, a class of all the world's letters takes 2 MB in each field of each
    model that has the pattern.
    """

    def __init__(self, characters: str) -> None:
        self._matched = rf"^{characters}+$"
        self._shown = rf"^{characters}{{1,{NAME_MOST}}}$"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """The schema of the text that it stands behind, held to it."""
        schema: Any = handler(source)
        return {**schema, "pattern": self._matched, "max_length": NAME_MOST}

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The same as one pattern."""
        shown = {**handler(schema), "pattern": self._shown}
        return {name: value for name, value in shown.items() if name != "maxLength"}


class NamedPair:
    """Holds a text to `name:value`, whose name is a `BoundedName`."""

    def __init__(self, characters: str) -> None:
        self._matched = rf"^{characters}+:[^\x00-\x1f\x7f]*$"
        self._shown = rf"^{characters}{{1,{NAME_MOST}}}:[^\x00-\x1f\x7f]*$"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """The schema of the text that it stands behind, held to it."""
        schema: Any = {**handler(source), "pattern": self._matched}
        return core_schema.no_info_after_validator_function(self._counted, schema)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The same as one pattern."""
        return {**handler(schema), "pattern": self._shown}

    def _counted(self, pair: str) -> str:
        if pair.index(":") > NAME_MOST:
            raise PydanticKnownError("string_pattern_mismatch", {"pattern": self._shown})
        return pair


_NOT_PUBLIC = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "3fff::/20"))
)
"""Networks that Python calls global, or did: of protocols, of relays, of sites, of documents."""


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet; IPv4 inside IPv6 is looked at as IPv4."""
    try:
        ip = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    if any(ip in network for network in _NOT_PUBLIC):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
