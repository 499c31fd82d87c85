"""docs/mcp.md: the tools that it lists, and the configuration that readers copy."""

import json
import re
import tomllib

import pytest

from keepsake_client.mcp.server import TOOLS
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "mcp.md").read_text()
SNIPPETS = re.findall(
    r"^\*\*(.+?)\*\*, `(.+?)`.*?\n\n```(json|toml)\n(.*?)```$", PAGE, re.MULTILINE | re.DOTALL
)
READERS = {"json": json.loads, "toml": tomllib.loads}


def test_each_host_has_a_snippet():
    hosts = {host for host, *_ in SNIPPETS}

    assert hosts == {"Claude Code", "Claude Desktop", "Cursor", "VS Code", "Codex CLI"}


@pytest.mark.parametrize(("host", "file", "language", "text"), SNIPPETS)
def test_each_snippet_is_what_its_host_reads(host, file, language, text):
    written = READERS[language](text)

    (servers,) = [
        written[name] for name in ("mcpServers", "servers", "mcp_servers") if name in written
    ]
    assert file.endswith(f".{language}")
    server = servers["keepsake"]
    if "command" in server:
        assert (server["command"], server["args"][0]) == ("keepsake", "mcp")
    else:
        assert server["url"].endswith("/mcp")
        assert "KEEPSAKE_API_KEY" in text or "${input:" in text
    assert "ksk_" not in text


def test_the_page_lists_the_tools_that_there_are():
    listed = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)

    assert sorted(listed) == sorted(TOOLS)
