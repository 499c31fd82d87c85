"""The commands of docs/api.md whose answers it shows, run by a real shell and a real curl."""

import os
import re
import subprocess
from pathlib import Path

from keepsake.access.keys import KeyStore
from keepsake.launcher.administration import ensure_indexes

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:```\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
MARK = "--- what the next block says"


def test_every_command_of_the_page_says_what_the_page_says(database, shared_web, worker, tmp_path):
    ensure_indexes(database)
    worker()
    blocks = [block for block in BLOCK.findall(PAGE) if block[1]]
    script = "".join(f"{commands}\necho; echo '{MARK}'\n" for commands, _ in blocks)
    script = script.replace("localhost:8000", shared_web).replace("/tmp/", f"{tmp_path}/")

    run = subprocess.run(
        ["bash", "-c", script],
        env={**os.environ, "KEY": KeyStore(database).create("ana")},
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip

    said = run.stdout.replace("\r", "").split(f"\n{MARK}\n")
    assert len(blocks) == len(said) - 1 > 8, run.stderr
    for (commands, promised), output in zip(blocks, said, strict=False):
        expected = ".*?".join(re.escape(part) for part in promised.strip().split("…"))
        assert re.fullmatch(expected, output.strip(), re.DOTALL), f"{commands}\n{output}"
