"""Servers that are configured by URL instead of being ours: looked at before anything starts."""

import pika
from pika.exceptions import AMQPError
from pydantic import SecretStr
from pymongo.database import Database
from pymongo.errors import PyMongoError

from keepsake.launcher.mongod import REPLICA_SET
from keepsake.launcher.ports import LOOPBACK
from keepsake.launcher.process import CannotStart
from keepsake.launcher.settings import LauncherSettings
from keepsake.storage import Document, MongoSettings, connect, read_secret
from middleware.broker import BrokerSettings

_TIMEOUT_SECONDS = 5


def require_amqp(settings: BrokerSettings) -> None:
    """Log in to a RabbitMQ, or to any node of several.

    Raises:
        CannotStart: It does not answer, or not to us; the message does not repeat the URL.
    """
    try:
        nodes = settings.nodes("keepsake-launcher")
        for parameters in nodes:
            parameters.socket_timeout = parameters.blocked_connection_timeout = _TIMEOUT_SECONDS
        pika.BlockingConnection(nodes).close()
    except (AMQPError, OSError, ValueError, IndexError) as error:
        raise CannotStart(
            f"KEEPSAKE_AMQP_URL leads to no RabbitMQ that lets us in ({type(error).__name__}): "
            "start it, mend the URL, or unset it for a private one"
        ) from error


def open_database(settings: LauncherSettings) -> Database[Document]:
    """Open the MongoDB that is configured, else the private one of the data directory.

    Raises:
        CannotStart: It does not answer, or is no replica set.
        NotPrivate: Others may change where the data directory says that it is.
    """
    if not settings.starts_mongod:
        return _opened(settings, "KEEPSAKE_MONGO_URL")
    path = settings.remembered_mongo
    if "mongo_port" not in settings.model_fields_set and path.exists():
        url, place = read_secret(path), str(path)
    else:
        url = f"mongodb://{LOOPBACK}:{settings.mongo_port}/?replicaSet={REPLICA_SET}"
        place = "KEEPSAKE_MONGO_PORT"
    return _opened(MongoSettings(mongo_url=SecretStr(url)), place)


def _opened(settings: MongoSettings, place: str) -> Database[Document]:
    """Open a MongoDB; what is said of it does not repeat the URL."""
    try:
        database = connect(settings)
        answer = database.command("hello")
    except PyMongoError as error:
        raise CannotStart(
            f"no MongoDB answers where {place} says ({type(error).__name__}): "
            "start it, or name another one with KEEPSAKE_MONGO_URL"
        ) from error
    if "setName" not in answer:
        database.client.close()
        raise CannotStart(f"{place} leads to no replica set: jobs need its transactions")
    return database
