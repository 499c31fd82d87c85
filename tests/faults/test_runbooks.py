"""The incidents of docs/runbooks: what their pages show is typed, and has to answer as they say.

A line that begins with `#` is what an operator does elsewhere; a test does it. `…` stands for
anything, and so do ids, times and sizes. Commands that only look are repeated until they answer so.
"""

import json
import re
import shlex
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner

from keepsake.access.keys import KeyStore
from keepsake.launcher.administration import ensure_indexes
from keepsake_client import Keepsake
from keepsake_client.cli import cli
from tests.conftest import ROOT, started_web, started_worker
from tests.faults.conftest import FAST
from tests.integration.scanner.gitrepo import GitRepo

RUNBOOKS = ROOT / "docs" / "runbooks"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"^(\$ keepsake|#) (.*)\n((?:(?!\$ |# ).*\n)*)", re.MULTILINE)
LOOKS = re.compile(r"(doctor|status|jobs show|dead ls|.* --dry-run|\w+ ls)( |$)")
VARIES = re.compile(
    r"…|\b(?:job|key)_\w+|\d{4}-\d\d-\d\d [\d:+]+|\b\d+ s\b(?: ago)?|\bnow\b|\bvm:\S+|"
    r"\b[0-9a-f]{32}\b|https?://[^\s,]+|\d+ [GM]iB|(?<=below ).*"
)
_SECONDS = 40


@pytest.fixture(scope="module")
def settings(directory):
    return {
        **FAST,
        "KEEPSAKE_SCAN_PROTOCOLS": '["file", "https"]',
        "KEEPSAKE_SCAN_CACHE_PATH": str(directory / "runbook-mirrors"),
    }


@pytest.fixture(scope="module")
def service(rabbitmq, mongod, directory, settings):
    process, base_url = started_web(directory / "runbooks-web.log", **settings)
    yield base_url
    process.stop(grace_seconds=5)


@pytest.fixture
def start_worker(empty_queues, mongod, tmp_path, settings):
    """Starts a worker; all that are left end with the test."""
    started = []

    def start(threads=4, **changed):
        log = tmp_path / f"worker-{len(started)}.log"
        started.append(started_worker(log, threads=threads, **settings | changed))
        return started[-1]

    yield start
    for process in started:
        process.kill()


@pytest.fixture
def owner(service, database):
    """Makes clients of an owner."""
    ensure_indexes(database)
    opened = []

    def make(name):
        opened.append(Keepsake(service, KeyStore(database).create(name)))
        return opened[-1]

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def keepsake(service, database, tmp_path, monkeypatch):
    """Runs a command line as an operator."""
    ensure_indexes(database)
    monkeypatch.chdir(tmp_path)
    env = {"KEEPSAKE_URL": service, "XDG_CONFIG_HOME": str(tmp_path),
           "KEEPSAKE_API_KEY": KeyStore(database).create("root", role="operator")}  # fmt: skip
    return lambda *arguments: CliRunner().invoke(cli, arguments, env=env).output


@pytest.fixture
def followed(keepsake, eventually):
    """Types what a page shows; names: what its words in capitals stand for, actions: its `#`."""

    def follow(page, names, actions):
        steps = STEP.findall("\n".join(BLOCK.findall((RUNBOOKS / page).read_text())))
        assert [said for kind, said, _ in steps if kind == "#"] == list(actions)
        for kind, said, promised in steps:
            if kind == "#":
                actions[said]()
                continue
            line = named(names, said)
            expected = pattern(named(names, promised.strip()))

            def answers(line=line, expected=expected):
                answers.said = keepsake(*shlex.split(line)).strip()
                return expected.fullmatch(answers.said)

            try:
                eventually(answers, within=_SECONDS if LOOKS.match(line) else 0)
            except AssertionError:
                pytest.fail(f"$ keepsake {line}\n{answers.said}\n--- is not\n{promised}")

    return follow


def pattern(promised):
    """What fits an answer that a page promises; columns may be wider or narrower."""
    parts = (r"\s+".join(map(re.escape, re.split(r"\s+", part))) for part in VARIES.split(promised))
    return re.compile(r".*?".join(parts), re.DOTALL)


def named(names, text):
    """A text with what its words stand for; each is looked for when it is first met."""
    for name in [name for name in names if name in text]:
        if callable(names[name]):
            names[name] = names[name]()
        text = text.replace(name, names[name])
    return text


def test_a_tenant_that_floods_is_found_and_stopped(owner, start_worker, followed, keepsake):
    start_worker(threads=1)
    bob, said = owner("bob"), "I bought a boat, a bike and a book in Lisbon. " * 150
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: bob.memory.add(said, user_id=f"u{n}", labels={"batch": "nightly"}),
                      range(150)))  # fmt: skip

    def waiting():
        listed = keepsake("jobs", "ls", "--owner", "bob", "--status", "pending", "--json")
        return json.loads(listed)[0]["job_id"]

    followed("tenant-floods.md", {"job_01m8k1077ma0vbsbnr0q7dqa9x": waiting}, {})


def test_jobs_that_a_deploy_has_poisoned_are_found_and_done_again(
    owner, start_worker, followed, tmp_path, keepsake, eventually
):
    ann, wrong = owner("ann"), start_worker(KEEPSAKE_SCAN_MAX_FILES="1")
    jobs = []
    for name in ("shop", "till"):
        repository = GitRepo(tmp_path / "acme" / name)
        repository.commit({f"{file}.py": "def price():\n    return 1\n" for file in "ab"})
        jobs.append(ann.code.scan(repository.url, embed=False))

    def worker():
        listed = eventually(
            lambda: json.loads(keepsake("workers", "ls", "--json")), within=_SECONDS
        )
        return listed[0]["worker"]

    def deploy():
        start_worker()
        wrong.stop(grace_seconds=10)

    followed(
        "poison-jobs.md",
        {"job_01m8k10es4kkr7mbja0vqt2w4h": jobs[0].id, "vm:8344-6d85609f": worker},
        {"A worker with the right setting is started, and the drained one stopped.": deploy},
    )


@pytest.mark.drill
def test_a_rabbitmq_that_lost_its_directory_is_found_and_nothing_is_lost(
    owner, start_worker, followed, rabbitmq, eventually, keepsake
):
    start_worker()
    job = owner("ann").memory.add("I live in Lisbon.", user_id="ana")
    job.result(_SECONDS)  # what waits for long is told of, too
    eventually(lambda: "workers   ok" in keepsake("status"), within=_SECONDS)

    def lose():
        rabbitmq.kill()
        rabbitmq.wipe()

    followed(
        "rabbitmq-lost-its-directory.md",
        {"job_01m8k10tk9kkpq62249ytdkna9": job.id},
        {
            "RabbitMQ dies, and its directory is lost.": lose,
            "RabbitMQ is started with an empty directory.": rabbitmq.start,
        },
    )
