"""What can go wrong: a class for each kind of problem that the service answers with, and others.

`GET /problems` says how to mend each kind. Errors hold no request, so no key.
"""

from typing import Any, ClassVar


class KeepsakeError(Exception):
    """Whatever this client raises.

    passing: the same may succeed later. untouched: the service has done nothing with the request.
    retry_after: seconds that it asks to be left alone; None when it does not say.
    """

    passing: ClassVar[bool] = False
    untouched: bool = False
    retry_after: float | None = None

    def __reduce__(self) -> Any:
        """How it is pickled: with all that it says, whatever its constructor takes."""
        return _unpickled, (type(self), self.args, dict(vars(self)))


class ConnectionFailed(KeepsakeError):
    """No answer came, or not to its end; what was asked for may or may not have been done."""

    passing = True

    def __init__(self, message: str, *, untouched: bool = False) -> None:
        super().__init__(message)
        self.untouched = untouched


class UnexpectedAnswer(KeepsakeError):
    """The answer is not what the service answers: another server stands at this address."""


class WaitTimeout(KeepsakeError, TimeoutError):
    """The job has not ended within the time; it goes on."""


class JobFailed(KeepsakeError):
    """The job was given up; the message says why, `hint` what to do about it."""

    def __init__(self, message: str, *, job_id: str, error_type: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.job_id = job_id
        self.error_type = error_type
        self.hint = hint


class JobCancelled(JobFailed):
    """The job was cancelled."""


class Problem(KeepsakeError):
    """An answer that is no success (RFC 9457).

    kind: which one; of a kind that this version does not know this class itself is raised.
    members: what else the answer says. request_id: the id by which the service's log names it.
    """

    kind: str = ""

    def __init__(
        self,
        detail: str,
        *,
        status: int = 0,
        kind: str = "",
        members: dict[str, Any] | None = None,
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.kind = kind or self.kind
        self.members = members or {}
        self.request_id = request_id
        self.retry_after = retry_after

    def __str__(self) -> str:
        """What went wrong, and the name by which its kind is looked up."""
        return f"{self.detail} ({self.status} {self.kind or 'without a type'})"


class PassingProblem(Problem):
    """A problem that may be over when the same is sent again."""

    passing = True


class RefusedForNow(PassingProblem):
    """A problem that may be over later; nothing was done yet, so all may be sent again."""

    untouched = True


def _unpickled(
    cls: type[KeepsakeError], args: tuple[Any, ...], state: dict[str, Any]
) -> KeepsakeError:
    error = cls.__new__(cls, *args)
    vars(error).update(state)
    return error
