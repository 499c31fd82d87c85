"""Runs of `keepsake run`, as `make run` calls it."""

import os
import sys

import pytest

from keepsake.launcher.process import Process, free_port
from tests.conftest import ROOT

PORTS = ("HTTP", "AMQP", "MANAGEMENT", "MONGO")


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    directory = tmp_path_factory.mktemp("run")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("KEEPSAKE_")},
        **{f"KEEPSAKE_{name}_PORT": str(free_port()) for name in PORTS},
        "KEEPSAKE_DATA_DIR": str(directory / "data"),
        "KEEPSAKE_WORKER_PROCESSES": "1",
    }


@pytest.fixture
def launcher(settings, tmp_path):
    started: list[Process] = []

    def start(**changed: str) -> Process:
        command = [sys.executable, "-m", "keepsake_client", "run"]
        process = Process("run", command, log=tmp_path / f"run-{len(started)}.log",
                          environment={**settings, **changed}, directory=ROOT)  # fmt: skip
        started.append(process)
        process.start()
        return process

    yield start
    for process in started:
        if process.running:
            process.stop(grace_seconds=60)
