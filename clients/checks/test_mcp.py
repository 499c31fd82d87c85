"""The MCP server before the protocol's own checks: its conformance tests and its inspector."""

import json

import pytest

from clients.checks.conftest import ROOT, TOOLS, ran
from clients.checks.with_key import with_key

NODE_MODULES = ROOT / "clients" / "checks" / "node_modules" / "@modelcontextprotocol"
CONFORMANCE = NODE_MODULES / "conformance" / "dist" / "index.js"
INSPECTOR = NODE_MODULES / "inspector" / "cli" / "build" / "cli.js"
SCENARIOS = (
    "server-initialize", "ping", "tools-list", "resources-list", "prompts-list",
    "dns-rebinding-protection",
)  # fmt: skip
"""Those that ask nothing of what the server offers; the others want tools of the suite's own."""


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_server_conforms(server, scenario):
    with with_key(server["KEEPSAKE_URL"], server["KEEPSAKE_API_KEY"]) as url:
        said = ran("node", CONFORMANCE, "server", "--url", f"{url}/mcp", "--scenario", scenario,
                   "--output-dir", TOOLS / "conformance")  # fmt: skip

    assert "0 failed" in said


@pytest.mark.timeout(200)
@pytest.mark.parametrize("transport", ["http", "stdio"])
def test_the_inspector_lists_and_calls_tools(server, transport):
    key = server["KEEPSAKE_API_KEY"]
    if transport == "http":
        target = [f"{server['KEEPSAKE_URL']}/mcp", "--transport", "http",
                  "--header", f"Authorization: Bearer {key}"]  # fmt: skip
    else:
        target = [str(ROOT / ".venv" / "bin" / "keepsake"), "mcp",
                  "-e", f"KEEPSAKE_URL={server['KEEPSAKE_URL']}",
                  "-e", f"KEEPSAKE_API_KEY={key}"]  # fmt: skip

    def inspected(*arguments):
        return json.loads(ran("node", INSPECTOR, "--cli", *target, *arguments))

    listed = inspected("--method", "tools/list")["tools"]
    assert {"remember", "recall", "find_references"} <= {tool["name"] for tool in listed}
    remembered = inspected("--method", "tools/call", "--tool-name", "remember",
                           "--tool-arg", "text=I live in Lisbon.")  # fmt: skip
    assert remembered["structuredContent"]["status"] == "succeeded"
    prompt = inspected("--method", "prompts/get", "--prompt-name", "use_memory")
    assert "recall" in prompt["messages"][0]["content"]["text"]
