"""Page tokens: signed, typed, and good only for the caller, list and filter they were made for."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, Request

from keepsake.jobs import Place, VaultSettings, fingerprint
from web.edge.auth import Caller
from web.problems import Problem

Part = str | int | datetime
_MAC_BYTES = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class PageTokens:
    """Signs with the newest of the vault's keys and knows what any of them has signed.

    Without a key a signature is only a checksum. That is enough: a token holds no right, only where
    a page of the caller's own list begins, and its types keep it from being a filter.
    """

    def __init__(self, settings: VaultSettings) -> None:
        self._keys = settings.derived(b"keepsake page tokens") or (b"",)

    def sign(self, content: bytes, bound: str) -> bytes:
        """What proves that these bytes are of such a list."""
        return self._mac(self._keys[0], content, bound)

    def signed(self, mac: bytes, content: bytes, bound: str) -> bool:
        """Whether one of the keys has signed these bytes for such a list."""
        return any(hmac.compare_digest(mac, self._mac(key, content, bound)) for key in self._keys)

    def _mac(self, key: bytes, content: bytes, bound: str) -> bytes:
        return hmac.digest(key, bound.encode() + content, hashlib.sha256)[:_MAC_BYTES]


class Pages:
    """The tokens of one list, as one caller sees it; `which` is the filter."""

    def __init__(self, tokens: PageTokens, owner: str, path: str) -> None:
        self._tokens = tokens
        self._of = (owner, path)

    def token(self, parts: Sequence[Part], *which: Any) -> str:
        """The token of the page that begins at, or after, what these parts name."""
        content = json.dumps([_plain(part) for part in parts], ensure_ascii=False).encode()
        mac = self._tokens.sign(content, self._bound(which))
        return base64.urlsafe_b64encode(mac + content).decode()

    def place(self, token: str, *which: Any) -> Place | None:
        """Where a token's page begins; None for the first page, which has none.

        Raises:
            Problem: 400, as `parts` has it.
        """
        return Place(*self.parts(token, (datetime, str), *which)) if token else None

    def parts(self, token: str, kinds: tuple[type[Part], ...], *which: Any) -> tuple[Any, ...]:
        """What a token holds: as many parts, of these types.

        Raises:
            Problem: 400, when it is no token, or of another caller, list or filter.
        """
        try:
            raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
            mac, content = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
            if not self._tokens.signed(mac, content, self._bound(which)):
                raise _malformed()
            return tuple(
                _typed(part, kind) for part, kind in zip(_listed(content), kinds, strict=True)
            )
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise _malformed() from None

    def _bound(self, which: tuple[Any, ...]) -> str:
        return fingerprint([str(part) for part in (*self._of, *which)])


async def _pages(request: Request, caller: Caller) -> Pages:
    return Pages(request.app.state.tokens, caller.owner, request.scope["path"])


Paging = Annotated[Pages, Depends(_pages)]
"""For lists: the tokens of this one, for this caller."""


def _plain(part: Part) -> str | int:
    return (part - _EPOCH) // _MILLISECOND if isinstance(part, datetime) else part


def _listed(content: bytes) -> list[object]:
    parts = json.loads(content)
    if not isinstance(parts, list):
        raise TypeError("no list of parts")
    return parts


def _typed(value: object, kind: type[Part]) -> Part:
    """A part of a token, if it is of its kind and can be stored.

    Raises:
        TypeError: It is of another kind.
        ValueError: It is a text with a lone surrogate.
        OverflowError: It is a time beyond all calendars.
    """
    if kind is datetime and type(value) is int:
        return _EPOCH + value * _MILLISECOND
    if kind is int and type(value) is int:
        return value
    if kind is str and isinstance(value, str):
        return value.encode().decode()
    raise TypeError("not of its kind")


def _malformed() -> Problem:
    detail = "page_token: not a token of this list; start again without it, or keep the filter."
    return Problem(400, "page-token-malformed", detail)
