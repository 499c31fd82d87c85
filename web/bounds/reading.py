"""Bodies, read no further than their route takes, and counted before they are parsed."""

import re

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from web.problems import Problem, misfit

_ESCAPED = (b"\\\\", b'\\"')
_STRING_OR_SIGN = re.compile(rb'"[^"]*"?|[,\[{]')


def limited(receive: Receive, headers: Headers, limit: int) -> Receive:
    """What receives a body of at most `limit` bytes; a chunked one announces no length.

    Raises:
        Problem: 413, at once when the length is announced, else as soon as it is too much.
    """
    length = headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) > limit:
        raise too_large(limit)
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise too_large(limit)
        return message

    return counted


def too_large(limit: int) -> Problem:
    """The answer to a body that is larger than its route takes."""
    detail = f"The body is larger than {limit} bytes; send less at once."
    return Problem(413, "body-too-large", detail, limit_bytes=limit)


def require_few_values(body: bytes, most: int) -> None:
    """Make sure that JSON holds no more values than its route takes: each costs memory when parsed.

    Raises:
        Problem: 400, when it is not in UTF-8, as JSON is (RFC 8259, 8.1), 422, when it is too much.
    """
    if b"\0" in body:
        position = body.index(b"\0")
        detail = f"The body is not JSON: a NUL at position {position}."
        raise Problem(400, "malformed-json", detail, position=position)
    if sum(map(body.count, (b",", b"[", b"{"))) < most:
        return
    if _exceeds(body, most):
        raise misfit("body", "", f"At most {most} values are allowed")


def _exceeds(body: bytes, most: int) -> bool:
    """Whether more than `most` values begin outside of strings: each after `,`, `[` or `{`."""
    for escaped in _ESCAPED:
        body = body.replace(escaped, b"")
    signs = 0
    for token in _STRING_OR_SIGN.finditer(body):
        signs += token[0][:1] != b'"'
        if signs >= most:
            return True
    return False
