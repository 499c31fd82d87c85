"""`/mcp`: the tools of agents, over streamable HTTP."""
