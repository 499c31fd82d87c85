"""compose.yaml by docker-compose, which needs no engine, and by the schema of its specification."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

FILES = ("compose.yaml", "deploy/compose/tls.yaml")
CHECK = ROOT / ".deploy" / "bin" / "check-jsonschema"


def run(*command: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("file", FILES)
def test_the_specification_knows_every_field(file):
    judged = run(CHECK, "--builtin-schema", "vendor.compose-spec", file)

    assert judged.returncode == 0, judged.stdout + judged.stderr


def read(folder: Path, *files: str) -> dict[str, Any]:
    """What docker-compose makes of files."""
    for file in FILES:
        text = (ROOT / file).read_text().replace("name: keepsake\n", "", 1)  # newer than it
        (folder / Path(file).name).write_text(text)
    named = [word for file in files for word in ("--file", Path(file).name)]
    shown = run("docker-compose", *named, "config", folder=folder)
    assert shown.returncode == 0, shown.stderr
    return yaml.safe_load(shown.stdout)


def test_docker_compose_takes_the_file(tmp_path):
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]

    assert read(tmp_path, "compose.yaml")["services"].keys() == services.keys()


def test_every_service_has_a_minute_to_stop(tmp_path):
    services = read(tmp_path, "compose.yaml")["services"].values()

    assert {service["stop_grace_period"] for service in services} == {"60s"}


def test_figures_of_a_worker_are_for_the_other_services_alone(tmp_path):
    worker = read(tmp_path, "compose.yaml")["services"]["worker"]

    assert worker["environment"]["KEEPSAKE_METRICS_HOST"] == "0.0.0.0"
    assert "ports" not in worker


def test_docker_compose_lays_tls_over_it(tmp_path):
    plain, laid = read(tmp_path, FILES[0])["services"], read(tmp_path, *FILES)["services"]

    assert laid.keys() == plain.keys()
    assert "requireTLS" in laid["mongo"]["command"]
    for name in ("mongo", "mongo-users", "web", "worker"):
        given, before = (
            {secret["source"] for secret in services[name]["secrets"]} for services in (laid, plain)
        )
        assert before < given
        changed = {key for key in laid[name] if laid[name][key] != plain[name].get(key)}
        assert changed <= {"command", "entrypoint", "healthcheck", "secrets"}
