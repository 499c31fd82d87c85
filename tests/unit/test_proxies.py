"""No client of ours reads proxies, or anything else, from its environment."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("actors", "chaos", "keepsake", "middleware", "web")
ASKING = {
    f"httpx.{name}" for name in
    ("AsyncClient", "Client", "delete", "get", "head", "patch", "post", "put", "request", "stream")
}  # fmt: skip


def asking():
    """Each call that makes a client of HTTP, or is one."""
    for package in PACKAGES:
        for module in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(module.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in ASKING:
                    yield f"{module.relative_to(ROOT)}:{node.lineno}", node


def test_every_client_asks_directly():
    clients = dict(asking())

    assert len(clients) >= 5
    assert [
        place
        for place, call in clients.items()
        if not any(
            option.arg == "trust_env" and ast.literal_eval(option.value) is False
            for option in call.keywords
        )
    ] == []


def test_nothing_is_fetched_with_urllib():
    sources = [module for package in PACKAGES for module in (ROOT / package).rglob("*.py")]

    assert [str(source) for source in (*sources, ROOT / "compose.yaml")
            if "urllib.request" in source.read_text()] == []  # fmt: skip
