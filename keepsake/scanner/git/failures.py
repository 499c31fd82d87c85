"""The error that git's messages mean. They may quote a URL, so they are read here and dropped."""

import re

from keepsake.scanner.errors import (
    BranchNotFound,
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
