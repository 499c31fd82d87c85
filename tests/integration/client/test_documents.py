"""The Python of the client's documents, run as it stands there against a real service."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = [ROOT / "clients" / "python" / "README.md", ROOT / "docs" / "client.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_shows_works(page: Path, client, service, key, repo, capsys, monkeypatch):
    monkeypatch.setenv("KEEPSAKE_API_KEY", key("ann"))
    stands_for = {
        "http://127.0.0.1:8000": service,
        '"ksk_…"': "None",
        "https://github.com/pallets/click": repo.url,
        "pallets/click": f"{repo.path.parent.name}/shop",
        '"echo"': '"price"',
    }
    blocks = BLOCK.findall(page.read_text())

    shown = re.compile("|".join(map(re.escape, stands_for)))
    for block in blocks:
        exec(shown.sub(lambda match: stands_for[match[0]], block), {"client": client})

    assert blocks
    assert capsys.readouterr().out.strip()
