"""A process that finds an unknown setting, or its directories open to others, does not start."""

import os
import subprocess
import sys

import pytest

from keepsake.launcher.process import free_port
from tests.conftest import ROOT

WEB = ["web"]
WORKER = ["middleware.work", "actors", "--processes", "1", "--threads", "1"]
RUN = ["keepsake_client", "run"]
parts = pytest.mark.parametrize("command", [WEB, WORKER, RUN], ids=["web", "worker", "run"])


def said(command, **environment: str) -> str:
    """What a process that must not start says last."""
    run = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT,
        env={**os.environ, "KEEPSAKE_HTTP_PORT": str(free_port()), **environment},
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert run.returncode != 0
    lines = [line for line in run.stderr.splitlines() if line.startswith("keepsake: ")]
    assert len(lines) == 1, run.stderr
    assert "Traceback" not in run.stderr
    return lines[0]


@parts
def test_a_setting_that_nobody_knows_is_refused_with_the_nearest_one(command):
    line = said(command, KEEPSAKE_LEASE_SECOND="99")

    assert line == "keepsake: KEEPSAKE_LEASE_SECOND is no setting: is it KEEPSAKE_LEASE_SECONDS?"


@parts
def test_a_data_directory_that_others_may_write_to_is_refused(tmp_path, command):
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o777)

    assert str(data) in said(command, KEEPSAKE_DATA_DIR=str(data))


@pytest.mark.parametrize("command", [WEB, WORKER], ids=["web", "worker"])
def test_mirrors_that_a_link_leads_to_are_refused(tmp_path, command):
    (tmp_path / "mirrors").symlink_to(tmp_path)

    assert "mirrors" in said(command, KEEPSAKE_SCAN_CACHE_PATH=str(tmp_path / "mirrors"))
