"""The RabbitMQ broker: quorum queues, confirmed publishes, messages an operator can read."""

import random
import re
import time
from typing import Any

import pika
from dramatiq import Message
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.common import q_name, xq_name
from dramatiq.middleware import Middleware
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from middleware.errors import BrokerUnavailable, Undeliverable

APP_ID = "keepsake"
QUEUE_ARGUMENTS: dict[str, Any] = {"x-queue-type": "quorum"}
_TRIES = 2


class BrokerSettings(BaseSettings):
    """Where RabbitMQ is and how long to wait for it.

    amqp_url: the nodes of a cluster are several URLs with a semicolon between them.
    """

    model_config = SettingsConfigDict(env_prefix="KEEPSAKE_", frozen=True)

    amqp_url: SecretStr = SecretStr("amqp://guest:guest@127.0.0.1:5672/%2F")
    amqp_heartbeat_seconds: int = Field(default=60, ge=1)
    amqp_socket_timeout_seconds: float = Field(default=3, gt=0)

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
        parameters.heartbeat = self.amqp_heartbeat_seconds
        parameters.socket_timeout = self.amqp_socket_timeout_seconds
        parameters.stack_timeout = self.amqp_socket_timeout_seconds * 2
        parameters.blocked_connection_timeout = self.amqp_socket_timeout_seconds * 2
        parameters.connection_attempts = 1
        parameters.client_properties = {"connection_name": name}
        return parameters


class JobBroker(RabbitmqBroker):
    """Dramatiq's broker with three changes.

    Queues are quorum queues with a dead-letter queue and no delay queue, since delays wait in
    MongoDB. A publish is confirmed or raises. Messages carry the properties that the management
    console shows: the job's id and type, the time, the application.
    """

    def __init__(
        self, settings: BrokerSettings, middleware: list[Middleware], *, name: str
    ) -> None:
        super().__init__(confirm_delivery=True, url=None, middleware=middleware)
        self.parameters = settings.nodes(name)

    def declare_queue(self, queue_name: str, *, ensure: bool = False) -> None:
        """Declare a queue and its dead-letter queue, on the server when `ensure` is set."""
        name = q_name(queue_name)
        if name not in self.queues:
            self.emit_before("declare_queue", name)
            self.queues.add(name)
            self.queues_pending.add(name)
            self.emit_after("declare_queue", name)
        if ensure:
            self._ensure_queue(name)  # type: ignore[no-untyped-call]

    def _build_queue_arguments(self, queue_name: str) -> dict[str, Any]:
        inherited = super()._build_queue_arguments(queue_name)  # type: ignore[no-untyped-call]
        return {**inherited, **QUEUE_ARGUMENTS}

    def _declare_dq_queue(self, queue_name: str) -> None:
        """Delays wait in MongoDB."""

    def _declare_xq_queue(self, queue_name: str) -> Any:
        return self.channel.queue_declare(
            queue=xq_name(queue_name), durable=True, arguments=QUEUE_ARGUMENTS
        )

    def enqueue(self, message: Message[Any], *, delay: int | None = None) -> Message[Any]:
        """Publish a message and wait until RabbitMQ has it on disk.

        Raises:
            BrokerUnavailable: It did not confirm; the message may or may not be there.
            Undeliverable: A delay was asked for.
        """
        if delay is not None:
            raise Undeliverable("delays wait in MongoDB: give the job a run_at")
        self.emit_before("enqueue", message, delay)
        self._publish(message)
        self.emit_after("enqueue", message, delay)
        return message

    def _publish(self, message: Message[Any]) -> None:
        body = message.encode()
        for left in reversed(range(_TRIES)):
            try:
                self.declare_queue(message.queue_name, ensure=True)
                self.channel.basic_publish(
                    exchange="",
                    routing_key=message.queue_name,
                    body=body,
                    properties=_properties(message),
                    mandatory=True,
                )
            except Exception as error:  # a hung broker raises what is no AMQPError
                self._drop_connection(message.queue_name, error)
                if not left:
                    raise BrokerUnavailable("RabbitMQ did not confirm") from error
            else:
                return

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


def _properties(message: Message[Any]) -> pika.BasicProperties:
    trace = message.options.get("traceparent")
    return pika.BasicProperties(
        delivery_mode=2,
        message_id=message.message_id,
        type=message.actor_name,
        timestamp=int(time.time()),
        app_id=APP_ID,
        content_type="application/json",
        headers={"traceparent": trace} if trace else None,
    )
