"""What a client does when the service is away, busy, or its answer is lost on the way."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from chaos.proxy import Proxy
from keepsake.access.keys import KeyLimits
from keepsake_client import Keepsake
from keepsake_client.errors import ConnectionFailed
from keepsake_client.problems import (
    BacklogFull,
    StorageUnavailable,
    TooManyRequests,
    TooManyStreams,
    Unauthorized,
)
from tests.integration.client.conftest import Driven


@pytest.fixture
def proxy(service):
    """A way to the service that can be cut."""
    between = Proxy(int(service.rpartition(":")[2]))
    between.start()
    yield between
    between.stop()


@pytest.fixture
def beside():
    """Runs a call in a thread of its own."""
    with ThreadPoolExecutor() as threads:
        yield threads.submit


@pytest.fixture
def pauses(monkeypatch):
    """How long clients wait before they send again; they do wait."""
    waited: list[float] = []

    def watch(client: Keepsake) -> list[float]:
        transport = client._session.transport
        sleep = transport.sleep

        async def noted(seconds: float) -> None:
            waited.append(seconds)
            await sleep(seconds)

        monkeypatch.setattr(transport, "sleep", noted)
        return waited

    return watch


@pytest.mark.parametrize("side", [Keepsake, Driven])
def test_a_submission_whose_answer_is_lost_is_one_job(side, proxy, key, engine, beside, eventually):
    client = side(f"http://127.0.0.1:{proxy.port}", key("ann"))
    if side is Driven:
        submit = lambda: client.settled(client.client.memory.add("I live in Lisbon."))  # noqa: E731
    else:
        submit = lambda: client.memory.add("I live in Lisbon.")  # noqa: E731
    proxy.hold_answers()

    submitted = beside(submit)
    accepted = eventually(lambda: engine.records.jobs.find_one({}))
    proxy.drop()
    proxy.heal()
    job = submitted.result(30)

    assert job.id == accepted["_id"]
    assert accepted["idempotency"]["derived"] is False
    assert engine.records.jobs.count_documents({}) == 1
    client.close()


def test_what_may_be_done_twice_by_a_repeat_is_not_repeated(proxy, key, engine, beside, eventually):
    keys = engine.records.database["api_keys"]
    client = Keepsake(f"http://127.0.0.1:{proxy.port}", key("root", role="operator"))
    assert client.ready().mongodb == "ok"
    proxy.hold_answers()

    creating = beside(client.admin.create_key, "carl")
    eventually(lambda: keys.count_documents({"owner": "carl"}))
    proxy.drop()
    proxy.heal()

    with pytest.raises(ConnectionFailed):
        creating.result(30)
    assert keys.count_documents({"owner": "carl"}) == 1
    client.close()


def test_refusals_of_too_many_requests_are_waited_out(service, key, pauses):
    limits = KeyLimits(requests_per_second=2.0)
    with Keepsake(service, key("ann", limits=limits)) as client:
        waited = pauses(client)
        infos = [list(client.jobs.list()) for _ in range(8)]

    assert infos == [[]] * 8
    assert waited
    assert all(seconds >= 1 for seconds in waited)


def test_without_time_to_wait_a_refusal_is_an_error_at_once(service, key):
    limits = KeyLimits(requests_per_second=1.0)
    client = Keepsake(service, key("ann", limits=limits), retry_seconds=0)

    with client, pytest.raises(TooManyRequests) as raised:
        for _ in range(50):
            client.memory.add("I live in Lisbon.")

    assert raised.value.status == 429
    assert raised.value.retry_after is not None
    assert raised.value.retry_after >= 1
    assert raised.value.request_id


def test_a_full_backlog_says_how_much_is_allowed(service, key):
    client = Keepsake(service, key("ann", limits=KeyLimits(backlog=1)), retry_seconds=0)

    with client, pytest.raises(BacklogFull) as raised:
        for number in range(50):
            client.memory.add(f"I have {number} boats.")

    assert raised.value.members["limit"] == 1


@pytest.mark.timeout(180)
def test_while_the_database_is_away_a_submission_waits_and_is_one_job(
    web_server, key, mongod, database, pauses, beside, eventually
):
    _, base_url = web_server()
    hasty = Keepsake(base_url, key("ann"), retry_seconds=0)
    client = Keepsake(base_url, key("ann"), retry_seconds=120, timeout=60)
    client.memory.add("I play chess.")
    waited = pauses(client)
    mongod.kill()
    try:
        submitted = beside(client.memory.add, "I live in Lisbon.")
        with pytest.raises(StorageUnavailable) as raised:
            hasty.memory.add("I ski.")
        eventually(lambda: waited, within=30)
    finally:
        mongod.start()
    job = submitted.result(90)
    hasty.close()
    client.close()

    assert raised.value.retry_after is not None
    assert min(waited) >= 1
    said = [record["payload"]["user_query"] for record in database["jobs"].find()]
    assert said.count("I live in Lisbon.") == 1
    assert database["jobs"].count_documents({"_id": job.id}) == 1


@pytest.fixture
def port_of_its_own(web_server):
    """A server whose port a next one takes over; the first one, its port and how to start."""

    def start(port: str = "") -> tuple:
        process, base_url = web_server(**({"KEEPSAKE_HTTP_PORT": port} if port else {}))
        return process, base_url.rpartition(":")[2]

    return start


@pytest.mark.parametrize("side", [Keepsake, Driven])
@pytest.mark.parametrize("how", ["kill", "stop"])
def test_a_stream_is_taken_up_where_it_was_cut_and_nothing_comes_twice(
    side, how, port_of_its_own, key, engine, beside
):
    process, port = port_of_its_own()
    client = side(f"http://127.0.0.1:{port}", key("ann"))
    received, at_snapshot = [], threading.Event()

    def follow() -> None:
        settled = client.settled if side is Driven else lambda given: given
        acting = client.client if side is Driven else client
        job = settled(acting.memory.add("I live in Lisbon."))
        for event in settled(job.events()):
            received.append(event)
            at_snapshot.set()

    following = beside(follow)
    assert at_snapshot.wait(30)
    (job_id,) = (record["_id"] for record in engine.records.jobs.find({}, {"_id": 1}))
    engine.control.pause("ann", job_id, by="ann")
    getattr(process, how)()
    engine.control.resume("ann", job_id, by="ann")
    port_of_its_own(port)
    engine.control.cancel("ann", job_id, by="ann")
    following.result(60)

    assert received[0].kind == "snapshot"
    assert [event.status for event in received if event.kind == "state"] == [
        "paused", "pending", "cancelled",
    ]  # fmt: skip
    assert received[-1].kind == "end"
    assert received[-1].job.status == "cancelled"
    client.close()


def test_a_wait_goes_on_while_the_service_is_started_anew(port_of_its_own, key, engine, beside):
    process, port = port_of_its_own()
    with Keepsake(f"http://127.0.0.1:{port}", key("ann"), retry_seconds=0) as client:
        job = client.memory.add("I live in Lisbon.")
        waiting = beside(job.wait, 60)
        process.kill()
        port_of_its_own(port)
        engine.control.cancel("ann", job.id, by="ann")

        assert waiting.result(60).status == "cancelled"


def test_a_stream_whose_key_is_revoked_ends_as_unauthorized(service, key, database, beside):
    plain = key("ann")
    with Keepsake(service, plain) as client:
        events = client.jobs.events()
        assert next(events).kind == "snapshot"
        database["api_keys"].update_many({}, [{"$set": {"revoked_at": "$$NOW"}}])

        with pytest.raises(Unauthorized):
            beside(lambda: list(events)).result(60)


def test_streams_that_are_left_make_room(web_server, key):
    _, base_url = web_server(KEEPSAKE_STREAMS_PER_OWNER="1")
    with Keepsake(base_url, key("ann"), retry_seconds=0) as client:
        for _ in range(3):
            for event in client.jobs.events():
                assert event.kind == "snapshot"
                break
        kept = client.jobs.events()
        next(kept)
        with pytest.raises(TooManyStreams):
            next(client.jobs.events())


def test_a_stream_that_has_gone_silent_is_connected_anew(
    proxy, key, engine, beside, eventually, monkeypatch
):
    monkeypatch.setattr("keepsake_client.events._SILENCE_SECONDS", 0)
    with Keepsake(f"http://127.0.0.1:{proxy.port}", key("ann"), timeout=2) as client:
        job = client.memory.add("I live in Lisbon.")
        events = job.events()
        assert next(events).kind == "snapshot"
        connected = len(proxy._writers)
        proxy.partition()
        following = beside(lambda: [event.kind for event in events])
        eventually(lambda: len(proxy._writers) > connected, within=30)
        engine.control.cancel("ann", job.id, by="ann")
        proxy.heal()

        assert following.result(60)[-1] == "end"
