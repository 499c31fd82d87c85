"""What goes out comes back: memory, code and jobs through the client, blocking and awaited."""

import asyncio

import pytest

from keepsake_client import AsyncKeepsake, JobCancelled, JobFailed, Place, WaitTimeout
from keepsake_client.problems import (
    Forbidden,
    InvalidRequest,
    JobNotFound,
    JobsUnfinished,
    MemoryNotFound,
    NotIndexed,
    NotUndoable,
)

LINE_ENDS = "I like figs.\u2028I like\x85 dates,\x0b\x1c and nuts."


@pytest.fixture
def remembered(client):
    """Remembers turns of a user, and waits for each."""

    def remember(*turns: str, user_id: str = "ana"):
        return [client.memory.add(turn, user_id=user_id).result(60) for turn in turns]

    return remember


def test_a_turn_is_remembered_found_and_taken_back(client):
    job = client.memory.add("I live in Lisbon.", user_id="ana", agent_response="Nice.")
    done = job.result(60)
    hits = client.memory.search("Where do I live?", user_id="ana")
    answer = client.memory.answer("Where do I live?", user_id="ana")
    undone = job.undo()

    assert done.profile is not None
    assert "I live in Lisbon." in {hit.content for hit in hits}
    assert (answer.known, answer.sources[0].provenance["job_id"]) == (True, job.id)
    assert undone.removed >= 2
    assert client.memory.search("Where do I live?", user_id="ana") == []


def test_a_file_is_imported(client, tmp_path):
    file = tmp_path / "chat.md"
    file.write_text("User: I live in Évora.\nAssistant: Nice.\nUser: I like figs.\n", "utf-8")

    done = client.memory.import_(file, user_id="ana").result(60)

    said = [turn.content for turn in client.memory.list(user_id="ana", kinds=["turn"])]
    assert (done.turns, done.failed) == (2, 0)
    assert {"I live in Évora.", "I like figs."} == set(said)


def test_every_line_of_an_export_is_one_memory_whatever_it_says(client, remembered):
    remembered(LINE_ENDS, "I own a boat.")

    exported = list(client.memory.export(user_id="ana"))

    assert [memory.content for memory in exported if memory.kind == "turn"] == [
        LINE_ENDS, "I own a boat.",
    ]  # fmt: skip


def test_all_pages_of_a_list_are_listed_once(client, remembered):
    remembered(*(f"I own {number} boats." for number in range(5)))

    listed = [turn.id for turn in client.memory.list(user_id="ana", kinds=["turn"], page_size=2)]
    jobs = [info.job_id for info in client.jobs.list(page_size=2, status=["succeeded"])]

    assert (len(set(listed)), len(listed)) == (5, 5)
    assert (len(set(jobs)), len(jobs)) == (5, 5)


def test_a_long_result_is_fetched_from_where_it_is(client):
    job = client.memory.add_many([{"user_query": f"I own {n} boats. " * 20} for n in range(100)])
    done = job.result(100)

    assert job.info.result_url is not None
    assert (len(done.results), done.failed) == (100, 0)
    assert len(list(job.items())) == 100


def test_progress_is_told_on_the_way(client):
    shown = []
    job = client.memory.add_many([{"user_query": f"I own {n} boats."} for n in range(60)])

    info = job.wait(100, on_progress=shown.append)

    assert info.status == "succeeded"
    assert shown
    assert [progress.done for progress in shown] == sorted(progress.done for progress in shown)
    assert shown[-1].total == 60


def test_a_job_that_was_given_up_says_why_and_what_to_do(client, repo):
    job = client.code.scan(f"file://{repo.path}-that-is-not-there")

    with pytest.raises(JobFailed) as raised:
        job.result(60)

    assert job.status == "dead_letter"
    assert raised.value.job_id == job.id
    assert raised.value.error_type == "repository-not-found"
    assert raised.value.hint
    assert not isinstance(raised.value, JobCancelled)


@pytest.fixture
def waits(client, busy):
    """A job that waits behind a paused one of its lane."""
    busy("ann", "busy")
    return client.memory.add("I like rain.", user_id="busy")


def test_what_is_cancelled_gives_nothing_and_may_be_cancelled_again(client, waits):
    cancelled = waits.cancel("sent by mistake")

    assert cancelled.status == "cancelled"
    assert waits.cancel().revision == cancelled.revision
    with pytest.raises(JobCancelled, match="sent by mistake"):
        waits.result(5)


def test_a_wait_has_an_end_and_the_job_goes_on(client, waits):
    with pytest.raises(WaitTimeout, match=f"{waits.id} has not ended in 1.5 s"):
        waits.wait(1.5)

    assert waits.refresh().status == "pending"


def test_a_users_jobs_must_end_before_it_is_erased(client, waits):
    with pytest.raises(JobsUnfinished) as raised:
        client.users.erase("busy")

    assert waits.id in raised.value.members["job_ids"]
    assert raised.value.retry_after is not None


def test_a_scan_is_not_undone_and_what_is_not_there_says_so(client, repo):
    scan = client.code.scan(repo.url, labels={"team": "red"})
    assert scan.result(60).phase1 == "complete"
    assert scan.info.labels == {"team": "red"}

    with pytest.raises(NotUndoable):
        scan.undo()
    with pytest.raises(NotIndexed):
        client.code.symbols("acme/nothing", "Shop")
    with pytest.raises(JobNotFound):
        client.jobs.get("job_0")
    with pytest.raises(MemoryNotFound):
        client.memory.get("mem_0")
    with pytest.raises(Forbidden):
        client.admin.queues()


def test_what_does_not_fit_says_where(client):
    with pytest.raises(InvalidRequest) as raised:
        client.memory.add("")

    assert raised.value.members["errors"][0]["pointer"] == "/user_query"


def test_a_place_names_one_of_several_repositories(client, clients, repo):
    client.code.scan(repo.url).result(60)
    name = f"{repo.path.parent.name}/shop"
    place = Place(name, branch="main", owner="ann")
    client.code.share(name, owners=["bob"])

    assert client.code.callers(place, "price").branch == "main"
    assert clients("bob").code.source(place, "app/price.py").own is False
    with pytest.raises(NotIndexed) as raised:
        clients("bob").code.source(name, "app/price.py")
    assert raised.value.members["owners"] == ["ann"]


def test_many_coroutines_share_one_client(client, service, key):
    async def flood() -> list[str]:
        async with AsyncKeepsake(service, key("ann")) as many:
            jobs = await asyncio.gather(
                *(many.memory.add(f"I own {n} boats.", user_id=f"u{n}") for n in range(40))
            )
            infos = await asyncio.gather(*(job.wait(60) for job in jobs))
            assert len({info.job_id for info in infos}) == 40
            return [info.status for info in infos]

    assert asyncio.run(flood()) == ["succeeded"] * 40


def test_a_coroutine_that_leaves_a_stream_leaves_nothing_open(client, service, key):
    async def follow() -> list[str]:
        async with AsyncKeepsake(service, key("ann"), connections=2) as one_connection:
            kinds = []
            for _ in range(4):
                job = await one_connection.memory.add("I live in Lisbon.", user_id="ana")
                async for event in job.events():
                    kinds.append(event.kind)
                    break
            return kinds

    assert asyncio.run(follow()) == ["snapshot"] * 4
