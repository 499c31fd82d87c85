"""What keeps secrets: private directories and files, and redaction of text that others wrote.

Whoever can write where a process keeps its state decides what that process does next. A server may
echo a secret that it was sent. Redaction looks for the forms in which a secret is sent: as it is,
percent-encoded, within JSON, and beside its user in a Basic header. It is against what is echoed,
not against what somebody hides on purpose.
"""

import errno
import grp
import json
import os
import pwd
import re
import secrets
import stat
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote

from pydantic import BaseModel, SecretStr

_ROOT = 0
_SECRET_BYTES = 64 << 10


class NotPrivate(Exception):
    """Others could read or change what is ours alone; the message says in one line how to mend it.

    It holds paths, never what is in a file.
    """


def private_directory(path: Path) -> Path:
    """Make a directory for this user alone, or make sure of one that is there; its real path.

    One that others could only read is narrowed. What others could have written is not trusted:
    neither in the directory nor on the way to it.

    Raises:
        NotPrivate: Another user made it, may write there, or may put another in its place.
    """
    path = path.absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for ancestor in sorted({*path.parents, *path.resolve().parents}):
            _check_ancestor(ancestor, path)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise NotPrivate(f"{path}: {_reason(error)}; name another directory") from None
    try:
        _take(descriptor, path)
    finally:
        os.close(descriptor)
    return path.resolve()


def read_secret(path: Path) -> str:
    """A secret that a file holds, without the end of its line.

    Raises:
        NotPrivate: It cannot be read, holds none, or others than root and a group may read it.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would be waited for
    except OSError as error:
        raise NotPrivate(f"{path}: {_reason(error)}") from None
    with os.fdopen(descriptor, "rb") as file:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise NotPrivate(f"{path} is no file")
        if state.st_uid not in (_ROOT, os.geteuid()):
            raise NotPrivate(f"{path} belongs to another user: `chown {os.geteuid()} {path}`")
        if state.st_mode & stat.S_IRWXO or _strangers_write(state):
            raise NotPrivate(f"others may open {path}: `chmod 600 {path}`")
        content = file.read(_SECRET_BYTES + 1)
    try:
        secret = content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise NotPrivate(f"{path} is no text") from None
    if not secret or len(content) > _SECRET_BYTES:
        raise NotPrivate(f"{path} is empty, or too long for a secret")
    return secret


def write_secret(path: Path, secret: str) -> None:
    """Keep a secret: whole or not at all, and never readable by others, not for a moment."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(descriptor)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _check_ancestor(ancestor: Path, path: Path) -> None:
    """A link may lead on, if it is root's or ours; in a sticky directory nobody moves our entry."""
    state = ancestor.lstat()
    if state.st_uid not in (_ROOT, os.geteuid()):
        raise NotPrivate(f"{ancestor} is another user's, who may replace {path}: name another one")
    if stat.S_ISDIR(state.st_mode) and _strangers_write(state) and not state.st_mode & stat.S_ISVTX:
        raise NotPrivate(
            f"others may write to {ancestor} and replace {path}: `chmod go-w {ancestor}`"
        )


def _take(descriptor: int, path: Path) -> None:
    state = os.fstat(descriptor)
    if state.st_uid != os.geteuid():
        raise NotPrivate(f"{path} belongs to another user: remove it, or name another directory")
    if _strangers_write(state):
        raise NotPrivate(f"others may write to {path}: look at what is there, then `chmod 700` it")
    if stat.S_IMODE(state.st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        os.fchmod(descriptor, 0o700)


def _strangers_write(state: os.stat_result) -> bool:
    """Many systems give each user a group of its own, and let files be written by it."""
    if state.st_mode & stat.S_IWOTH:
        return True
    return bool(state.st_mode & stat.S_IWGRP) and not _has_us_alone(state.st_gid)


def _has_us_alone(group: int) -> bool:
    if group == _ROOT:
        return True
    with suppress(KeyError):
        us = pwd.getpwuid(os.geteuid())
        members = {*grp.getgrgid(group).gr_mem}
        members |= {user.pw_name for user in pwd.getpwall() if user.pw_gid == group}
        return members <= {us.pw_name}
    return False


def _reason(error: OSError) -> str:
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return "it is a link or no directory"
    return os.strerror(error.errno or 0)


REDACTED = "[redacted]"
_WORD = re.compile(r".{0,7}|[A-Za-z]{0,15}", re.DOTALL)
"""What is a word rather than a secret: to take it out would spoil text, and logs."""
_LOGIN = re.compile(r"://([^:/@\s]*):([^@/\s]+)@")


class _KnownSecrets:
    """The forms of this process's secrets, longest first, since one may hold another."""

    forms: tuple[str, ...] = ()


def remember_secrets(settings: BaseModel) -> None:
    """Take the secrets of these settings out of all text from now on."""
    new = {form for secret in _secrets(vars(settings).values()) for form in _parts(secret)}
    _KnownSecrets.forms = _ordered({*_KnownSecrets.forms, *new})


def redacted(text: str, secret: SecretStr | None = None, user: str = "") -> str:
    """The text without the secrets of this process, and without one that was sent for it.

    user: who a Basic header names beside it.
    """
    own = _ordered(_forms(secret.get_secret_value(), user)) if secret else ()
    for form in (*own, *_KnownSecrets.forms):
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
