import pytest

from bench.conversations import Conversation
from keepsake.inference import MINILM
from keepsake.memory.models import Kind, MemoryScope
from keepsake.memory.searching.ranking import WEIGHTS
from keepsake.memory.searching.search import MemoryQuery
from tests.integration.memory.conftest import ALICE

SEEDS = range(3)
RECORDED_RECALL = {
    "fact": 1.0, "paraphrase": 1.0, "past": 1.0, "retraction": 1.0, "several": 1.0,
    "update": 1.0,
}  # fmt: skip
"""Of the evidence among the first five turns, by kind of question; raised when it gets better."""


@pytest.mark.parametrize("question", ["Where is my home now?", "Which city do I live in?"])
def test_the_home_that_holds_comes_first(memory, say, question):
    for city, day in (("Oslo", "2024-01-01"), ("Lima", "2024-03-01")):
        say(f"I moved to {city}.", session_datetime=day, session_id=city)
        say("Which city has the best museums?", session_datetime=day, session_id=city)
    say("My sister lives in Turin, in a home of her own.", session_datetime="2024-04-01")

    now = memory.search.find(ALICE, MemoryQuery(query=question, explain=True))
    then = memory.search.find(ALICE, MemoryQuery(query=question, as_of="2024-02-01T00:00:00Z"))

    assert (now[0].content, then[0].content) == ("I moved to Lima.", "I moved to Oslo.")
    assert now[0].explain["attribute"] == WEIGHTS[MINILM.name]["attribute"]
    assert {hit.explain["attribute"] for hit in now if "Lima" not in hit.content} == {0.0}


def test_recall_on_our_own_conversations_does_not_fall(memory):
    shares = {}
    for seed in SEEDS:
        conversation, scope = Conversation(seed), MemoryScope("bench", f"u{seed}")
        memory.pipeline.warm(conversation.turns)
        for position, turn in enumerate(conversation.turns):
            memory.pipeline.ingest(scope, turn, job_id=f"c{seed}", position=position)
        for asked in conversation.questions:
            query = MemoryQuery(query=asked.question, top_k=5, kinds=(Kind.TURN,))
            hits = memory.search.find(scope, query)
            evidence = asked.evidence & {source for hit in hits for source in hit.source_ids}
            shares.setdefault(asked.category, []).append(len(evidence) / len(asked.evidence))

    recall = {
        category: sum(evidence) / len(evidence) for category, evidence in sorted(shares.items())
    }
    print({category: (round(recall[category], 3), len(shares[category])) for category in recall})
    assert recall.keys() == RECORDED_RECALL.keys()
    assert [c for c in recall if recall[c] < RECORDED_RECALL[c]] == []
