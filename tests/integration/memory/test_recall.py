from bench.conversations import Conversation
from memory.models import Kind, Scope
from memory.searching.search import Query

SEEDS = range(3)
RECORDED_RECALL = {
    "fact": 0.8, "paraphrase": 1.0, "past": 1.0, "retraction": 1.0, "several": 1.0,
    "update": 0.44,
}  # fmt: skip
"""Of the evidence among the first five turns, by kind of question; raised when it gets better."""


def test_recall_on_our_own_conversations_does_not_fall(memory):
    shares = {}
    for seed in SEEDS:
        conversation, scope = Conversation(seed), Scope("bench", f"u{seed}")
        memory.pipeline.warm(conversation.turns)
        for position, turn in enumerate(conversation.turns):
            memory.pipeline.ingest(scope, turn, job_id=f"c{seed}", position=position)
        for asked in conversation.questions:
            query = Query(query=asked.question, top_k=5, kinds=(Kind.TURN,))
            hits = memory.search.find(scope, query)
            found = asked.evidence & {source for hit in hits for source in hit.source_ids}
            shares.setdefault(asked.category, []).append(len(found) / len(asked.evidence))

    recall = {category: sum(found) / len(found) for category, found in sorted(shares.items())}
    print({category: (round(recall[category], 3), len(shares[category])) for category in recall})
    assert recall.keys() == RECORDED_RECALL.keys()
    assert [c for c in recall if recall[c] < RECORDED_RECALL[c]] == []
