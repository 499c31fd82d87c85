"""What can go wrong with a job, and how an attempt may stop.

JobError                     an answer for the caller
├── JobNotFound              unknown, or another owner's
├── DeadLetterClosed         it was replayed or discarded before
├── IllegalMove              the job's state does not allow it
├── KeyReused                the idempotency key stands for another payload
├── KeyMalformed             the idempotency key is empty, too long or not printable
└── Unstorable               the payload holds what MongoDB cannot, such as a number of 70 bits

Failure                      an actor says how its work failed
├── Transient                worth another try, perhaps not before `retry_after_seconds`
│   └── Outage               something outside does not answer: a try that burns no attempt
└── Permanent                no retry can mend it
    ├── Misfit               the payload is none that this version can work on
    ├── CredentialRefused    what the job was to be let into refuses its credential
    └── CredentialGone       the vault no longer holds what the job needs

Stop (BaseException)         the attempt ends before its work does; never caught by actors
├── LeaseLost                another worker may hold the job: nothing may be written
├── CancelRequested
├── PauseRequested
├── HandBack                 the slice or the process ends; the job goes on later
└── TimeLimitReached         the attempt's limit or the job's deadline passed
"""

import re
from typing import Self

from keepsake.jobs.job import Job
from keepsake.jobs.states import allowed


class JobError(Exception):
    """An answer for the caller."""


class JobNotFound(JobError):
    """There is no such job for this owner."""


class ScheduleNotFound(JobError):
    """No such schedule for this owner."""


class IllegalMove(JobError):
    """The job's state does not allow what was asked.

    job: as it stands. possible: what may be asked instead.
    """

    def __init__(self, action: str, job: Job) -> None:
        self.action = action
        self.job = job
        self.possible = allowed(job.state)
        super().__init__(f"a {job.state} job cannot {action}; possible: {', '.join(self.possible)}")


class DeadLetterClosed(JobError):
    """The dead letter was replayed or discarded before.

    status: `replayed` or `discarded`.
    """

    def __init__(self, status: str) -> None:
        self.status = status
        super().__init__(f"the dead letter is {status}")


class KeyReused(JobError):
    """The idempotency key was used for another payload.

    job_id: the job it stands for.
    """

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__("the idempotency key was used with another payload")


class KeyMalformed(JobError):
    """The idempotency key is not 1 to 255 printable ASCII characters."""


class Unstorable(JobError):
    """MongoDB cannot hold the payload."""


class Failure(Exception):
    """How an actor's work failed. The message is kept in the record: no user text, no secret.

    error_type: what its owner can tell it apart by; `web.job_views.schemas` says what to do.
    """

    kind = "transient"
    error_type = "transient"

    @classmethod
    def of(cls, error: Exception) -> Self:
        """The failure that a domain's error is; its type is the error's class, `too-large`."""
        failure = cls(str(error))
        failure.error_type = re.sub(r"(?<=.)(?=[A-Z])", "-", type(error).__name__).lower()
        return failure


class Transient(Failure):
    """Worth another try.

    retry_after_seconds: what an upstream asked for; None leaves it to the backoff.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message)


class Outage(Transient):
    """Something outside does not answer: it is tried until the deadline, and burns no attempt."""

    kind = "outage"
    error_type = "outage"


class Permanent(Failure):
    """No retry can mend it."""

    kind = "permanent"
    error_type = "permanent"


class Misfit(Permanent):
    """The payload is none that this version can work on."""

    error_type = "payload-invalid"


class CredentialRefused(Permanent):
    """What the credential is for refuses it, or wants one."""

    kind = "credential"
    error_type = "credential-refused"


class CredentialGone(Permanent):
    """The vault no longer holds the credential, so the job fails closed."""

    kind = "credential"
    error_type = "credential-gone"


class Stop(BaseException):
    """The attempt ends before its work does."""


class LeaseLost(Stop):
    """The job is no longer this attempt's; nothing it does may be kept."""


class CancelRequested(Stop):
    """The owner asked to cancel."""


class PauseRequested(Stop):
    """The owner asked to pause."""


class HandBack(Stop):
    """The slice's budget is spent or the process is going down."""


class TimeLimitReached(Stop):
    """The attempt's limit or the job's deadline passed."""
