"""The RabbitMQ broker: quorum queues, confirmed publishes, messages an operator can read.

Its errors are those that Dramatiq lets through; any other that a before-hook raises it drops.
"""

import random
import re
import socket
import threading
import time
from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import uuid4

import pika
from dramatiq import Actor, Message
from dramatiq.broker import MessageProxy
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.common import q_name
from dramatiq.middleware import Middleware, MiddlewareError
from pydantic import Field, SecretStr

from keepsake.storage import Audience, Settings
from middleware.consumer import JobConsumer
from middleware.publisher import Publication, Publisher, publication_of, publish_frames

_HEARTBEAT_SECONDS = 60
"""A publish finds a hung broker sooner, by its own timeout; a shorter one cuts busy connections."""
Condition = Literal["ok", "alarm", "unavailable"]
"""`alarm`: RabbitMQ is there and takes no messages, for want of memory or disk."""
_NOWHERE = "keepsake.nowhere"
"""The name of no queue."""
_PROBE_SECONDS = 2.0
_LOOK_SECONDS = 0.05
_HELD = 128
"""Half of them is a batch of claims. A worker that stands still keeps them from others until
RabbitMQ sees it, or the relay notifies again."""
_TAG_CHARACTERS = 255
ANY_LANE = "keepsake.any_lane"
"""The actor of messages whose own actor only another version has."""
QUEUE_ARGUMENTS: dict[str, Any] = {"x-queue-type": "quorum"}
Settled = Callable[[bool], None]
Sending = Callable[[Message[Any], Settled], Settled]


class BrokerSettings(Settings):
    """Where RabbitMQ is and how long to wait for it."""

    amqp_url: Annotated[SecretStr, Audience.HOSTS] = SecretStr(
        "amqp://guest:guest@127.0.0.1:5672/%2F"
    )
    """The RabbitMQ to use; `keepsake run` starts a private one without it. The nodes of a cluster
    are several URLs with a semicolon between them ([clusters](#clusters))."""
    amqp_socket_timeout_seconds: float = Field(default=3, gt=0)
    """Bounds a publish to a hung broker."""

    @property
    def urls(self) -> list[str]:
        """The URL of each node."""
        return re.split(r";(?=amqps?://)", self.amqp_url.get_secret_value())

    def parameters(self, name: str) -> pika.URLParameters:
        """The driver's parameters for any one node; `name` shows in the management console."""
        return self.nodes(name)[0]

    def nodes(self, name: str) -> list[pika.URLParameters]:
        """The driver's parameters for all nodes, to be tried in this order.

        It differs from process to process, so that a cluster's nodes share the load.
        """
        urls = self.urls
        return [self._parameters(url, name) for url in random.sample(urls, len(urls))]

    def _parameters(self, url: str, name: str) -> pika.URLParameters:
        parameters = pika.URLParameters(url)
        parameters.heartbeat = _HEARTBEAT_SECONDS
        parameters.socket_timeout = self.amqp_socket_timeout_seconds
        parameters.stack_timeout = self.amqp_socket_timeout_seconds * 2
        parameters.blocked_connection_timeout = self.amqp_socket_timeout_seconds * 2
        parameters.connection_attempts = 1
        parameters.client_properties = {"connection_name": name}
        return parameters


class JobBroker(RabbitmqBroker):
    """Dramatiq's broker with three changes.

    Queues are quorum queues, without a delay queue, since delays wait in MongoDB, and without a
    dead-letter queue: a message holds no job, and one that nobody can read is logged and dropped.
    A publish is confirmed or raises; all publishes of a process share one connection and its
    confirms. Messages carry the properties that the management console shows: the job's id and
    type, the time, the application.
    """

    def __init__(
        self, settings: BrokerSettings, middleware: list[Middleware], *, name: str
    ) -> None:
        super().__init__(confirm_delivery=True, url=None, middleware=middleware)
        self._name = name
        self.parameters = settings.nodes(name)
        self.short: frozenset[str] = frozenset()
        """The queues of short jobs."""
        self.delivered: Callable[[MessageProxy], None] = _ignored
        """Hears of each message that comes, before a thread does."""
        self.sending: Sending = _sent
        """Hears of each message that leaves, and may mark it; returns what hears of its confirm."""
        self.draining = False
        """Whether this process is to get no further messages."""
        self._unconfirmed: Message[Any] | None = None
        self._timeout_seconds = settings.amqp_socket_timeout_seconds * 2
        self.publisher = Publisher(
            settings.nodes(f"{name} publisher"), self._declare_all, self._timeout_seconds
        )

    def held(self, queue_name: str, prefetch: int) -> int:
        """How many messages of a queue a worker holds: of short jobs enough to claim ahead."""
        return max(prefetch, _HELD) if queue_name in self.short else prefetch

    def consumer_tag(self, queue_name: str) -> str:
        """Who takes from a queue, for the management console: this process, and for which types."""
        types = sorted(
            name
            for name, actor in self.actors.items()
            if actor.queue_name == queue_name and name != ANY_LANE
        )
        return f"{self._name} {', '.join(types)}"[:_TAG_CHARACTERS]

    @property
    def consumer_class(self) -> type[JobConsumer]:
        """What Dramatiq's worker consumes a queue with."""
        return JobConsumer

    def await_server(self, within_seconds: float) -> None:
        """Wait a while for a RabbitMQ that is starting, so that a start is not told as an outage.

        Afterwards whoever needs it finds out, and says, whether it is there.
        """
        pause, deadline = threading.Event(), time.monotonic() + within_seconds
        while not any(map(_listens, self.parameters)) and time.monotonic() < deadline:
            pause.wait(_LOOK_SECONDS)

    def declare_queue(self, queue_name: str, *, ensure: bool = False) -> None:
        """Declare a queue, on the server when `ensure` is set."""
        name = q_name(queue_name)
        if name not in self.queues:
            self.emit_before("declare_queue", name)
            self.queues.add(name)
            self.queues_pending.add(name)
            self.emit_after("declare_queue", name)
        if ensure:
            self._ensure_queue(name)  # type: ignore[no-untyped-call]

    def get_actor(self, actor_name: str) -> Actor[..., Any]:
        """An actor by its name; that of any lane if only another version knows the name.

        A notification says that a lane may have a job that is due, so whoever gets it looks.
        Dramatiq would log an error for each and drop it.
        """
        declared = actor_name in self.actors or ANY_LANE not in self.actors
        actor: Actor[..., Any] = super().get_actor(actor_name if declared else ANY_LANE)
        return actor

    def _build_queue_arguments(self, queue_name: str) -> dict[str, Any]:
        """Those of versions that had dead-letter queues: RabbitMQ refuses others for a queue."""
        inherited = super()._build_queue_arguments(queue_name)  # type: ignore[no-untyped-call]
        return {**inherited, **QUEUE_ARGUMENTS}

    def _declare_dq_queue(self, queue_name: str) -> None:
        """Delays wait in MongoDB."""

    def _declare_xq_queue(self, queue_name: str) -> None:
        """Messages that cannot be read are dropped."""

    def enqueue(self, message: Message[Any], *, delay: int | None = None) -> Message[Any]:
        """Publish a message and wait until RabbitMQ has it on disk.

        Raises:
            BrokerUnavailable: It did not confirm; the message may or may not be there.
            Undeliverable: A delay was asked for.
        """
        if delay is not None:
            raise Undeliverable("delays wait in MongoDB: give the job a run_at")
        confirm = _Confirm()
        self.emit_before("enqueue", message, delay)
        self.publish(message, confirm)
        if not confirm.wait(self._timeout_seconds):
            raise BrokerUnavailable("RabbitMQ did not confirm")
        self.emit_after("enqueue", message, delay)
        return message

    def publish(self, message: Message[Any], settled: Settled) -> None:
        """Publish a message; `settled` hears once whether RabbitMQ confirmed. Never blocks."""
        self._send(message, self.sending(message, settled))

    def _send(self, message: Message[Any], settled: Settled) -> None:
        def answered(confirmed: bool) -> None:  # noqa: FBT001 - its one argument
            self._unconfirmed = None if confirmed else message
            settled(confirmed)

        self.publisher.publish(publication_of(message, answered))

    def condition(self) -> Condition:
        """Whether RabbitMQ takes messages: it is asked to confirm one.

        That is the last that it did not, since queues may refuse where the node does not; a second
        notification does nothing. Else one that goes nowhere.
        """
        confirm = _Confirm()
        if not self.publisher.blocked:
            if (unconfirmed := self._unconfirmed) is not None:
                self._send(unconfirmed, confirm)
            else:
                self._publish_nowhere(confirm)
            if confirm.wait(_PROBE_SECONDS):
                return "ok"
        return "alarm" if self.publisher.blocked else "unavailable"

    def _publish_nowhere(self, settled: Settled) -> None:
        probe_id = uuid4().hex
        frames = publish_frames(_NOWHERE, b"", probe_id, "probe", mandatory=False)
        self.publisher.publish(Publication(probe_id, frames, settled))

    def close(self) -> None:
        """Wait for the confirms of what was published, then close all connections."""
        self.publisher.close(self._timeout_seconds)
        super().close()

    def _declare_all(self, channel: Any) -> None:
        for name in self.queues:
            arguments = self._build_queue_arguments(name)
            channel.queue_declare(queue=name, durable=True, arguments=arguments)

    def _drop_connection(self, queue_name: str, error: Exception) -> None:
        if isinstance(error, pika.exceptions.UnroutableError):
            self.queues_pending.add(queue_name)
        del self.connection

    def depth(self, queue_name: str) -> int | None:
        """How many messages are ready in a queue; None when RabbitMQ does not say."""
        try:
            self.declare_queue(queue_name, ensure=True)
            declared = self.channel.queue_declare(queue=queue_name, passive=True)
        except Exception as error:  # noqa: BLE001 - as above
            self._drop_connection(queue_name, error)
            self.queues_pending.add(queue_name)
            self.logger.info("queue.depth_unknown", extra={"queue": queue_name})
            return None
        return int(declared.method.message_count)


def _listens(node: pika.ConnectionParameters) -> bool:
    try:
        with socket.create_connection((node.host, node.port), timeout=_PROBE_SECONDS):
            return True
    except OSError:
        return False


def _ignored(_message: MessageProxy) -> None:
    """Nobody has to hear of it."""


def _sent(_message: Message[Any], settled: Settled) -> Settled:
    return settled


class _Confirm:
    """What a thread waits for."""

    def __init__(self) -> None:
        self._settled = threading.Event()
        self._confirmed = False

    def __call__(self, confirmed: bool) -> None:  # noqa: FBT001 - its one argument
        self._confirmed = confirmed
        self._settled.set()

    def wait(self, seconds: float) -> bool:
        """Whether RabbitMQ confirmed within some seconds."""
        return self._settled.wait(seconds) and self._confirmed


class RecordUnavailable(MiddlewareError):
    """The job's record cannot be read or written."""


class BrokerUnavailable(MiddlewareError):
    """RabbitMQ did not confirm a message; it may or may not have taken it."""


class Undeliverable(MiddlewareError):
    """The message asks for what Keepsake does not do."""
