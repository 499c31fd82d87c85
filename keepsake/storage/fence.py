"""The right to write: what a store asks before it commits the work of a job."""

from typing import Protocol

from pymongo.client_session import ClientSession


class Fence(Protocol):
    """Held by one attempt of a job, lost with its lease."""

    def assert_owned(self, session: ClientSession) -> None:
        """Join the session's transaction: it commits only while the attempt owns its job.

        Raises:
            Exception: The lease is lost; the caller lets it pass, which aborts the transaction.
        """


class Unfenced:
    """The fence of a caller that runs once, such as a synchronous request."""

    def assert_owned(self, session: ClientSession) -> None:
        """Nothing to hold."""
