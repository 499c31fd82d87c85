"""Errors that Dramatiq lets through; every other exception in a before-hook it swallows.

MiddlewareError (Dramatiq's)
├── RecordUnavailable    the job's record cannot be read or written: the actor must not run
├── BrokerUnavailable    RabbitMQ did not confirm; the message may or may not be there
└── Undeliverable        the message asks for what Keepsake does not do
"""

from dramatiq.middleware import MiddlewareError


class RecordUnavailable(MiddlewareError):
    """The job's record cannot be read or written."""


class BrokerUnavailable(MiddlewareError):
    """RabbitMQ did not confirm a message; it may or may not have taken it."""


class Undeliverable(MiddlewareError):
    """The message asks for what Keepsake does not do."""
