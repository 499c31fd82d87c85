"""What was erased is nowhere: not in a collection, nor, once compacted, in any file.

Each way in gets a word of its own, so that what stays says which way it came.
"""

import base64
import json
import os
import secrets
import string
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from bson import json_util

from keepsake.access.keys import KeyStore
from keepsake.inference import ModelReply
from keepsake.launcher import data_directory
from keepsake.launcher.administration import ensure_indexes
from keepsake.launcher.backups import compact
from keepsake.launcher.mongod import Mongod
from keepsake.launcher.process import free_port
from keepsake.launcher.rabbitmq import RabbitMQ
from keepsake.launcher.settings import LauncherSettings
from keepsake.memory.models import MemoryScope
from keepsake.memory.storing.kept_replies import KeptReplies
from keepsake.storage import MongoSettings, connect
from keepsake_client import Keepsake
from keepsake_client.problems import IllegalMove
from tests.conftest import started_web, started_worker
from tests.faults.conftest import FAST, contents
from tests.integration.scanner.gitrepo import GitRepo

pytestmark = pytest.mark.drill
ASKED = {"prompt", "query", "question", "text"}
"""What was asked is stored at no time."""


class PlainMongod(Mongod):
    """Compresses nothing."""

    @property
    def command(self):
        return [
            *super().command, "--wiredTigerCollectionBlockCompressor", "none",
            "--wiredTigerJournalCompressor", "none", "--wiredTigerIndexPrefixCompression", "false",
        ]  # fmt: skip


class Canaries:
    """A word for each way in."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}

    def __call__(self, way: str) -> str:
        drawn = "".join(secrets.choice(string.ascii_lowercase) for _ in range(14))
        return self.words.setdefault(way, f"Zq{way}{drawn}")

    def found(self, content: bytes) -> set[str]:
        """The ways whose word is in some bytes."""
        low = content.lower()
        return {way for way, word in self.words.items() if word.lower().encode() in low}


@pytest.fixture
def canaries():
    return Canaries()


@pytest.fixture
def data(tmp_path):
    directory = tmp_path / "data"
    directory.mkdir(mode=0o700)
    return directory


@pytest.fixture
def mongod(data):
    server = PlainMongod(data / "mongo", free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def service(data, mongod, monkeypatch):
    """Web and a worker over servers whose data is in one directory; and what ends them."""
    (data / "tmp").mkdir()
    rabbitmq = RabbitMQ(data / "rabbitmq", free_port(), None)
    rabbitmq.start()
    settings = FAST | {
        "KEEPSAKE_MONGO_URL": mongod.url,
        "KEEPSAKE_AMQP_URL": rabbitmq.url,
        "KEEPSAKE_DATA_DIR": str(data),
        "KEEPSAKE_SCAN_PROTOCOLS": '["file"]',
        "TMPDIR": str(data / "tmp"),
        "KEEPSAKE_SECRET_KEY": base64.b64encode(os.urandom(32)).decode(),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    web, base_url = started_web(data / "log" / "web.log")
    worker = started_worker(data / "log" / "worker.log")

    def end():
        for part in (web, worker, rabbitmq):
            part.stop()

    yield base_url, end
    end()


@pytest.fixture
def database(mongod):
    opened = connect(MongoSettings(mongo_url=mongod.url))
    ensure_indexes(opened)
    yield opened
    opened.client.close()


@pytest.fixture
def holding(data, canaries):
    """Which words are in which files, below a folder of the data directory."""

    def look(folder=""):
        held = {str(path.relative_to(data)): canaries.found(content)
                for path, content in contents(data / folder)}  # fmt: skip
        return {name: ways for name, ways in held.items() if ways}

    return look


def remembered(client, canaries, user, tmp_path):
    """Have a user remembered by all that memory takes."""
    memory = client.memory
    memory.add(
        f"I live in {canaries('turn')}.", user_id=user, agent_response=f"{canaries('reply')}!",
        metadata={"channel": canaries("metadata")}, labels={"team": canaries("label")},
        session_id=canaries("session"), source_id=canaries("source"), speaker=canaries("speaker"),
        idempotency_key=canaries("key"),
    ).result(60)  # fmt: skip
    memory.add_many([{"user_query": f"I like {canaries('batch')}.", "user_id": user}]).result(60)
    memory.import_(transcript=f"User: I ski in {canaries('import')}.", user_id=user).result(60)
    memory.state(canaries("fact"), attribute="works_at", user_id=user).result(60)
    export = tmp_path / "chat.txt"
    export.write_text(f"User: I own a {canaries('upload')}.\nAssistant: Nice.\n")
    memory.upload(export, user_id=user).result(60)
    restored = json.dumps(next(iter(memory.export(user_id=user))).model_dump(mode="json"))
    memory.restore(restored.replace("live in", canaries("restore")), user_id=user).wait(60)
    (listed, *_) = memory.list(user_id=user)
    memory.update(listed.id, f"I live near {canaries('edit')}.", user_id=user)
    memory.search(canaries("query"), user_id=user)
    memory.answer(f"Where is {canaries('question')}?", user_id=user)
    memory.context(query=canaries("prompt"), user_id=user, max_tokens=500)


def given_up(client, canaries, user, database, eventually):
    """A job of the user's ends as a dead letter."""
    words = f"I was in {canaries('letter')}."
    late = datetime.now(UTC) + timedelta(hours=1)
    job = client.memory.add(words, user_id=user, run_at=late)
    past = {"run_at": datetime.now(UTC), "deadline_at": datetime.now(UTC) - timedelta(hours=1)}
    database["jobs"].update_one({"_id": job.id}, {"$set": past})
    eventually(lambda: database["dead_letters"].find_one({"_id": job.id}), within=30)


def scanned(client, canaries, tmp_path):
    """A repository is scanned, and another one cannot be."""
    word = canaries("symbol").lower()
    repository = GitRepo(tmp_path / "acme" / "shop")
    repository.commit({
        f"{canaries('path').lower()}.py": f'def {word}():\n    """{canaries("code")}"""\n',
    })  # fmt: skip
    client.code.scan(repository.url).result(60)
    client.code.search_text("acme/shop", canaries("text"))
    client.code.schedule(repository.url, "0 3 * * *", labels={"x": canaries("schedule")})
    client.code.scan(f"file://{tmp_path}/acme/{canaries('absent').lower()}").wait(60)


def erased(client, user, database):
    """Do what docs/operating.md says of an erasure."""
    for webhook in client.webhooks.list():
        client.webhooks.delete(webhook.webhook_id)
    for repository in client.code.repositories():
        client.code.delete(f"{repository.org}/{repository.repo}")
    assert set(client.users.erase(user).after.values()) == {0}
    for job in client.jobs.list():
        if job.status not in {"succeeded", "dead_letter", "cancelled"}:
            with suppress(IllegalMove):  # it has ended since
                client.jobs.cancel(job.job_id)
        client.jobs.wait(job.job_id, timeout=30)
        client.jobs.get(job.job_id).erase()
    assert database["jobs"].count_documents({"owner": "alice"}) == 0


@pytest.mark.timeout(300)
def test_what_was_erased_is_in_no_collection_and_after_compaction_in_no_file(
    service, database, canaries, holding, data, mongod, tmp_path, eventually, monkeypatch
):
    base_url, end = service
    user = canaries("user")
    with Keepsake(base_url, KeyStore(database).create("alice")) as client:
        client.webhooks.create(f"https://example.org/{canaries('webhook')}", ["job.ended"],
                               description=canaries("description"))  # fmt: skip
        remembered(client, canaries, user, tmp_path)
        given_up(client, canaries, user, database, eventually)
        scanned(client, canaries, tmp_path)
        reply = ModelReply(canaries("model"), "m", 1, 1)
        step = KeptReplies(database).step(MemoryScope("alice", user), "job_1", 0, "extract")
        step.keep(0, reply)
        with Keepsake(base_url, KeyStore(database).create("bob")) as bob:
            bob.memory.add("I keep bees.", user_id="bo").result(60)
        database.client.admin.command("fsync")
        before = set().union(*holding("mongo").values())
        assert holding("mirrors") or list((data / "mirrors").glob("*.git"))
        erased(client, user, database)
        eventually(lambda: not list((data / "mirrors").glob("*.git")), within=90)

    stored = {name: canaries.found(json_util.dumps(list(database[name].find())).encode())
              for name in database.list_collection_names()}  # fmt: skip
    print("in MongoDB's files:", *sorted(before))
    assert canaries.words.keys() - before == ASKED
    assert {name: ways for name, ways in stored.items() if ways} == {}
    assert holding("log") == holding("rabbitmq") == holding("tmp") == {}
    end()
    mongod.stop()
    left = holding()
    print(
        "after the erasure, in its free blocks, journal and oplog:",
        *sorted(set().union(*left.values())),
    )

    monkeypatch.setattr(data_directory, "Mongod", PlainMongod)
    monkeypatch.delenv("KEEPSAKE_MONGO_URL")
    monkeypatch.delenv("KEEPSAKE_AMQP_URL")
    monkeypatch.setenv("KEEPSAKE_MONGO_PORT", str(mongod.port))
    sizes = compact(LauncherSettings())

    print(f"compacted: {sizes}\nverdict: {'nothing is left' if not holding() else holding()}")
    assert holding() == {}
    mongod.start()
    assert database["memories"].find_one({"user_id": "bo"})
