"""Calls that end early: cancelled at any process, cut off, or while the server stops."""

import asyncio
import json
import threading

import httpx
import pytest

from tests.integration.client.agents import TRANSPORTS, agent, called

pytestmark = pytest.mark.timeout(180)
OVER_HTTP = TRANSPORTS[1:]
WAITING = {"text": "I ski.", "wait_seconds": 120}


@pytest.fixture
def in_state(database, eventually):
    """Waits until so many jobs are in a state."""

    async def wait(state, count):
        await asyncio.to_thread(
            eventually,
            lambda: database.jobs.count_documents({"state": state}) == count,
            60,
        )

    return wait


@pytest.mark.parametrize("transport", OVER_HTTP)
def test_a_call_is_cancelled_whichever_process_hears_of_it(transport, web_server, key, in_state):
    _, base_url = web_server(KEEPSAKE_WEB_PROCESSES="3")

    async def cancelled(number, all_pending, all_cancelled):
        async with agent(transport, base_url, key(f"owner-{number}")) as session:
            calling = asyncio.create_task(session.call_tool("remember", WAITING))
            await all_pending
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)
            await all_cancelled

    async def scenario():
        states = [asyncio.ensure_future(in_state(state, 8)) for state in ("pending", "cancelled")]
        await asyncio.gather(*(cancelled(number, *states) for number in range(8)))

    asyncio.run(scenario())


@pytest.mark.parametrize("transport", OVER_HTTP)
def test_a_server_that_stops_answers_calls_that_wait_and_cancels_no_job(
    transport, web_server, key, in_state, database
):
    process, base_url = web_server()

    async def scenario():
        async with agent(transport, base_url, key("ann")) as ann:
            await ann.list_tools()  # a client asks for them after its first call else
            calling = asyncio.create_task(called(ann, "remember", **WAITING))
            await in_state("pending", 1)
            stopping = threading.Thread(target=process.stop, args=(30,))
            stopping.start()
            answer = await calling
            await asyncio.to_thread(stopping.join)
        assert answer["status"] == "pending"
        assert "job_status" in answer["note"]

    asyncio.run(scenario())
    assert database.jobs.find_one()["state"] == "pending"


def test_a_session_whose_connection_breaks_cancels_nothing(service, key, in_state, database):
    headers = {
        "Authorization": f"Bearer {key('ann')}",
        "Accept": "application/json, text/event-stream",
        "Mcp-Session-Id": "a-session",
        "Mcp-Protocol-Version": "2025-11-25",
    }
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": "remember", "arguments": WAITING}}  # fmt: skip

    async def scenario():
        async with httpx.AsyncClient(headers=headers) as client:
            posting = asyncio.create_task(client.post(f"{service}/mcp", json=call, timeout=60))
            await in_state("pending", 1)
            posting.cancel()
            await asyncio.gather(posting, return_exceptions=True)
        async with httpx.AsyncClient(headers=headers) as client:  # sent again, it is the same job
            again = {**call["params"], "arguments": {"text": "I ski.", "wait_seconds": 0}}
            answer = await client.post(f"{service}/mcp", json={**call, "params": again}, timeout=60)
        said = json.loads(answer.text.partition("data: ")[2])
        return said["result"]["structuredContent"]

    answer = asyncio.run(scenario())
    job = database.jobs.find_one()
    assert (job["_id"], job["state"]) == (answer["job_id"], "pending")
    assert database.jobs.count_documents({}) == 1
