from bench.conversations import Conversation
from memory.models import Kind, Scope
from memory.search import Query

RECORDED_RECALL = 0.95
"""Of the evidence among the first five sources; measured when the weights were chosen."""


def test_recall_on_our_own_conversations_does_not_fall(memory):
    found, asked = 0, 0
    for seed in range(3):
        conversation, scope = Conversation(seed), Scope("bench", f"u{seed}")
        memory.pipeline.warm(conversation.turns)
        for position, turn in enumerate(conversation.turns):
            memory.pipeline.ingest(scope, turn, job_id=f"c{seed}", position=position)
        for question in conversation.questions:
            hits = memory.search.find(
                scope, Query(query=question.question, top_k=5, kinds=(Kind.TURN,))
            )
            sources = {source for hit in hits for source in hit.source_ids}
            found += question.evidence <= sources
            asked += 1

    print(f"recall@5 {found / asked:.3f} of {asked}")
    assert found / asked >= RECORDED_RECALL
