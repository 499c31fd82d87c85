"""What a MongoDB that is there, but not back in its replica set yet, is to our stores: away."""

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from keepsake.launcher.mongod import Mongod
from keepsake.launcher.process import LOOPBACK, free_port, until
from keepsake.storage.mongo import StorageUnavailable, translated

OPERATIONS = {
    "a read": lambda database: database["jobs"].find_one({}),
    "a write": lambda database: database["jobs"].insert_one({}),
    "a change feed": lambda database: database["jobs"].watch().close(),
    "a transaction": lambda database: _transaction(database),
}


def _transaction(database):
    with database.client.start_session() as session:
        session.with_transaction(lambda session: database["jobs"].insert_one({}, session=session))


@pytest.fixture(scope="module")
def no_member(tmp_path_factory):
    """A mongod whose replica set has not begun: what one is for a moment after each start."""
    directory = tmp_path_factory.mktemp("no-member")
    (directory / "data").mkdir()
    server = Mongod(directory, free_port())
    server.process.start()
    client = MongoClient(
        LOOPBACK, server.port, directConnection=True, serverSelectionTimeoutMS=2_000
    )
    until(lambda: _answers(client), server.process, within_seconds=60)
    yield client["keepsake"]
    client.close()
    server.kill()


def _answers(client) -> bool:
    try:
        return bool(client.admin.command("ping"))
    except PyMongoError:
        return False


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_member_that_is_not_back_yet_is_away(no_member, operation):
    with pytest.raises(StorageUnavailable), translated("asking"):
        operation(no_member)
