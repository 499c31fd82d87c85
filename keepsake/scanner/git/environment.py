"""How git gets its token, and an environment without outside configuration, prompts or hooks.

A token never stands in argv, in a URL, in configuration, on disk or in the environment: git asks
a helper for it that reads a one-shot pipe. Nothing that git runs or obeys is on disk either: its
home is `/dev/null`, and the helper is a value of its configuration.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import SecretStr

from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.source import addresses, pin

GIT_ENVIRONMENT = ("GIT_SSL_CAINFO", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""The variables of this process that git gets too, where they are set.

None that names a proxy: it would look the host up by itself and connect to what was never checked.
"""
GIT_USER = "x-access-token"
"""Who a token is sent for, as git hosts want it."""
_HELPER = """\
!f() {{ [ "$1" = get ] && IFS= read -r token </dev/fd/{descriptor} || exit 0
printf 'username={user}\\npassword=%s\\n' "$token"; }}; f"""
"""A credential helper that reads the token from a pipe, once."""

_SLOW_BYTES_PER_SECOND = 1_000
SLOW_SECONDS = 30
"""A host that sends less for so long is given up: any line that works sends more."""


@dataclass(frozen=True, slots=True)
class Remote:
    """How a child reaches a remote: its environment and the descriptors it inherits."""

    env: Mapping[str, str]
    inherited: tuple[int, ...] = field(default=())


def local_environment() -> dict[str, str]:
    """For a child that only reads a mirror: no protocol is allowed, so it cannot fetch lazily."""
    return _environment(protocols="none", config=_SAFE)


@contextmanager
def remote_environment(
    url: str, token: SecretStr | None, settings: ScannerSettings
) -> Iterator[Remote]:
    """For a child that talks to one remote; the token's pipe is closed afterwards.

    Raises:
        ForbiddenSource: The host is not on the public internet, and has to be.
        HostUnknown: There is no host of this name.
        HostUnreachable: No resolver answers.
    """
    config = _SAFE | _limits()
    if ips := addresses(url, settings):
        config["http.curloptResolve"] = pin(url, ips)
    scheme = urlsplit(url).scheme
    if scheme == "file":
        config["safe.directory"] = "*"  # another user's repository; a mirror is ours
    env = _environment(protocols=scheme, config=config)
    if token is None:
        yield Remote(env)
        return
    read_end, write_end = os.pipe()
    try:
        os.write(write_end, token.get_secret_value().encode() + b"\n")
        os.close(write_end)
        yield Remote(configured(env, _credential_config(url, read_end)), (read_end,))
    finally:
        os.close(read_end)


def _credential_config(url: str, descriptor: int) -> dict[str, str]:
    """The helper for this host alone: git compares the host before it calls a helper."""
    parts = urlsplit(url)
    helper = _HELPER.format(descriptor=descriptor, user=GIT_USER)
    return {f"credential.{parts.scheme}://{parts.netloc}.helper": helper}


_SAFE = {
    "core.hooksPath": "/dev/null",
    "core.attributesFile": "/dev/null",
    "core.fsmonitor": "false",
    "core.fsync": "none",  # a mirror is a cache: what a power cut spoils is fetched again
    "core.bigFileThreshold": "4m",  # larger blobs are streamed, not held in memory
    "core.quotePath": "false",
    "core.packedGitLimit": "256m",
    "credential.helper": "",
    "diff.renameLimit": "1000",
    "fetch.recurseSubmodules": "no",
    "fetch.unpackLimit": "1",
    "gc.auto": "0",
    "http.followRedirects": "false",
    "maintenance.auto": "false",
    "pack.threads": "1",
    "submodule.recurse": "false",
}


def _limits() -> dict[str, str]:
    """A host that sends too little for too long is given up."""
    return {
        "http.lowSpeedLimit": str(_SLOW_BYTES_PER_SECOND),
        "http.lowSpeedTime": str(SLOW_SECONDS),
    }


def _environment(*, protocols: str, config: Mapping[str, str]) -> dict[str, str]:
    env = {name: os.environ[name] for name in GIT_ENVIRONMENT if name in os.environ}
    env |= {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,  # no .netrc, no configuration
        "LC_ALL": "C",
        "GIT_ALLOW_PROTOCOL": protocols,
        "GIT_ASKPASS": "true",  # answers nothing
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }
    return configured(env, config)


def configured(env: Mapping[str, str], config: Mapping[str, str]) -> dict[str, str]:
    """The environment with more configuration for git."""
    start = int(env.get("GIT_CONFIG_COUNT", "0"))
    more = dict(env) | {"GIT_CONFIG_COUNT": str(start + len(config))}
    for position, (key, value) in enumerate(config.items(), start):
        more |= {f"GIT_CONFIG_KEY_{position}": key, f"GIT_CONFIG_VALUE_{position}": value}
    return more
