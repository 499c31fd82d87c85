"""The tests' database is emptied also beside an attempt that an earlier test left running."""

import threading

from keepsake.jobs.indexes import JOBS


def test_what_an_attempt_is_about_to_write_is_not_left_for_the_next_test(
    database, emptying, eventually
):
    emptying.empty()
    database[JOBS].insert_one({"_id": "job", "state": "running"})
    removals = {"op": "remove", "ns": f"{database.name}.{JOBS}"}

    def removing():
        return [*database.client["admin"].aggregate([{"$currentOp": {}}, {"$match": removals}])]

    with database.client.start_session() as session, session.start_transaction():
        database[JOBS].update_one({"_id": "job"}, {"$set": {"held": True}}, session=session)
        database["effects"].insert_one({"_id": "late"}, session=session)
        beside = threading.Thread(target=emptying.empty)
        beside.start()
        eventually(removing)
    beside.join(timeout=20)

    assert not beside.is_alive()
    assert database["effects"].count_documents({}) == 0
