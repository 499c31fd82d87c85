"""Which service is asked and with which key; profiles name them.

Profiles stand in `keepsake/config.ini` below XDG_CONFIG_HOME (`~/.config`), a section for each:

    [work]
    url = https://keepsake.example
    key_file = ~/secrets/keepsake

`key_file` names a file that holds the key, `key` is the key itself, and `keyring = yes` says that
the system's keyring has it. A file with a key in it must be its owner's alone.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from configparser import ConfigParser, Error
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from keepsake_client.commands.exits import CommandFailed, Exit
from keepsake_client.settings import API_KEY, API_KEY_FILE, PROFILE, URL

DEFAULT = "default"
"""The profile that is used when none is named, if there is one."""
_KEYRING = "keepsake"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Connection:
    """Which service is asked, and with which key; None as the client has it.

    source: where both come from, in words.
    """

    url: str | None
    api_key: str | None
    source: str

    def key(self) -> str:
        """The key.

        Raises:
            CommandFailed: There is none.
        """
        if not self.api_key:
            raise CommandFailed(
                f"no API key: set {API_KEY_FILE}, or run: keepsake profiles add", Exit.DENIED
            )
        return self.api_key


def connection(profile: str | None, url: str | None, key_file: Path | None) -> Connection:
    """What was typed, else a profile that is named, else the environment, else the default profile.

    Address and key come from the same of these, so a key goes nowhere but where it belongs; what
    was typed goes before both.

    Raises:
        CommandFailed: There is no such profile, its key cannot be had, or two services are named.
    """
    if profile and url:
        raise CommandFailed("--profile and --url name two services; leave one out", Exit.USAGE)
    environment = _of_environment()
    named = profile or (None if url else os.environ.get(PROFILE))
    if url or (environment.source and not named):
        base = environment
    else:
        base = _of_profile(named or DEFAULT, needed=bool(named))
    key = read_key(key_file) if key_file else base.api_key
    typed = {"--url": url, "--key-file": key_file, base.source: base.source}
    source = " and ".join(name for name, given in typed.items() if given)
    return Connection(url or base.url, key, source)


def _of_environment() -> Connection:
    set_here = [name for name in (URL, API_KEY, API_KEY_FILE) if os.environ.get(name)]
    key = os.environ.get(API_KEY)
    if not key and API_KEY_FILE in set_here:
        key = read_key(Path(os.environ[API_KEY_FILE]))
    return Connection(os.environ.get(URL), key, " and ".join(set_here))


def _of_profile(name: str, *, needed: bool) -> Connection:
    profiles = read()
    if name not in profiles:
        if needed:
            raise CommandFailed(f"there is no profile {name} in {path()}", Exit.USAGE)
        return Connection(None, None, "")
    section = profiles[name]
    return Connection(section.get("url"), key_of(name, section), f"profile {name}")


def path() -> Path:
    """The file of profiles."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "keepsake" / "config.ini"


def read() -> dict[str, dict[str, str]]:
    """The profiles by name.

    Raises:
        CommandFailed: The file cannot be read, or others may read the key in it.
    """
    file = path()
    if not file.exists():
        return {}
    parser = _parser()
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
        mode = file.stat().st_mode
    except (OSError, UnicodeDecodeError, Error) as error:
        said = type(error).__name__ if isinstance(error, Error) else str(error)
        raise CommandFailed(f"{file} cannot be read: {said}", Exit.USAGE) from None
    profiles = {name: dict(parser[name]) for name in parser.sections()}
    if mode & _OTHERS and any("key" in section for section in profiles.values()):
        raise CommandFailed(
            f"{file} holds a key and others may read it; run: chmod 600 {file}", Exit.DENIED
        )
    return profiles


@contextmanager
def changing() -> Iterator[dict[str, dict[str, str]]]:
    """The profiles to change; they are written when the block ends, for their owner alone."""
    profiles = read()
    yield profiles
    parser, file = _parser(), path()
    parser.read_dict(profiles)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as written:
        parser.write(written)
    Path(written.name).replace(file)  # a file of mkstemp has mode 0600


def key_of(name: str, section: Mapping[str, str]) -> str | None:
    """The key of a profile, wherever it is kept.

    Raises:
        CommandFailed: It cannot be had.
    """
    if "key_file" in section:
        return read_key(Path(section["key_file"]).expanduser())
    if section.get("keyring") == "yes":
        key: str | None = keyring().get_password(_KEYRING, name)
        if key is None:
            raise CommandFailed(f"the keyring has no key of profile {name}", Exit.DENIED)
        return key
    return section.get("key")


def read_key(file: Path) -> str:
    """The key in a file.

    Raises:
        CommandFailed: It cannot be read.
    """
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise CommandFailed(f"no key can be read from {file}: {reason}", Exit.DENIED) from None


def keep_in_keyring(name: str, key: str) -> None:
    """Give the system's keyring the key of a profile."""
    keyring().set_password(_KEYRING, name, key)


def forget_in_keyring(name: str) -> None:
    """Take the key of a profile out of the system's keyring."""
    keyring().delete_password(_KEYRING, name)


def keyring() -> Any:
    """The package that speaks to the system's keyring.

    Raises:
        CommandFailed: It is not installed.
    """
    try:
        return import_module("keyring")
    except ModuleNotFoundError:
        raise CommandFailed(
            "keyring is missing: install keepsake-client[keyring]", Exit.USAGE
        ) from None


def _parser() -> ConfigParser:
    return ConfigParser(interpolation=None, default_section="")
