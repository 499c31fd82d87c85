"""deploy/kubernetes against the code that it starts, and what a restricted namespace admits."""

import re
from inspect import getsource
from typing import Any

import pytest
import yaml

import keepsake
from keepsake.parts import WORKER, job_types
from keepsake.scanner import ScannerSettings
from middleware import health_server
from tests.conftest import ROOT
from web.admin import health
from web.settings import WEB

FOLDER = ROOT / "deploy" / "kubernetes"
SETTINGS = {"web": WEB, "worker": WORKER}
PROBES = ("startup", "liveness", "readiness")
SECRETS = "/run/secrets/keepsake"


def documents(path: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / path).read_text()))


def pod_of(part: str) -> dict[str, Any]:
    [deployment] = documents(f"{part}/deployment.yaml")
    return deployment["spec"]["template"]["spec"]


def container_of(part: str) -> dict[str, Any]:
    [container] = pod_of(part)["containers"]
    return container


def environment(part: str) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in container_of(part)["env"]}


def queues() -> dict[str, dict[str, Any]]:
    """What is special about the worker of each queue."""
    patches = {path.parent.name: yaml.safe_load(path.read_text())
               for path in FOLDER.glob("queues/*/worker.yaml")}  # fmt: skip
    return {name: patch["spec"]["template"]["spec"]["containers"][0]
            for name, patch in patches.items()}  # fmt: skip


@pytest.mark.parametrize("part", SETTINGS)
def test_the_environment_names_settings_of_the_code(part):
    known = {variable for kind in SETTINGS[part] for variable in kind.variables().values()}
    named = {name.removesuffix("_FILE") for name in environment(part)}

    assert named <= known
    assert ("KEEPSAKE_MANAGEMENT_URL" in named) == (part == "web")


@pytest.mark.parametrize("part", SETTINGS)
def test_secrets_are_files_that_only_the_pods_user_reads(part):
    secret = {kind.variables()[field] for kind in SETTINGS[part] for field in kind.secrets()}
    files = {value for name, value in environment(part).items() if name.endswith("_FILE")}
    [volume] = [volume for volume in pod_of(part)["volumes"] if volume["name"] == "secrets"]
    own, of_models = volume["projected"]["sources"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container_of(part)["volumeMounts"]}

    assert not secret & set(environment(part))
    assert mounts["secrets"] == SECRETS
    assert files == {f"{SECRETS}/{item['path']}" for item in own["secret"]["items"]}
    assert of_models["secret"]["optional"]
    assert volume["projected"]["defaultMode"] & 0o337 == 0


@pytest.mark.parametrize("part", SETTINGS)
def test_pods_are_what_a_restricted_namespace_admits(part):
    assert unrestricted(pod_of(part)) == []
    [namespace] = documents("base/namespace.yaml")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def unrestricted(pod: dict[str, Any]) -> list[str]:
    """What Kubernetes' pod security standard `restricted` refuses, and our own rules beside it."""
    user = pod["securityContext"]
    faults = [name for name in ("hostNetwork", "hostPID", "hostIPC") if name in pod]
    faults += [f"volume {volume['name']}" for volume in pod["volumes"]
               if not set(volume) - {"name"} <= {"emptyDir", "projected"}]  # fmt: skip
    required = {
        "runAsNonRoot": user["runAsNonRoot"],
        "runAsUser": user["runAsUser"] > 0,
        "seccompProfile": user["seccompProfile"] == {"type": "RuntimeDefault"},
        "enableServiceLinks": not pod["enableServiceLinks"],
        "automountServiceAccountToken": not pod["automountServiceAccountToken"],
    }
    faults += [name for name, kept in required.items() if not kept]
    for container in (*pod["initContainers"], *pod["containers"]):
        if container["securityContext"] != {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }:
            faults.append(f"container {container['name']}")
        if not {"memory"} <= set(container["resources"]["limits"]):
            faults.append(f"memory of {container['name']}")
    return faults


def test_pods_run_as_the_images_user_in_its_directory():
    dockerfile = (ROOT / "Dockerfile").read_text()
    user = int(re.search(r"useradd .*--uid (\d+)", dockerfile)[1])
    place = re.search(r"KEEPSAKE_DATA_DIR=(\S+)", dockerfile)[1]

    for part in SETTINGS:
        context = pod_of(part)["securityContext"]
        assert {context[name] for name in ("runAsUser", "runAsGroup", "fsGroup")} == {user}
        data = [m for m in container_of(part)["volumeMounts"] if m["name"] == "data"]
        assert data == [{"name": "data", "mountPath": place, "subPath": "private"}]


def test_every_queue_has_workers():
    served = [queue for worker in queues().values() for queue in after(worker["args"], "-Q")]

    assert sorted(served) == sorted(job_types().consumed)
    listed = documents("base/kustomization.yaml")[0]["resources"]
    assert {f"../queues/{name}" for name in queues()} <= set(listed)


def after(arguments: list[str], option: str) -> list[str]:
    return arguments[arguments.index(option) + 1 :]


def test_a_worker_that_scans_has_the_memory_that_it_may_take():
    memory = queues()["scanner"]["resources"]["limits"]["memory"]

    assert int(memory.removesuffix("Gi")) * 1024 > ScannerSettings().scan_git_memory_mb


def test_probes_ask_for_what_is_served():
    served = {
        "web": {route.path for route in health.router.routes},
        "worker": set(re.findall(r'"(/[a-z]+z)": board', getsource(health_server))),
    }

    for part, paths in served.items():
        container = container_of(part)
        probes = {kind: container[f"{kind}Probe"]["httpGet"] for kind in PROBES}
        assert {probe["path"] for probe in probes.values()} <= paths
        assert probes["liveness"]["path"] == "/healthz"
        assert probes["readiness"]["path"] == "/readyz"
        assert {p["port"] for p in probes.values()} <= {p["name"] for p in container["ports"]}


def test_what_is_scaled_by_is_shown():
    [adapter] = documents("autoscaling/prometheus-adapter.yaml")
    [rule] = adapter["rules"]["external"]
    told = (ROOT / "docs" / "operating.md").read_text().partition("## Metrics and traces")[2]

    assert f"`{rule['seriesQuery']}`" in told
    for scaler in documents("autoscaling/workers.yaml"):
        [metric] = scaler["spec"]["metrics"]
        name, selector = (metric["external"]["metric"][key] for key in ("name", "selector"))
        assert name == rule["seriesQuery"]
        queue = selector["matchLabels"]["queue"]
        assert queue in job_types().queues
        worker = scaler["spec"]["scaleTargetRef"]["name"].removeprefix("keepsake-worker-")
        assert queue in queues()[worker]["args"]


def test_overlays_take_the_image_of_this_version():
    for overlay in FOLDER.glob("overlays/*/kustomization.yaml"):
        [image] = yaml.safe_load(overlay.read_text())["images"]
        assert image["newTag"] == keepsake.__version__
