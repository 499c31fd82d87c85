"""The framework alone: the request is validated and answered, nothing is kept."""

from uuid import uuid4

from bench.peers.request import PATH, Ingest, Taken, application

app = application()


@app.post(PATH, status_code=202)
async def ingest(_: Ingest) -> Taken:
    """Answer."""
    return Taken(id=uuid4().hex)
