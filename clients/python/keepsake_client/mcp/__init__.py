"""Keepsake for agents, by the Model Context Protocol: tools, resources and a prompt.

`mcp_server` builds the server over a `CallSource`, which says whose client serves a call. The
command `keepsake mcp` serves it over stdin and stdout; the web server serves the same at `/mcp`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keepsake_client.mcp.calls import CallContext, CallSource
    from keepsake_client.mcp.server import input_schemas, mcp_server

__all__ = ["CallContext", "CallSource", "input_schemas", "mcp_server"]
_HOMES = {
    "CallContext": "calls",
    "CallSource": "calls",
    "input_schemas": "server",
    "mcp_server": "server",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
