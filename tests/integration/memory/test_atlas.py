"""`$vectorSearch` instead of vectors in memory, where MongoDB has it."""

import pytest
from pymongo import MongoClient

from keepsake.memory.errors import NoVectorSearch
from keepsake.memory.models import Kind, MemoryScope
from keepsake.memory.searching.search import MemoryQuery
from keepsake.memory.service import MemoryService
from keepsake.memory.settings import MemorySettings
from keepsake.memory.turn import Turn
from tests.integration.memory.conftest import ALICE
from tests.integration.memory.vector_server import VectorServer

ATLAS = MemorySettings(vector_search="atlas", vector_index="near")
LONG = " ".join(f"The garden has {n} beds of roses, tulips and lilies." for n in range(60))
SAID = ["I live in Lisbon.", "I am allergic to peanuts.", "My sister is a doctor.", LONG]


@pytest.fixture
def server(mongod):
    started = VectorServer(mongod.port)
    yield started
    started.stop()


@pytest.fixture
def served(server, database, memory, say):
    """What has been said, as it is searched with the server's help."""
    for text in SAID:
        say(text)
    say("I live in Oslo.", scope=MemoryScope("bob", "u1"))
    with MongoClient(server.url, tz_aware=True) as client:
        yield MemoryService.over(client[database.name], ATLAS)


def found(service, question, *kinds):
    asked = MemoryQuery(query=question, explain=True, kinds=kinds or tuple(Kind))
    hits = service.search.find(ALICE, asked)
    return [(hit.content, hit.explain["dense"]) for hit in hits]


@pytest.mark.parametrize("question", ["Which food is dangerous for me?", "What grows outside?"])
def test_the_server_s_cosines_rank_as_those_in_memory_do(memory, served, question):
    here, there = found(memory, question), found(served, question)

    assert [content for content, _ in there] == [content for content, _ in here]
    assert [dense for _, dense in there] == pytest.approx([dense for _, dense in here], abs=1e-3)


def test_only_the_user_s_own_are_asked_for_and_no_lone_vector_is_kept(memory, served, server, say):
    for number in range(70):
        say(f"Note {number}.")
    found(memory, "Where do I live?")
    found(served, "Where do I live?")

    assert server.asked[-1]["filter"] == {"owner": "alice", "user_id": "u1"}
    assert (server.asked[-1]["index"], server.asked[-1]["path"]) == ("near", "vector")
    assert served.search.size_bytes < memory.search.size_bytes


def test_what_the_search_index_has_not_taken_in_yet_is_found_by_its_words(served, server, database):
    late = database["memories"].find({"content": {"$regex": "peanuts"}}, {"_id": 1})
    server.not_indexed = {one["_id"] for one in late}

    assert "peanuts" in found(served, "peanuts?", Kind.MEMORY)[0][0]


def test_a_mongodb_without_it_is_named_at_the_start(database, memory):
    memory.pipeline.ingest(ALICE, Turn(user_query="I live in Lisbon."), job_id="j", position=0)

    with pytest.raises(NoVectorSearch, match="KEEPSAKE_VECTOR_SEARCH"):
        MemoryService.over(database, ATLAS)
