"""compose.yaml by Debian's docker-compose, which needs no engine to read it."""

import subprocess

import yaml

from tests.conftest import ROOT


def test_docker_compose_takes_the_file(tmp_path):
    text = (ROOT / "compose.yaml").read_text().replace("name: keepsake\n", "", 1)  # newer than it
    (tmp_path / "compose.yaml").write_text(text)

    read = subprocess.run(
        ["docker-compose", "--file", "compose.yaml", "config"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert read.returncode == 0, read.stderr
    assert yaml.safe_load(read.stdout)["services"].keys() == yaml.safe_load(text)["services"].keys()
