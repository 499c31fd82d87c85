"""Calls a server with what openapi-python-client made: submit, follow, search, stream, problem."""

import os
from io import BytesIO

from keepsake_generated import AuthenticatedClient
from keepsake_generated.api.events import events_of_job
from keepsake_generated.api.jobs import jobs_read
from keepsake_generated.api.memories import memories_export
from keepsake_generated.api.memory import memory_ingest, memory_search
from keepsake_generated.api.memory_v1 import memory_v1_parse_transcript
from keepsake_generated.models import (
    Envelope,
    HitList,
    JobView,
    MemoryV1ParseTranscriptFilesBody,
    Problem,
    SearchRequest,
    StrictIngest,
)
from keepsake_generated.types import File

SAID = b"User: I live in Lisbon.\nAssistant: Noted.\n"


def main() -> None:
    """Fail at the first answer that is not of the type that its operation declares."""
    client = AuthenticatedClient(
        base_url=os.environ["KEEPSAKE_URL"], token=os.environ["KEEPSAKE_API_KEY"]
    )
    turn = StrictIngest(user_query="I live in Lisbon.", user_id="py")

    job = memory_ingest.sync(client=client, body=turn, idempotency_key="generated-py")
    assert isinstance(job, JobView)
    followed = events_of_job.sync(job.job_id, client=client)
    assert isinstance(followed, str)
    assert "event: end" in followed
    ended = jobs_read.sync(job.job_id, client=client, wait=30)
    assert isinstance(ended, JobView)
    assert ended.status == "succeeded"
    hits = memory_search.sync(
        client=client, body=SearchRequest(query="Where do I live?", user_id="py")
    )
    assert isinstance(hits, HitList)
    assert "Lisbon" in hits.hits[0].content
    exported = memories_export.sync(client=client, user_id="py")
    assert isinstance(exported, File)
    assert b"Lisbon" in exported.payload.read()

    form = MemoryV1ParseTranscriptFilesBody(file=File(BytesIO(SAID), "talk.txt", "text/plain"))
    for body in (form, File(BytesIO(SAID))):
        read = memory_v1_parse_transcript.sync(client=client, body=body)
        assert isinstance(read, Envelope)
        assert "Lisbon" in str(read.data)

    problem = jobs_read.sync("job_nowhere", client=client)
    assert isinstance(problem, Problem)
    assert problem.type_ == "/problems#job-not-found"


main()
