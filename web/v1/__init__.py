"""XMem's contract: what its SDKs, browser extension and MCP server call."""
