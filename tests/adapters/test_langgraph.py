"""LangGraph's store over Keepsake beside LangGraph's own, and in a graph."""

import asyncio

import pytest
from langgraph.graph import START, StateGraph
from langgraph.store.base import (
    GetOp,
    InvalidNamespaceError,
    ListNamespacesOp,
    MatchCondition,
    PutOp,
    SearchOp,
)
from langgraph.store.memory import InMemoryStore

from keepsake_client.adapters.langgraph import KeepsakeStore
from keepsake_client.problems import InvalidRequest

VALUES = {
    "plain": {"text": "She prefers dark mode."},
    "nested": {"a": [1, 2.5, None, True, {"b": []}], "": {}, "long": 2**70},
    "words": {"text": " \n\té漢字😀 \u2028\u0000 ", "quote": "\"|'\\"},
    "empty": {},
    "large": {"text": "words and  spaces " * 1_000 + " " * 20_000},
    "key/with.signs:5": {"number": 5},
    "5": {"number": 5, "kind": "odd"},
}


@pytest.fixture
def store(client, user):
    return KeepsakeStore(client, user_id=user)


@pytest.mark.parametrize("key", VALUES)
def test_a_value_comes_back_exactly(store, key):
    store.put(("docs",), key, VALUES[key])

    item = store.get(("docs",), key)
    assert (item.value, item.key, item.namespace) == (VALUES[key], key, ("docs",))
    assert [found.value for found in store.search(("docs",))] == [VALUES[key]]


def test_a_put_takes_the_place_of_the_value_and_a_delete_leaves_nothing(store, client, user):
    store.put(("docs",), "a", {"n": 1})
    first = store.get(("docs",), "a")
    store.put(("docs",), "a", {"n": 2, "text": "x" * 30_000})
    store.put(("docs",), "a", {"n": 2})
    store.put(("docs",), "b", {"n": 2})

    second = store.get(("docs",), "a")
    assert (second.value, second.created_at) == ({"n": 2}, first.created_at)
    assert second.updated_at > first.updated_at
    assert {item.key for item in store.search(("docs",))} == {"a", "b"}
    kept = client.memory.list(user_id=user, kinds=["turn"])
    assert sorted(turn.metadata["key"] for turn in kept) == ["a", "b"]
    store.delete(("docs",), "a")
    store.delete(("docs",), "never")
    assert store.get(("docs",), "a") is None
    assert [item.key for item in store.search(("docs",))] == ["b"]
    assert [turn.metadata["key"] for turn in client.memory.list(user_id=user, kinds=["turn"])] == [
        "b"
    ]
    assert store.get((), "b") is store.get(("docs", "more"), "b") is None


def shape(result):
    """What a result says, without times and scores."""
    if isinstance(result, list):
        return [shape(each) for each in result]
    return (result.namespace, result.key, result.value) if hasattr(result, "key") else result


PUTS = [
    PutOp(("users", "ana"), "home", {"city": "Lisbon", "rank": 1, "about": {"by": "hand"}}),
    PutOp(("users", "ana", "old"), "home", {"city": "Faro", "rank": 2}),
    PutOp(("users", "bo"), "home", {"city": "Porto", "rank": 3, "tags": ["a"]}),
    PutOp(("docs", "v1"), "1", {"city": "Lisbon"}),
]
ASKED = [
    GetOp(("users", "ana"), "home"),
    GetOp(("users", "bo"), "gone"),
    SearchOp(()),
    SearchOp(("users",), limit=2, offset=1),
    SearchOp(("users",), filter={"rank": {"$gte": 2}}),
    SearchOp(("users",), filter={"city": {"$ne": "Faro"}, "rank": 3}),
    SearchOp((), filter={"about": {"by": "hand"}}),
    SearchOp((), filter={"tags": ["a"]}),
    SearchOp(("nobody",)),
    ListNamespacesOp(),
    ListNamespacesOp(max_depth=2, limit=2, offset=1),
    ListNamespacesOp((MatchCondition("prefix", ("users", "*")),)),
    ListNamespacesOp((MatchCondition("suffix", ("v1",)),)),
]


def test_what_is_asked_is_answered_as_by_langgraphs_own_store(store):
    own = InMemoryStore()
    for each in (own, store):
        assert each.batch([*PUTS, GetOp(("users", "ana"), "home")]) == [None] * 5
        each.batch([PutOp(("users", "bo"), "gone", {"n": 1}), PutOp(("users", "bo"), "gone", None)])

    assert shape(store.batch(ASKED)) == shape(own.batch(ASKED))
    assert shape(asyncio.run(store.abatch(ASKED))) == shape(own.batch(ASKED))


def test_what_is_sought_is_found_by_meaning_within_a_namespace_and_a_filter(store):
    about = {"food": "She is allergic to peanuts.", "home": "He lives in a house in Porto."}
    for key, text in about.items():
        store.put(("ana", "facts"), key, {"text": text, "kind": key})
    store.put(("bo", "facts"), "food", {"text": "Peanuts are his favourite.", "kind": "food"})

    def found(query, **options):
        return [(item.namespace[0], item.key)
                for item in store.search(("ana",), query=query, **options)]  # fmt: skip

    assert found("Which nuts must she not eat?", limit=1) == [("ana", "food")]
    assert found("Where is his house?")[0] == ("ana", "home")
    assert found("Where is his house?", filter={"kind": "food"}) == [("ana", "food")]
    assert store.search(("ana",), query="peanuts")[0].score > 0


def test_what_langgraph_refuses_is_refused_and_what_is_too_long_is_told(store):
    with pytest.raises(InvalidNamespaceError):
        store.put(("a.b",), "key", {})
    with pytest.raises(TypeError):
        store.put(("a",), "key", {"no": object()})
    with pytest.raises(NotImplementedError, match="TTL"):
        store.put(("a",), "key", {}, ttl=5)
    for namespace, key in ((("a",), "k" * 300), (("a",), "a\nb"), (("a",) * 11, "key")):
        with pytest.raises(InvalidRequest):
            store.put(namespace, key, {})


def test_a_graph_remembers_from_one_thread_to_the_next(store):
    def learn(state, *, store):
        store.put(("ana",), "home", {"city": state["city"]}) if state["city"] else None
        return {"city": store.get(("ana",), "home").value["city"]}

    graph = StateGraph(dict).add_node(learn).add_edge(START, "learn").compile(store=store)

    assert graph.invoke({"city": "Lisbon"})["city"] == "Lisbon"
    assert graph.invoke({"city": ""})["city"] == "Lisbon"


def test_the_page_says_what_happens(shown):
    shown("langgraph.md")
