"""What can go wrong in a scan.

ScanError
├── PermanentScanError     trying again changes nothing until somebody changes something
│   ├── ForbiddenSource    a protocol, host or URL the operator does not allow
│   ├── Unauthorised       the host wants a token, or refuses the one it was given
│   │   └── TokenNeeded    it has refused all there is, so it was not asked
│   ├── RepositoryNotFound
│   ├── BranchNotFound     no such branch, tag or commit
│   ├── EmptyRepository    it has no commit
│   ├── Unsupported        a kind of repository or host that mirrors cannot have
│   ├── TooLarge           over a limit of bytes, files, symbols or memory
│   └── SummariserRefused  the language model refuses its key, its model or the request
├── TransientScanError     worth another attempt
│   ├── OutsideAway        something outside does not answer, and may be back by itself
│   │   ├── HostUnreachable    no connection, one cut off, a 5xx answer, no answer of a resolver
│   │   ├── HostTimeout        too slow, or silent
│   │   └── SummariserAway     the language model does not answer
│   ├── HostUnknown        there is no host of this name
│   ├── HostUntrusted      the host's certificate is not trusted here
│   ├── MachineShort       this machine had no memory or time left for git
│   ├── RefMoved           the branch moved while it was fetched
│   ├── GitFailed          git ended in a way that none of the above explains
│   └── MirrorDamaged      what the mirror holds cannot be read; it is gone, to be fetched again
├── ParserFailed           the parser's child process ended or hung on one file
├── CheckpointUnknown      a checkpoint of another version or another request
├── IndexChanged           another scan published first
└── NotIndexed             nothing of that name is indexed, or not for this owner
    └── FileSkipped        the file is listed, and was not read

No message holds a token, a URL's credentials or what a remote wrote.
"""

from collections.abc import Sequence


class ScanError(Exception):
    """A scan, or a search in what it left, could not be done."""


class PermanentScanError(ScanError):
    """Another attempt would end the same way."""


class ForbiddenSource(PermanentScanError):
    """The operator does not allow this protocol, host or form of URL."""


class Unauthorised(PermanentScanError):
    """The host wants a token, or refuses the one it was given."""


class TokenNeeded(Unauthorised):
    """The host has refused every token that is here, or access without one: it was not asked."""


class RepositoryNotFound(PermanentScanError):
    """The host knows no such repository."""


class BranchNotFound(PermanentScanError):
    """The repository has no such branch, tag or commit."""


class EmptyRepository(PermanentScanError):
    """The repository has no commit yet."""


class Unsupported(PermanentScanError):
    """Mirrors cannot have this kind of repository, or be fetched from this kind of host."""


class TooLarge(PermanentScanError):
    """The repository is over a limit of bytes, files, symbols or memory."""


class SummariserRefused(PermanentScanError):
    """No endpoint takes its key, its model or the request."""


class TransientScanError(ScanError):
    """Another attempt may succeed."""


class OutsideAway(TransientScanError):
    """Something outside does not answer; nobody here can mend it, and it may be back by itself."""


class SummariserAway(OutsideAway):
    """No endpoint of a language model answers in time."""


class HostUnreachable(OutsideAway):
    """The host refuses, cuts off or answers with a server error, or no resolver answers."""


class HostTimeout(OutsideAway):
    """The host is silent or too slow."""


class HostUnknown(TransientScanError):
    """There is no host of this name; it may just have been made, or be misspelt."""


class HostUntrusted(TransientScanError):
    """The host's certificate is none that is trusted here."""


class MachineShort(TransientScanError):
    """This machine had no memory or no time left for a git that only reads the mirror."""


class RefMoved(TransientScanError):
    """The branch moved between looking it up and fetching it."""


class GitFailed(TransientScanError):
    """Git ended in a way that nothing else explains."""


class MirrorDamaged(GitFailed):
    """What the mirror holds cannot be read, as after a power cut. It has been dropped."""


class ParserFailed(ScanError):
    """The parser's child process ended or hung."""


class CheckpointUnknown(ScanError):
    """The checkpoint is of another version, or of another request."""


class IndexChanged(TransientScanError):
    """Another scan published this index first."""


class NotIndexed(ScanError):
    """Nothing of that name is indexed for this owner; `owners` share one under theirs."""

    def __init__(self, message: str, owners: Sequence[str] = ()) -> None:
        self.owners = list(owners)
        super().__init__(message)


class FileSkipped(NotIndexed):
    """The file is listed and was not read; `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the file was skipped: {reason}")


class QueryProblem(ValueError):
    """A query that cannot be read: where, and what was expected there."""

    def __init__(self, message: str, position: int, expected: str) -> None:
        super().__init__(message)
        self.position, self.expected = position, expected
