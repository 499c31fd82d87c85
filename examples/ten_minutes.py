"""Ten minutes with Keepsake: remember, recall, undo, scan, find references.

Three times over: by the Python client, by an agent that starts `keepsake mcp`, and by one that
calls `/mcp` of the server. It needs `keepsake-client[mcp]`, KEEPSAKE_URL and KEEPSAKE_API_KEY, and
is told the URL of a git repository.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from keepsake_client import Keepsake

SAID = ("I live in Lisbon.", "I am allergic to peanuts.", "My sister is called Rita.")
QUESTION = "Which food is bad for me?"


def by_client(url: str, user_id: str) -> None:
    """Everything by calls of the client."""
    with Keepsake() as client:
        jobs = [client.memory.add(said, user_id=user_id) for said in SAID]
        for job in jobs:
            job.result(timeout=60)
            print("  remembered:", job.effects()[0].content)
        print("  recalled:", client.memory.search(QUESTION, user_id=user_id)[0].content)
        print("  undone, memories removed:", jobs[1].undo().removed)
        hits = client.memory.search(QUESTION, user_id=user_id)
        print("  recalled again:", any("peanuts" in hit.content for hit in hits))

        scanned = client.code.scan(url).result(timeout=600)
        repository = f"{scanned.org}/{scanned.repo}"
        print("  scanned:", repository)
        for use in client.code.callers(repository, "price").uses:
            print(f"  price is called in {use.path}, line {use.line}")


async def by_agent(agent: Client, url: str, user_id: str) -> None:
    """Everything by the tools that an agent has."""
    jobs = [await called(agent, "remember", text=said, user_id=user_id) for said in SAID]
    for job in jobs:
        print("  remembered:", job["changes"][0]["content"])
    question = {"query": QUESTION, "user_id": user_id}
    print("  recalled:", (await called(agent, "recall", **question))["hits"][0]["content"])
    undone = await called(agent, "undo", job_id=jobs[1]["job_id"])
    print("  undone, memories removed:", undone["removed"])
    hits = (await called(agent, "recall", **question))["hits"]
    print("  recalled again:", any("peanuts" in hit["content"] for hit in hits))

    repository = (await called(agent, "scan_repository", url=url))["repository"]
    print("  scanned:", repository)
    used = await called(agent, "find_references", repository=repository, name="price")
    for use in used["references"]:
        print(f"  price is called in {use['path']}, line {use['line']}")


async def called(agent: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """What a tool gives."""
    result = await agent.call_tool(tool, arguments)
    if result.is_error:
        raise SystemExit(f"{tool}: {result.content[0].text}")
    given: dict[str, Any] = result.structured_content
    return given


async def by_agents(url: str) -> None:
    """An agent with a process of its own, then one that calls the server."""
    print("An agent, by `keepsake mcp`")
    command = str(Path(sys.executable).with_name("keepsake"))
    process = StdioServerParameters(command=command, args=["mcp"], env=dict(os.environ))
    async with Client(process) as agent:
        await by_agent(agent, url, "ben")
    print("An agent, by /mcp of the server")
    headers = {"Authorization": f"Bearer {os.environ['KEEPSAKE_API_KEY']}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        connection = streamable_http_client(f"{os.environ['KEEPSAKE_URL']}/mcp", http_client=http)
        async with Client(connection) as agent:
            await by_agent(agent, url, "cleo")


if __name__ == "__main__":
    print("The client")
    by_client(sys.argv[1], "ana")
    asyncio.run(by_agents(sys.argv[1]))
