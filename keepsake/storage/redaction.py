"""Secrets taken out of text that others wrote: a server may echo what it was sent.

A secret is looked for in the forms in which it is sent: as it is, percent-encoded, within JSON, and
beside its user in a Basic header. Whoever means to tell a secret on can spell it in any other way,
and knows it already: this is against what is echoed, not against what is hidden.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote

from pydantic import BaseModel, SecretStr

REDACTED = "[redacted]"
_WORD = re.compile(r".{0,7}|[A-Za-z]{0,15}", re.DOTALL)
"""What is a word rather than a secret: to take it out would spoil text, and logs."""
_LOGIN = re.compile(r"://([^:/@\s]*):([^@/\s]+)@")


class _Known:
    """The forms of this process's secrets, longest first, since one may hold another."""

    forms: tuple[str, ...] = ()


def remember(settings: BaseModel) -> None:
    """Take the secrets of these settings out of all text from now on."""
    new = {form for secret in _secrets(vars(settings).values()) for form in _parts(secret)}
    _Known.forms = _ordered({*_Known.forms, *new})


def redacted(text: str, secret: SecretStr | None = None, user: str = "") -> str:
    """The text without the secrets of this process, and without one that was sent for it.

    user: who a Basic header names beside it.
    """
    own = _ordered(_forms(secret.get_secret_value(), user)) if secret else ()
    for form in (*own, *_Known.forms):
        if form in text:
            text = text.replace(form, REDACTED)
    return text


def _secrets(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
        elif isinstance(value, BaseModel):
            yield from _secrets(vars(value).values())
        elif isinstance(value, tuple):
            yield from _secrets(value)


def _parts(secret: str) -> Iterator[str]:
    """The forms of a key, of each of several, or of the passwords in URLs."""
    if "://" in secret:
        for user, password in _LOGIN.findall(secret):
            yield from _forms(unquote(password), unquote(user))
        return
    for key in secret.split(","):
        yield from _forms(key.strip())


def _forms(secret: str, user: str = "") -> Iterator[str]:
    if _WORD.fullmatch(secret):
        return
    yield from (secret, quote(secret, safe=""), json.dumps(secret)[1:-1])
    yield b64encode(f"{user}:{secret}".encode()).decode().rstrip("=")


def _ordered(forms: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(forms), key=lambda form: (-len(form), form)))
