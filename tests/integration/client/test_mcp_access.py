"""Who may call the tools, from where, how many at once, and what becomes of what is cancelled."""

import asyncio

import httpx
import pytest
from mcp import MCPError

from keepsake.access.keys import KeyStore
from tests.integration.client.agents import TRANSPORTS, agent, called, refused

pytestmark = pytest.mark.timeout(180)
OVER_HTTP = TRANSPORTS[1:]
HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {},
               "clientInfo": {"name": "test", "version": "1"}},
}  # fmt: skip


@pytest.fixture
def post(service, key):
    """Posts to `/mcp` with a good key, unless headers say otherwise."""

    def send(content=None, **headers):
        sent = {"Authorization": f"Bearer {key('ann')}", **HEADERS, **headers}
        body = {"json": INITIALIZE} if content is None else {"content": content}
        return httpx.post(f"{service}/mcp", headers=sent, timeout=60, **body)

    return send


def test_without_a_good_key_nothing_is_served(post):
    for header in ("", "Bearer ksk_unknown", "Basic abc"):
        answer = post(Authorization=header)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"].endswith("#unauthorized")
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://evil.example", 403), ("http://localhost:6274", 200), ("http://127.0.0.1:1", 200),
     ("null", 403), ("http://[", 403), ("http://localhost.evil.example", 403)],
)  # fmt: skip
def test_pages_of_other_sites_may_not_call(post, origin, status):
    assert post(Origin=origin).status_code == status


def test_pages_that_the_operator_names_may_call(web_server, key):
    _, base_url = web_server(KEEPSAKE_MCP_ORIGINS='["https://agents.example"]')
    headers = {"Authorization": f"Bearer {key('ann')}", **HEADERS}

    for origin, status in (("https://agents.example", 200), ("https://agents.example.org", 403)):
        answer = httpx.post(f"{base_url}/mcp", json=INITIALIZE, timeout=60,
                            headers={**headers, "Origin": origin})  # fmt: skip
        assert answer.status_code == status


def test_only_messages_that_fit_are_read(post, service, key):
    assert httpx.get(f"{service}/mcp", timeout=60).status_code == 405
    assert post(b"{" * 9_000_000).status_code == 413
    assert post(b"[" + b"1," * 900_000 + b"1]").status_code in {413, 422}
    assert post(b"[" * 100_000).status_code in {400, 422}
    assert post(b"no json").status_code == 400
    assert post(b"no json", **{"MCP-Protocol-Version": "2026-07-28"}).status_code == 400


def test_scopes_of_a_key_hold_for_each_tool(service, key):
    async def scenario():
        async with agent("http", service, key("ann", scopes=["jobs"])) as ann:
            assert len((await ann.list_tools()).tools) > 5
            assert [each.name for each in (await ann.list_resources()).resources] == ["profile"]
            assert (await refused(ann, "recall", query="x"))["type"] == "forbidden"
            found = await refused(ann, "job_status", job_id="job_01m86fbp9vvy47efjw098vpb1b")
            assert found["type"] == "job-not-found"

    asyncio.run(scenario())


@pytest.mark.parametrize("transport", OVER_HTTP)
def test_a_key_that_is_revoked_ends_calls_that_wait_and_opens_no_more(
    transport, service, key, database, eventually
):
    secret = key("ann")

    async def scenario():
        async with agent(transport, service, secret) as ann:
            waiting = asyncio.create_task(refused(ann, "remember", text="I ski.", wait_seconds=120))
            await asyncio.to_thread(eventually, lambda: database.jobs.count_documents({}) == 1)
            keys = KeyStore(database)
            (about,) = keys.listed("ann")
            await asyncio.to_thread(keys.revoke, about["_id"])
            assert (await asyncio.wait_for(waiting, 30))["type"] == "unauthorized"
            with pytest.raises(MCPError):
                await ann.call_tool("recall", {"query": "x"})

    asyncio.run(scenario())
    assert database.jobs.find_one()["state"] == "pending"


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_cancelled_call_cancels_its_job(transport, service, key, database, eventually):
    async def scenario():
        async with agent(transport, service, key("ann")) as ann:
            calling = asyncio.create_task(
                ann.call_tool("remember", {"text": "I ski.", "wait_seconds": 120})
            )
            await asyncio.to_thread(eventually, lambda: database.jobs.count_documents({}) == 1)
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)
            await asyncio.to_thread(
                eventually, lambda: database.jobs.find_one()["state"] == "cancelled"
            )

    asyncio.run(scenario())


@pytest.mark.drill
def test_fifty_sessions_at_once_over_several_processes(web_server, worker, allowed, key):
    _, base_url = web_server(KEEPSAKE_WEB_PROCESSES="2", **allowed)
    worker(**allowed)

    async def one(number: int) -> None:
        transport, owner = OVER_HTTP[number % 2], f"owner-{number}"
        async with agent(transport, base_url, key(owner)) as session:
            job = await called(session, "remember", text=f"My cat is called Tom{number}.")
            assert job["status"] == "succeeded"
            found = await called(session, "recall", query="What is my cat called?")
            assert f"Tom{number}." in found["hits"][0]["content"]
            assert "Tom" not in str(found).replace(f"Tom{number}.", "")

    async def scenario():
        await asyncio.gather(*(one(number) for number in range(50)))

    asyncio.run(scenario())
