"""The tutorial of docs/extending.md: its code is the example's, its commands say what it says."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from keepsake.access.keys import KeyStore, Role
from keepsake.launcher.administration import ensure_indexes
from tests.docs.test_api import BLOCK
from tests.thumbnails import EXAMPLE, beside, install

PAGE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text()
CODE = re.compile(r"^```(?:python|toml)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
MARK = "--- what the next block says"


@pytest.mark.parametrize("block", CODE.findall(PAGE))
def test_the_code_of_the_page_is_that_of_the_example(block):
    files = [path.read_text() for path in EXAMPLE.rglob("*") if path.suffix in {".py", ".toml"}]

    assert any(block in text for text in files)


def test_every_command_of_the_page_says_what_the_page_says(
    database, web_server, worker, tmp_path, eventually
):
    ensure_indexes(database)
    keys = KeyStore(database)
    environment = beside(install(tmp_path / "installed"))
    process = worker(**environment)
    _, base_url = web_server(**environment)
    blocks = [block for block in BLOCK.findall(PAGE) if block[1]]
    script = "".join(f"{commands}\necho; echo '{MARK}'\n" for commands, _ in blocks)

    run = subprocess.run(
        ["bash", "-c", script.replace("localhost:8000", base_url.removeprefix("http://"))],
        env={**os.environ, "KEY": keys.create("ana", scopes=["thumbnails", "jobs"]),
             "OPERATOR": keys.create("op", role=Role.OPERATOR)},
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip

    said = run.stdout.replace("\r", "").split(f"\n{MARK}\n")
    assert len(blocks) == len(said) - 1 == 2, (run.stderr, process.tail(20))
    for (commands, promised), output in zip(blocks, said, strict=False):
        expected = ".*?".join(re.escape(part) for part in promised.strip().split("…"))
        assert re.fullmatch(expected, output.strip(), re.DOTALL), f"{commands}\n{output}"
