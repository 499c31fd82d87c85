"""The environment of a git child: clean, deaf to configuration, without prompts, hooks, filters.

A token never stands in argv, in a URL, in configuration, on disk or in the environment: git asks
for it through an askpass script that reads a one-shot pipe.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from scanner.settings import ScannerSettings
from scanner.source import addresses, pin

_KEPT = (
    "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy",
    "GIT_SSL_CAINFO", "SSL_CERT_FILE", "SSL_CERT_DIR",
)  # fmt: skip
_ASKPASS = """\
#!/bin/sh
# The token comes through a pipe that can be read once; this file holds none.
case "$1" in
*"$KEEPSAKE_ASKPASS_HOST"*) ;;
*) exit 1 ;;
esac
case "$1" in
Username*) echo x-access-token ;;
Password*) IFS= read -r secret <"/dev/fd/$KEEPSAKE_ASKPASS_FD" && printf '%s\\n' "$secret" ;;
*) exit 1 ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Remote:
    """How a child reaches a remote: its environment and the descriptors it inherits."""

    env: Mapping[str, str]
    inherited: tuple[int, ...] = field(default=())


def local_environment(settings: ScannerSettings) -> dict[str, str]:
    """For a child that only reads a mirror: no protocol is allowed, so it cannot fetch lazily."""
    return _environment(settings, protocols="none", config=_SAFE)


@contextmanager
def remote_environment(
    url: str, token: SecretStr | None, settings: ScannerSettings
) -> Iterator[Remote]:
    """For a child that talks to one remote; the token's pipe is closed afterwards.

    Raises:
        ForbiddenSource: The host is not on the public internet, and has to be.
        HostUnreachable: The host has no address.
    """
    config = _SAFE | _limits(settings)
    if ips := addresses(url, settings):
        config["http.curloptResolve"] = pin(url, ips)
    env = _environment(settings, protocols=urlsplit(url).scheme, config=config)
    if token is None:
        yield Remote(env)
        return
    read_end, write_end = os.pipe()
    try:
        os.write(write_end, token.get_secret_value().encode() + b"\n")
        os.close(write_end)
        yield Remote(env | _asking(url, read_end, settings), (read_end,))
    finally:
        os.close(read_end)


def _asking(url: str, descriptor: int, settings: ScannerSettings) -> dict[str, str]:
    return {
        "GIT_ASKPASS": str(_askpass(settings.scan_cache_path)),
        "KEEPSAKE_ASKPASS_HOST": urlsplit(url).netloc,
        "KEEPSAKE_ASKPASS_FD": str(descriptor),
    }


def _askpass(folder: Path) -> Path:
    """The script, written once and renamed into place, so that no child meets half of it."""
    script = folder / "askpass.sh"
    if not script.exists() or script.read_text() != _ASKPASS:
        folder.mkdir(parents=True, exist_ok=True, mode=stat.S_IRWXU)
        draft = folder / f"askpass.{os.getpid()}"
        draft.write_text(_ASKPASS)
        draft.chmod(stat.S_IRWXU)
        draft.replace(script)
    return script


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
    "safe.directory": "*",
    "submodule.recurse": "false",
}


def _limits(settings: ScannerSettings) -> dict[str, str]:
    return {
        "http.lowSpeedLimit": str(settings.scan_slow_bytes_per_second),
        "http.lowSpeedTime": str(settings.scan_slow_seconds),
    }


def _environment(
    settings: ScannerSettings, *, protocols: str, config: Mapping[str, str]
) -> dict[str, str]:
    env = {name: os.environ[name] for name in _KEPT if name in os.environ}
    env |= {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(settings.scan_cache_path),
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
