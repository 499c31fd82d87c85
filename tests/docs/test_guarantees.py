"""Every test that a page names as its proof is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["guarantees", "threats"])
def test_every_promise_names_tests_that_exist(name):
    page = (ROOT / "docs" / f"{name}.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", page))
    written = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    }

    assert named - written == set()
    assert len(named) > 20
