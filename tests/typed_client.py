"""What type checkers see of the client, on either side: `make types` holds it to this."""

from collections.abc import AsyncIterator, Iterator
from typing import assert_type

from keepsake_client import AsyncJob, AsyncKeepsake, Job, Keepsake
from keepsake_client.models.code import Scanned, SymbolHits
from keepsake_client.models.jobs import JobEvent
from keepsake_client.models.memory import Hit, Memory, Remembered


def blocking(client: Keepsake) -> None:
    assert_type(client.memory.search("Where?", top_k=3), list[Hit])
    assert_type(client.memory.add("I ski."), Job[Remembered])
    assert_type(client.code.scan("https://example.com/a/b").result(timeout=3), Scanned)
    assert_type(client.memory.list(user_id="ana"), Iterator[Memory])
    client.memory.search(3)  # type: ignore[arg-type]
    client.memory.search("Where?", top=3)  # type: ignore[call-arg]
    client.memory.remember()  # type: ignore[attr-defined]


async def awaited(client: AsyncKeepsake) -> None:
    assert_type(await client.memory.search("Where?", top_k=3), list[Hit])
    job = await client.code.scan("https://example.com/a/b")
    assert_type(job, AsyncJob[Scanned])
    assert_type(await job.result(timeout=3), Scanned)
    assert_type(job.events(), AsyncIterator[JobEvent])
    assert_type(await client.code.symbols("a/b", "Shop"), SymbolHits)
    await client.memory.search(3)  # type: ignore[arg-type]
    await client.memory.search("Where?", top=3)  # type: ignore[call-arg]
