"""The rules of Prometheus by its own tool: each alert fires on what it is for."""

import subprocess

import pytest

from tests.conftest import ROOT

FOLDER = ROOT / "deploy" / "prometheus"


@pytest.mark.parametrize("command", ["check rules rules.yml", "test rules rules.test.yml"])
def test_promtool_takes_the_rules(command):
    ended = subprocess.run(
        ["promtool", *command.split()], cwd=FOLDER, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
