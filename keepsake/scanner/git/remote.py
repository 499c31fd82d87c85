"""Asks a remote without a clone: its branches, and what a ref points at.

The error that git's messages mean is decided here. They may quote a URL, so they are dropped.
"""

import re
from contextlib import suppress

from pydantic import SecretStr

from keepsake.scanner.errors import (
    BranchNotFound,
    EmptyRepository,
    ForbiddenSource,
    GitFailed,
    HostTimeout,
    HostUnreachable,
    HostUntrusted,
    MachineShort,
    MirrorDamaged,
    RepositoryNotFound,
    ScanError,
    TooLarge,
    Unauthorised,
    Unsupported,
)
from keepsake.scanner.git.environment import GIT_USER, remote_environment
from keepsake.scanner.git.process import GitProcess, ProcessLimits, run
from keepsake.scanner.models import Ref, Repository, ResolvedRef
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.source import by_url_variants
from keepsake.storage import redacted

_SIGNALLED = 128
_FILE_SIZE_SIGNAL = 25

# The first that matches wins. Git is run with LC_ALL=C.
_MEANINGS: tuple[tuple[str, type[ScanError], str], ...] = (
    (
        r"mismatched algorithms|unknown object format|unsupported object format",
        Unsupported,
        "the repository has SHA-256 object ids, which mirrors cannot hold",
    ),
    (
        r"dumb http transport does not support",
        Unsupported,
        "the host serves plain files (dumb HTTP), from which nothing can be fetched in part",
    ),
    (
        r"Cannot allocate memory|unable to create thread",
        MachineShort,
        "this machine has no memory left for git",
    ),
    (r"transport '[^']*' not allowed", ForbiddenSource, "the protocol is not allowed"),
    (
        r"Authentication failed|could not read (Username|Password)|error: 40[13]\b|HTTP 40[13]\b",
        Unauthorised,
        "the host refuses access: a token is missing, wrong or has no right to this repository",
    ),
    (
        r"error: 404|HTTP 404|repository '?[^\n]{0,500}'? (does )?not (found|exist)"
        r"|does not appear to be a git repository|not valid: is this a git repository"
        r"|unable to update url base from redirection|error: 30[1278]",
        RepositoryNotFound,
        "the host has no such repository, or moved it",
    ),
    (
        r"couldn't find remote ref|[Rr]emote branch [^\n]{0,500} not found|not our ref"
        r"|Server does not allow request for unadvertised object|no such remote ref",
        BranchNotFound,
        "the repository has no such branch, tag or commit",
    ),
    (
        r"unresolved deltas|bad object|missing (blob|tree|commit) object|is corrupt|bad tree object"
        r"|did not send all necessary objects|unable to (read|parse)|unknown object type"
        r"|not a git repository:",
        MirrorDamaged,
        "the mirror cannot be read",
    ),
    (
        r"timed out|[Tt]imeout|Operation too slow|less than \d+ bytes/sec",
        HostTimeout,
        "the host is silent or too slow",
    ),
    (
        r"[Oo]ut of memory|mmap failed|[Ff]ile too large|pack exceeds|memory exhausted",
        TooLarge,
        "the repository is over the limit of bytes or memory",
    ),
    (
        r"certificate",
        HostUntrusted,
        "the host's certificate is not trusted",
    ),
    (
        r"Could not resolve|Failed to connect|Couldn't connect|Connection (refused|reset|closed)"
        r"|error: 5\d\d|HTTP 5\d\d|error: 429|early EOF|unexpected disconnect|hung up|RPC failed"
        r"|SSL|TLS|Empty reply|transfer closed|invalid index-pack output"
        r"|expected flush|bad line length|protocol error|Recv failure|server closed|gnutls"
        r"|Network is unreachable|No route to host|invalid server response|expected 'packfile'",
        HostUnreachable,
        "the connection to the host failed or broke off",
    ),
)


def failure(code: int, stderr: bytes) -> ScanError:
    """The error for a git that ended badly."""
    words = stderr.decode("utf-8", "replace")
    if code in (_SIGNALLED + _FILE_SIZE_SIGNAL, -_FILE_SIZE_SIGNAL):
        return TooLarge("the repository is over the limit of bytes")
    for pattern, kind, message in _MEANINGS:
        if re.search(pattern, words):
            return kind(message)
    return GitFailed(f"git ended with code {code}")


_HEADS = "refs/heads/"
_TAGS = "refs/tags/"
_SHA1_DIGITS = 40


Branches = tuple[dict[str, str], str | None]
"""The branches of a repository with their commits, and the name of the default branch."""


def resolve_ref(
    repository: Repository, ref: Ref, token: SecretStr | None, settings: ScannerSettings
) -> ResolvedRef:
    """Look up what a ref of a repository points at now, by either variant of its URL.

    Raises:
        ScanError: See `resolve`.
    """
    return by_url_variants(repository, lambda variant: resolve(variant.url, ref, token, settings))


def remote_branches(
    repository: Repository, token: SecretStr | None, settings: ScannerSettings
) -> Branches:
    """All branches of a repository, by either variant of its URL.

    Raises:
        ScanError: The remote cannot be read.
    """
    return by_url_variants(repository, lambda variant: branches(variant.url, token, settings))


def resolve(url: str, ref: Ref, token: SecretStr | None, settings: ScannerSettings) -> ResolvedRef:
    """Look up what a ref points at now.

    Raises:
        ScanError: See `resolve_beside_default`.
    """
    return resolve_beside_default(url, ref, token, settings)[0]


def resolve_beside_default(
    url: str, ref: Ref, token: SecretStr | None, settings: ScannerSettings
) -> tuple[ResolvedRef, str | None]:
    """Look up what a ref points at now, and which branch is the host's default one.

    The host is not asked about a commit, nor then about its default branch.

    Raises:
        ScanError: The remote cannot be read (see `git.failures`), is empty, of a kind that
            mirrors cannot have, or has no such ref.
    """
    if ref.kind == "commit":
        _check(ref.name)
        return ResolvedRef(commit=ref.name, branch=f"commit:{ref.name}", full_ref=""), None
    full = {"branch": _HEADS + ref.name, "tag": _TAGS + ref.name}.get(ref.kind, "HEAD")
    wanted = [full, f"{full}^{{}}"] if ref.kind == "tag" else [full]
    refs, symbolic = _listed(url, ["HEAD", *wanted], token, settings)
    commit = refs.get(f"{full}^{{}}") or refs.get(full)
    if commit is None:
        _explain(url, ref, token, settings)
        raise BranchNotFound(f"the repository has no {_shown(ref)}")
    _check(commit)
    default = symbolic.removeprefix(_HEADS) if symbolic else None
    if ref.kind == "tag":
        return ResolvedRef(commit=commit, branch=f"tag:{ref.name}", full_ref=full), default
    full = symbolic if ref.kind == "default" and symbolic else full
    branch = full.removeprefix(_HEADS)
    return ResolvedRef(commit=commit, branch=branch, full_ref=full), default


def branches(url: str, token: SecretStr | None, settings: ScannerSettings) -> Branches:
    """All branches with their commits, and the name of the default branch.

    Raises:
        ScanError: The remote cannot be read.
    """
    refs, symbolic = _listed(url, ["HEAD", f"{_HEADS}*"], token, settings)
    named = {ref.removeprefix(_HEADS): at for ref, at in refs.items() if ref.startswith(_HEADS)}
    return named, symbolic.removeprefix(_HEADS) if symbolic else None


def _check(commit: str) -> None:
    if len(commit) > _SHA1_DIGITS:
        raise Unsupported("the repository has SHA-256 object ids, which mirrors cannot hold")


def _explain(url: str, ref: Ref, token: SecretStr | None, settings: ScannerSettings) -> None:
    """Tell a repository without any commit from one without this ref."""
    refs, _ = _listed(url, [], token, settings)
    if not refs:
        raise EmptyRepository("the repository has no commit yet")
    if ref.kind == "default":
        raise BranchNotFound("the repository names no default branch; name one")


def _shown(ref: Ref) -> str:
    return f"{ref.kind} {ref.name!r}" if ref.kind != "default" else "default branch"


def _listed(
    url: str, patterns: list[str], token: SecretStr | None, settings: ScannerSettings
) -> tuple[dict[str, str], str | None]:
    limits = ProcessLimits(
        seconds=settings.scan_connect_timeout_seconds,
        memory_mb=settings.scan_git_memory_mb,
        output_bytes=32 << 20,
    )
    argv = ["git", "ls-remote", "--symref", "--end-of-options", url, *patterns]
    with remote_environment(url, token, settings) as remote:
        code, out, errors = run(GitProcess(argv, remote.env, limits, inherited=remote.inherited))
    if code:
        raise failure(code, errors)
    return _parsed(redacted(_text(out), token, GIT_USER))


def _text(out: bytes) -> str:
    """The lines that are UTF-8: no other name of a ref could be asked for, or kept."""
    lines = []
    for line in out.split(b"\n"):
        with suppress(UnicodeDecodeError):
            lines.append(line.decode())
    return "\n".join(lines)


def _parsed(out: str) -> tuple[dict[str, str], str | None]:
    refs: dict[str, str] = {}
    symbolic = None
    for line in out.split("\n")[:-1]:
        value, _, name = line.partition("\t")
        if value.startswith("ref: "):
            symbolic = value.removeprefix("ref: ") if name == "HEAD" else symbolic
        else:
            refs[name] = value
    return refs, symbolic
