"""The command line against a real service, in this process."""

import json

import pytest
from click.testing import CliRunner, Result

from keepsake_client.cli import cli
from tests.conftest import started_worker


@pytest.fixture(scope="package")
def worker_of_module(rabbitmq, mongod, directory, allowed):
    """One for all modules of commands."""
    process = started_worker(directory / "commands-worker.log", **allowed)
    yield process
    process.kill()


@pytest.fixture
def environment(service, tmp_path):
    """What the command line reads: the service, and no profiles."""
    return {"KEEPSAKE_URL": service, "XDG_CONFIG_HOME": str(tmp_path), "KEEPSAKE_API_KEY": None}


@pytest.fixture
def keepsake(environment, key, worker_of_module):
    """Runs a command line as ann."""
    return as_owner(environment, key("ann"))


@pytest.fixture
def operate(environment, key):
    """Runs a command line as an operator."""
    return as_owner(environment, key("root", role="operator"))


@pytest.fixture
def alive(engine):
    """A worker's heartbeat; that of the module's worker was emptied with the database."""
    engine.leases.heartbeat("worker-1", {"host": "here", "pid": 1, "running": []})


def as_owner(environment, api_key):
    env = {**environment, "KEEPSAKE_API_KEY": api_key}

    def run(*arguments: str, code: int = 0, **options) -> Result:
        ended = CliRunner().invoke(cli, [*map(str, arguments)], env=env, **options)
        assert ended.exit_code == code, ended.output
        assert api_key not in ended.output
        return ended

    run.environment = env
    return run


def asked(run, *arguments: str, **options):
    """What a command prints as JSON."""
    return json.loads(run(*arguments, "--json", **options).stdout)
