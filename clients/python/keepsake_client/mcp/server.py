"""The MCP server over a source of calls: its tools, resources and prompt."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import mcp_types
from mcp import MCPError
from mcp.server import Server
from pydantic import ValidationError

from keepsake_client.client import AsyncKeepsake
from keepsake_client.errors import KeepsakeError
from keepsake_client.mcp import resources
from keepsake_client.mcp.calls import Call, CallContext, CallSource
from keepsake_client.mcp.code_tools import CODE_TOOLS
from keepsake_client.mcp.failures import INTERNAL, described, failed, misfit
from keepsake_client.mcp.job_tools import JOB_TOOLS
from keepsake_client.mcp.memory_tools import MEMORY_TOOLS
from keepsake_client.mcp.prompts import INSTRUCTIONS, USE_MEMORY, use_memory
from keepsake_client.mcp.reading_tools import READING_TOOLS
from keepsake_client.mcp.results import answered

TOOLS = {tool.name: tool for tool in (*MEMORY_TOOLS, *JOB_TOOLS, *CODE_TOOLS, *READING_TOOLS)}
_log = logging.getLogger("keepsake.mcp")
_Page = mcp_types.PaginatedRequestParams | None


def input_schemas() -> list[dict[str, Any]]:
    """The schema of each tool's arguments."""
    return [tool.arguments.model_json_schema() for tool in TOOLS.values()]


def mcp_server(source: CallSource) -> "Server[Any]":
    """A server whose calls are served as the source says."""
    handlers = Handlers(source)
    return Server(
        "keepsake",
        title="Keepsake",
        version=version("keepsake-client"),
        instructions=INSTRUCTIONS,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_resources=handlers.list_resources,
        on_list_resource_templates=handlers.list_templates,
        on_read_resource=handlers.read_resource,
        on_list_prompts=handlers.list_prompts,
        on_get_prompt=handlers.get_prompt,
    )


class Handlers:
    """What the server does with each method of the protocol."""

    def __init__(self, source: CallSource) -> None:
        self._source = source

    async def list_tools(self, _: CallContext, __: _Page) -> mcp_types.ListToolsResult:
        """All tools; they are the same for everyone."""
        return mcp_types.ListToolsResult(tools=[tool.listed() for tool in TOOLS.values()])

    async def call_tool(
        self, context: CallContext, params: mcp_types.CallToolRequestParams
    ) -> mcp_types.CallToolResult:
        """Call a tool; what goes wrong is an error of the tool, which a model can read."""
        tool = TOOLS.get(params.name)
        if tool is None:
            raise MCPError(mcp_types.INVALID_PARAMS, f"There is no tool {params.name[:64]!r}.")
        try:
            given = tool.arguments.model_validate(params.arguments or {})
        except ValidationError as error:
            return failed(misfit(error))
        try:
            async with self._source.client(context) as client:
                return answered(await tool.function(Call(self._source, context, client), given))
        except KeepsakeError as error:
            return failed(described(error))
        except Exception:  # noqa: BLE001 - what it says may be no model's business
            _log.exception("tool.failed", extra={"tool": tool.name})
            return failed(INTERNAL)

    async def list_resources(self, context: CallContext, _: _Page) -> mcp_types.ListResourcesResult:
        """The caller's repositories, and its own profile."""
        async with self._asking(context) as client:
            return mcp_types.ListResourcesResult(resources=await resources.listed(client))

    async def list_templates(
        self, _: CallContext, __: _Page
    ) -> mcp_types.ListResourceTemplatesResult:
        """The forms of the addresses."""
        templates = list(resources.TEMPLATES)
        return mcp_types.ListResourceTemplatesResult(resource_templates=templates)

    async def read_resource(
        self, context: CallContext, params: mcp_types.ReadResourceRequestParams
    ) -> mcp_types.ReadResourceResult:
        """One resource."""
        uri = str(params.uri)
        async with self._asking(context) as client:
            text = await resources.read(client, uri)
        contents = mcp_types.TextResourceContents(uri=uri, mime_type="text/plain", text=text)
        return mcp_types.ReadResourceResult(contents=[contents])

    async def list_prompts(self, _: CallContext, __: _Page) -> mcp_types.ListPromptsResult:
        """The one prompt."""
        return mcp_types.ListPromptsResult(prompts=[USE_MEMORY])

    async def get_prompt(
        self, _: CallContext, params: mcp_types.GetPromptRequestParams
    ) -> mcp_types.GetPromptResult:
        """The prompt's text."""
        if params.name != USE_MEMORY.name:
            raise MCPError(mcp_types.INVALID_PARAMS, f"There is no prompt {params.name[:64]!r}.")
        return use_memory((params.arguments or {}).get("user_id", ""))

    @asynccontextmanager
    async def _asking(self, context: CallContext) -> AsyncIterator[AsyncKeepsake]:
        """The caller's client; what goes wrong is an error of the protocol."""
        try:
            async with self._source.client(context) as client:
                yield client
        except resources.NoSuchResource:
            raise MCPError(mcp_types.INVALID_PARAMS, "There is no such resource.") from None
        except KeepsakeError as error:
            about = described(error)
            code = mcp_types.INTERNAL_ERROR if error.passing else mcp_types.INVALID_PARAMS
            raise MCPError(code, about["detail"], about) from None
