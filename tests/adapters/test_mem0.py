"""The drop-in for mem0's `Memory`, beside the real one."""

import inspect
import os
from pathlib import Path

import pytest

from keepsake_client.adapters.mem0 import Memory

SAID = [
    {"role": "user", "content": "I live in Lisbon and I am allergic to peanuts."},
    {"role": "assistant", "content": [{"type": "text", "text": "Noted."}]},
]


@pytest.fixture
def memory(client):
    return Memory(client)


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """mem0's own, with what it can do without a language model."""
    folder: Path = tmp_path_factory.mktemp("mem0")
    os.environ |= {"MEM0_DIR": str(folder), "MEM0_TELEMETRY": "False", "OPENAI_API_KEY": "none"}
    import mem0
    from mem0.embeddings.mock import MockEmbeddings

    store = {"path": str(folder / "store"), "embedding_model_dims": 10}
    memory = mem0.Memory.from_config({
        "vector_store": {"provider": "qdrant", "config": store},
        "history_db_path": str(folder / "history.db"),
    })  # fmt: skip
    memory.embedding_model = MockEmbeddings()
    yield memory
    memory.close()


def shape(thing):
    """Names and types; what may be left out is left out."""
    if isinstance(thing, dict):
        return {name: shape(value) for name, value in thing.items() if value is not None}
    return [shape(thing[0])] if isinstance(thing, list) else type(thing)


def test_results_have_the_shapes_of_mem0(memory, real, user):
    def results(of):
        added = of.add("I live in Lisbon.", user_id=user, metadata={"channel": "mail"},
                       infer=False, expiration_date="2099-01-01")  # fmt: skip
        listed = of.get_all(filters={"user_id": user})
        memory_id = listed["results"][0]["id"]
        return [
            added["results"][0].keys() - {"role", "actor_id"}, shape(listed),
            listed["results"][0].keys() - {"role"},
            shape(of.search("Where do I live?", filters={"user_id": user}, threshold=0)),
            shape(of.get(memory_id)), of.get("none"), of.history("none"),
            shape(of.history(memory_id)), shape(of.delete(memory_id)),
        ]  # fmt: skip

    theirs, ours = results(real), results(memory)

    for each in (theirs[1]["results"], theirs[3]["results"], [theirs[4]], theirs[7]):
        each[0].pop("role", None)  # of whom it is said is not kept apart here
    assert ours == theirs


@pytest.mark.parametrize("call", ["add", "search", "get_all", "get", "delete", "history"])
def test_calls_take_what_those_of_mem0_take(real, call):
    not_here = {"timestamp", "memory_type", "prompt", "rerank", "explain", "reference_date",
                "show_expired", "kwargs"}  # fmt: skip
    theirs = inspect.signature(getattr(real, call)).parameters
    ours = inspect.signature(getattr(Memory, call)).parameters

    assert set(theirs) - not_here <= set(ours)


def test_what_is_remembered_is_found_changed_and_deleted(memory, user):
    added = memory.add(SAID, user_id=user, run_id="r1")["results"]
    memory.add("I moved to Braga.", user_id=user)
    home = next(each for each in added if each["memory"] == "I live in Lisbon")

    assert memory.get(home["id"])["memory"] == "I moved to Braga."
    assert [change["event"] for change in memory.history(home["id"])] == ["ADD", "UPDATE"]
    found = memory.search("What may I not eat?", user_id=user, run_id="r1", top_k=1)["results"]
    assert "peanuts" in found[0]["memory"]
    memory.delete(home["id"])
    assert memory.get(home["id"]) is None
    with pytest.raises(ValueError, match="not found"):
        memory.delete(home["id"])


def test_filters_keep_users_runs_and_metadata_apart(memory, user):
    memory.add("I like figs.", user_id=user, metadata={"channel": "mail", "case": 7, "open": True})
    memory.add("I like plums.", user_id=user, run_id="r2")

    def listed(**filters):
        return {each["memory"] for each in memory.get_all(filters=filters)["results"]}

    assert listed(user_id=user) == {"I like figs.", "I like plums."}
    assert listed(user_id=user, run_id="r2") == {"I like plums."}
    assert listed(user_id=user, channel="mail", case={"eq": 7}, open=True) == {"I like figs."}
    assert listed(user_id=user, channel="chat") == listed(user_id=f"{user}-2") == set()
    for wrong in ({"case": {"gt": 6}}, {"OR": [{"case": 7}]}):
        with pytest.raises(ValueError, match="equality"):
            memory.search("figs", filters={"user_id": user, **wrong})
    with pytest.raises(ValueError, match="user_id"):
        memory.search("figs", filters={"channel": "mail"})


def test_all_of_a_run_is_deleted_and_nothing_else(memory, user):
    memory.add("I live in Lisbon.", user_id=user, run_id="r1")
    memory.add("I live in Porto.", user_id=user, run_id="r1")
    memory.add("I like plums.", user_id=user)
    memory.delete_all(user_id=user, run_id="r1")

    left = memory.get_all(filters={"user_id": user})["results"]
    assert {each["memory"] for each in left} == {"I like plums."}


def test_long_and_many_messages_are_remembered(memory, user):
    said = [{"role": "user", "content": "figs " * 5_000}, *SAID * 30]

    assert memory.add(said, user_id=user)["results"]
    assert memory.add([SAID[1]], user_id=user) == {"results": []}


def test_the_page_says_what_happens(shown):
    shown("mem0.md")
