"""deploy/kubernetes as kubectl renders it, by the schemas of Kubernetes and Prometheus Operator.

The step that makes a private directory in a volume is run as the pod's user.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.conftest import ROOT
from tests.docs.test_kubernetes import FOLDER, container_of, pod_of, unrestricted

BIN = ROOT / ".deploy" / "bin"
OVERLAYS = sorted(path.parent.name for path in FOLDER.glob("overlays/*/kustomization.yaml"))
VERSIONS = ("1.30.0", "1.37.0")
"""The oldest that the manifests are for, and the newest that the package knows."""


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module", params=OVERLAYS)
def rendered(request) -> str:
    ended = run(BIN / "kubectl", "kustomize", FOLDER / "overlays" / request.param)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def objects(rendered: str, kind: str) -> list[dict[str, Any]]:
    return [found for found in yaml.safe_load_all(rendered) if found["kind"] == kind]


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_knows_every_field(rendered, version, tmp_path):
    (tmp_path / "rendered.yaml").write_text(rendered)

    judged = run(
        BIN / "kubernetes-validate", "--strict", "--kubernetes-version", version,
        tmp_path / "rendered.yaml",
    )  # fmt: skip

    said = judged.stdout + judged.stderr
    assert judged.returncode == 0, said
    unjudged = len(objects(rendered, "ServiceMonitor"))
    assert said.count("Couldn't find schema") == unjudged
    assert said.count(" passed ") == len([*yaml.safe_load_all(rendered)]) - unjudged


def test_the_prometheus_operator_knows_every_field(rendered):
    schema = strict(json.loads((Path(__file__).parent / "servicemonitor.json").read_text()))

    for monitor in objects(rendered, "ServiceMonitor"):
        jsonschema.validate(monitor, schema)


def strict(schema: Any) -> Any:
    """The schema, which leaves out what it does not know, made to refuse it."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    known = {key: strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        known.setdefault("additionalProperties", False)
    if known.get("properties", {}).get("metadata") == {"type": "object"}:
        known["properties"]["metadata"] = {}
    return known


def test_what_refers_to_another_object_finds_it(rendered):
    deployments = objects(rendered, "Deployment")
    names = {deployment["metadata"]["name"] for deployment in deployments}
    settings = {settings["metadata"]["name"] for settings in objects(rendered, "ConfigMap")}
    pods = [deployment["spec"]["template"] for deployment in deployments]

    for scaler in objects(rendered, "HorizontalPodAutoscaler"):
        assert scaler["spec"]["scaleTargetRef"]["name"] in names
    for pod in pods:
        [source] = pod["spec"]["containers"][0]["envFrom"]
        assert source["configMapRef"]["name"] in settings
    services = objects(rendered, "Service")
    selectors = [(service["spec"]["selector"], pods) for service in services]
    for kind in ("NetworkPolicy", "PodDisruptionBudget"):
        for found in objects(rendered, kind):
            spec = found["spec"]
            selectors.append(((spec.get("podSelector") or spec["selector"])["matchLabels"], pods))
    for monitor in objects(rendered, "ServiceMonitor"):
        selectors.append((monitor["spec"]["selector"]["matchLabels"], services))
        ports = {port["name"] for service in services for port in service["spec"]["ports"]}
        assert {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]} <= ports
    for selector, candidates in selectors:
        assert any(selector.items() <= found["metadata"]["labels"].items() for found in candidates)


def test_every_pod_is_in_a_budget_and_under_a_policy(rendered):
    budgets = objects(rendered, "PodDisruptionBudget")
    policies = objects(rendered, "NetworkPolicy")

    for deployment in objects(rendered, "Deployment"):
        pod = deployment["spec"]["template"]
        labels = pod["metadata"]["labels"].items()
        own = [b for b in budgets if b["spec"]["selector"]["matchLabels"].items() <= labels]
        assert len(own) == 1
        assert [p for p in policies if p["spec"]["podSelector"]["matchLabels"].items() <= labels]
        assert unrestricted(pod["spec"]) == []


TAKE = """
import os, sys
from pathlib import Path
from keepsake.storage import NotPrivate, private_directory
user = int(sys.argv[2])
os.setgroups([]), os.setgid(user), os.setuid(user)
try:
    private_directory(Path(sys.argv[1]))
except NotPrivate as reason:
    sys.exit(str(reason))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a process another user")
@pytest.mark.parametrize("part", ["web", "worker"])
def test_the_first_step_makes_a_directory_that_keepsake_takes(part):
    pod, mounted = pod_of(part), container_of(part)
    [step] = pod["initContainers"]
    user = pod["securityContext"]["runAsUser"]
    [data] = [mount for mount in mounted["volumeMounts"] if mount["name"] == "data"]
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        volume, directory = Path(place) / "volume", Path(place) / "mounted"
        for path, mode in ((volume, 0o777), (directory, 0o755), (Path(place), 0o755)):
            path.mkdir(exist_ok=True)
            path.chmod(mode)

        assert "belongs to another user" in takes(volume, directory, user)
        made = [word.replace("/volume", str(volume)) for word in step["command"]]
        subprocess.run(made, user=user, group=user, extra_groups=[], check=True)
        assert takes(volume / data["subPath"], directory, user) == ""


def takes(volume: Path, directory: Path, user: int) -> str:
    """What Keepsake says of a volume that is mounted there; nothing when it takes it."""
    mounting = 'mount --bind "$0" "$1" && exec "$2" -c "$3" "$1" "$4"'
    taken = subprocess.run(
        ["unshare", "--mount", "sh", "-c", mounting,
         volume, directory, sys.executable, TAKE, str(user)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return taken.stderr.strip()
