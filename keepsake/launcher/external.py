"""Servers that are configured by URL instead of being ours: looked at before anything starts."""

import pika
from pika.exceptions import AMQPError
from pydantic import SecretStr, ValidationError
from pymongo.database import Database
from pymongo.errors import PyMongoError

from keepsake.launcher.errors import CannotStart
from keepsake.launcher.mongod import REPLICA_SET
from keepsake.launcher.ports import LOOPBACK
from keepsake.launcher.settings import StackSettings
from keepsake.storage.mongo import Document, MongoSettings, connect
from middleware.broker import BrokerSettings

_TIMEOUT_SECONDS = 5


def require_amqp(url: str) -> None:
    """Log in to a RabbitMQ, or to any node of several.

    Raises:
        CannotStart: It does not answer, or not to us; the message does not repeat the URL.
    """
    try:
        nodes = [pika.URLParameters(one) for one in BrokerSettings(amqp_url=SecretStr(url)).urls]
        for parameters in nodes:
            parameters.socket_timeout = parameters.blocked_connection_timeout = _TIMEOUT_SECONDS
            parameters.connection_attempts = 1
        pika.BlockingConnection(nodes).close()
    except (AMQPError, OSError, ValueError, IndexError) as error:
        raise CannotStart(
            f"KEEPSAKE_AMQP_URL leads to no RabbitMQ that lets us in ({type(error).__name__}): "
            "start it, mend the URL, or unset it for a private one"
        ) from error


def database(settings: StackSettings) -> Database[Document]:
    """Open the MongoDB that is configured by URL, else the private one.

    Raises:
        CannotStart: It does not answer, or is no replica set.
    """
    private_url = f"mongodb://{LOOPBACK}:{settings.mongo_port}/?replicaSet={REPLICA_SET}"
    return mongo(settings.mongo_url.get_secret_value() if settings.mongo_url else private_url)


def mongo(url: str) -> Database[Document]:
    """Open a MongoDB that must be a replica set.

    Raises:
        CannotStart: It is none, or does not answer; the message does not repeat the URL.
    """
    try:
        database = connect(MongoSettings(mongo_url=SecretStr(url)))
        answer = database.command("hello")
    except (PyMongoError, ValidationError) as error:
        raise CannotStart(
            f"no MongoDB answers at KEEPSAKE_MONGO_URL or KEEPSAKE_MONGO_PORT "
            f"({type(error).__name__}): start it or mend the setting"
        ) from error
    if "setName" not in answer:
        database.client.close()
        raise CannotStart("KEEPSAKE_MONGO_URL leads to no replica set: jobs need its transactions")
    return database
