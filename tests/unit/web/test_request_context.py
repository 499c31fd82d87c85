import asyncio
import json
import logging

import httpx
import pytest

from middleware.logs import JsonLines
from web.edge.request_context import RequestContext


async def failing(scope, receive, send):
    await asyncio.to_thread(logging.getLogger("keepsake.web").warning, "inside")
    await send({"type": "http.response.start", "status": 503, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def anyone(scope):
    pass


@pytest.mark.parametrize("sent", ["trace-1", ""])
def test_whatever_is_logged_for_a_request_has_its_id(caplog, sent):
    caplog.handler.setFormatter(JsonLines())

    async def ask():
        transport = httpx.ASGITransport(RequestContext(failing, 1_000, admit=anyone))
        async with httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
            return await client.get("/", headers={"X-Request-ID": sent} if sent else {})

    answer = asyncio.run(ask())

    lines = map(json.loads, caplog.text.splitlines())
    line = next(line for line in lines if line["event"] == "inside")
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert not sent or line["request_id"] == sent
