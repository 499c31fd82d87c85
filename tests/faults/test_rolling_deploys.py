"""A rolling deploy: web and workers are replaced one by one, while clients go on."""

import pytest

from keepsake.access.keys import KeyStore
from keepsake.jobs.states import ENDED, State
from keepsake.launcher.administration import ensure_indexes
from tests.faults.steady_load import SteadyLoad
from tests.faults.verdicts import print_verdict

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]
ROUNDS = 2


def test_a_rolling_deploy_fails_no_request_burns_no_attempt_and_loses_nothing(
    web_server, worker, database, empty_queues, eventually
):
    ensure_indexes(database)
    webs = [web_server() for _ in range(2)]
    workers = [worker() for _ in range(2)]
    addresses = [base_url for _, base_url in webs]
    jobs = database["jobs"]

    def both_work() -> bool:
        return database["workers"].count_documents({}) == 2

    with SteadyLoad(addresses, KeyStore(database).create("alice")) as load:
        for turn in range(ROUNDS * 2):
            number = turn % 2
            so_far = len(load.accepted)
            workers[number].stop(grace_seconds=30)
            workers[number] = worker()
            eventually(both_work, within=60)
            leaving, gone = webs[number]
            webs[number] = web_server()  # the new one is there before the old one leaves
            addresses.append(webs[number][1])
            leaving.stop(grace_seconds=30)  # clients do not know yet
            addresses.remove(gone)
            eventually(lambda so_far=so_far: len(load.accepted) > so_far + 30, within=60)

    unfinished = {"_id": {"$in": load.accepted}, "state": {"$nin": sorted(ENDED)}}
    eventually(lambda: not jobs.count_documents(unfinished), within=60)
    ended = list(jobs.find({"_id": {"$in": load.accepted}}))
    turns = database["memories"].distinct("provenance.job_id", {"kind": "turn"})
    burnt = [job["_id"] for job in ended if job["failures"] or job["crashes"]
             or any(row["attempt"] > 1 for row in job["attempts"])]  # fmt: skip
    lost = len(set(load.accepted)) - len(ended)
    print_verdict(
        "rolling_deploy",
        "Rolling deploy",
        f"{len(load.accepted)} accepted in {load.requests} requests while {ROUNDS * 2} web"
        f" processes and as many workers were replaced: {sum(load.refused.values())} failed,"
        f" {load.waited} told to wait, {sum(load.moved.values())} at the other address,"
        f" {len(burnt)} attempts burnt, {lost} lost",
        met=not load.refused and not burnt and not lost,
    )
    assert load.refused == {}
    assert burnt == []
    assert {job["state"] for job in ended} == {State.SUCCEEDED}
    assert len(ended) == len(set(load.accepted)) == len(load.accepted)
    assert set(turns) == set(load.accepted)
    assert database["memories"].count_documents({"kind": "turn"}) == len(load.accepted)
