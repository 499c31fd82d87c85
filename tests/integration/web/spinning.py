"""A web server whose event loop spins or ends when asked to: `python -m`, as `python -m web`."""

import os
import sys

from starlette.types import ASGIApp, Receive, Scope, Send

from web.server import master, process


async def spinning(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    while scope["path"] == "/spin":
        pass
    if scope["path"] == "/end":
        os._exit(7)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(os.getpid()).encode()})


def serve() -> ASGIApp:
    return spinning


if __name__ == "__main__":
    this = "tests.integration.web.spinning"
    if sys.argv[1:]:
        process.serve(f"{this}:serve")
    else:
        sys.exit(master.main(this))
