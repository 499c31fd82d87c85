"""compose.yaml against its schema's rules and against the code it starts."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import keepsake
from keepsake.launcher.mongod import REPLICA_SET, TRANSACTION_SECONDS
from keepsake.launcher.rabbitmq import (
    RABBITMQ_OPERATOR,
    RABBITMQ_RIGHTS,
    RABBITMQ_USER,
    RABBITMQ_VHOST,
    Passwords,
    definitions,
)
from keepsake.launcher.settings import LauncherSettings
from keepsake.parts import WORKER, job_types
from keepsake.storage.mongo import MongoSettings
from middleware.broker import QUEUE_ARGUMENTS
from web.settings import WEB

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
OURS = ("web", "worker")
SETTINGS = {"web": WEB, "worker": WORKER}

STRINGS = {"type": "array", "items": {"type": "string"}}
DURATION = {"type": "string", "pattern": r"^\d+(ms|s|m|h)$"}
SERVICE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["image", "restart"],
    "properties": {
        "build": {"type": "string"},
        "image": {"type": "string", "pattern": r"^[a-z]+:[\w.-]+$"},
        "command": STRINGS,
        "hostname": {"type": "string"},
        "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
        "stop_grace_period": DURATION,
        "logging": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "driver": {"type": "string"},
                "options": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
        "environment": {"type": "object", "additionalProperties": {"type": "string"}},
        "ports": {"type": "array", "items": {"pattern": r"^127\.0\.0\.1:\d+:\d+$"}},
        "volumes": {"type": "array", "items": {"pattern": r"^[a-z-]+:/[\w/]+$"}},
        "configs": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"source": {"type": "string"}, "target": {"type": "string"}},
            },
        },
        "depends_on": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"condition": {"enum": ["service_healthy", "service_started"]}},
            },
        },
        "healthcheck": {
            "type": "object",
            "additionalProperties": False,
            "required": ["test"],
            "properties": {
                "test": STRINGS,
                "interval": DURATION,
                "timeout": DURATION,
                "start_period": DURATION,
                "retries": {"type": "integer"},
            },
        },
    },
}
FILE = {
    "type": "object",
    "additionalProperties": False,
    "patternProperties": {"^x-": {}},
    "properties": {
        "name": {"type": "string"},
        "services": {"type": "object", "additionalProperties": SERVICE},
        "volumes": {"type": "object", "additionalProperties": {"type": "null"}},
        "configs": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"content": {"type": "string"}},
            },
        },
    },
}


def test_the_file_keeps_to_the_compose_schema():
    jsonschema.validate(COMPOSE, FILE)


def test_what_services_refer_to_is_there():
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        assert {v.split(":")[0] for v in service.get("volumes", [])} <= set(COMPOSE["volumes"])
        assert {c["source"] for c in service.get("configs", [])} <= set(COMPOSE["configs"])


@pytest.mark.parametrize("name", OURS)
def test_the_environment_names_settings_of_the_code(name):
    known = {variable for kind in SETTINGS[name] for variable in kind.variables().values()}

    assert set(SERVICES[name]["environment"]) <= known
    assert ("KEEPSAKE_MANAGEMENT_URL" in SERVICES[name]["environment"]) == (name == "web")


def test_no_secret_is_in_the_file():
    kept = re.findall(r"^\s+\w*(?:PASS|PASSWORD|KEY): (.+)$", TEXT, re.MULTILINE)
    assert kept
    assert [value for value in kept if not value.startswith("${")] == []
    assert not re.search(r"://\w+:[^$@/]+@", TEXT)


def test_mongodb_is_the_replica_set_that_the_code_connects_to():
    assert SERVICES["mongo"]["image"] == "mongo:8"
    assert SERVICES["mongo"]["command"][:2] == ["--replSet", REPLICA_SET]
    lifetime = f"transactionLifetimeLimitSeconds={TRANSACTION_SECONDS}"
    assert lifetime in SERVICES["mongo"]["command"]
    assert "--oplogMinRetentionHours" in SERVICES["mongo"]["command"]
    url = SERVICES["web"]["environment"]["KEEPSAKE_MONGO_URL"]
    assert f"replicaSet={REPLICA_SET}" in url
    assert MongoSettings(mongo_url=url).mongo_url.get_secret_value() == url


def interpolated(text):
    """As Compose gives it, with its variables as passwords."""
    return re.sub(r"\$\{(\w+)[^}]*\}", r"\1", text).replace("$$", "$")


def test_rabbitmq_has_the_users_rights_and_queue_type_of_the_private_node():
    mounted = {config["source"]: config["target"] for config in SERVICES["rabbitmq"]["configs"]}
    lines = dict(
        line.split(" = ", 1) for line in COMPOSE["configs"]["rabbitmq"]["content"].splitlines()
    )
    loaded = json.loads(interpolated(COMPOSE["configs"]["rabbitmq-definitions"]["content"]))
    passwords = {user["name"]: user.pop("password") for user in loaded["users"]}
    private = definitions(Passwords("", ""))

    assert lines["default_queue_type"] == QUEUE_ARGUMENTS["x-queue-type"] == "quorum"
    assert lines["load_definitions"] == mounted["rabbitmq-definitions"]
    assert loaded == {
        "vhosts": private["vhosts"],
        "users": [{"name": user["name"], "tags": user["tags"]} for user in private["users"]],
        "permissions": private["permissions"],
    }
    amqp = SERVICES["worker"]["environment"]["KEEPSAKE_AMQP_URL"]
    management = SERVICES["web"]["environment"]["KEEPSAKE_MANAGEMENT_URL"]
    assert interpolated(amqp) == (
        f"amqp://{RABBITMQ_USER}:{passwords[RABBITMQ_USER]}@rabbitmq:5672/{RABBITMQ_VHOST}"
    )
    assert interpolated(management) == (
        f"http://{RABBITMQ_OPERATOR}:{passwords[RABBITMQ_OPERATOR]}@rabbitmq:15672"
    )
    assert {*passwords.values()} <= set(re.findall(r"([A-Z_]+)=%s", TEXT))
    assert all(re.match(RABBITMQ_RIGHTS["read"], queue) for queue in job_types().queues)


def test_web_and_worker_are_started_as_make_run_starts_them():
    launched = (ROOT / "keepsake" / "launcher" / "components.py").read_text()

    assert 'CMD ["python", "-m", "web"]' in (ROOT / "Dockerfile").read_text()
    assert "command" not in SERVICES["web"]
    assert '[sys.executable, "-m", "web"]' in launched
    working = '"-m", "middleware.work", "actors", "--processes", "1"'
    assert working in json.dumps(SERVICES["worker"]["command"])
    assert working in re.sub(r"\s+", " ", launched)
    http_port = LauncherSettings.model_fields["http_port"].default
    assert SERVICES["web"]["ports"] == [f"127.0.0.1:{http_port}:{http_port}"]


def test_the_image_is_named_after_the_version():
    assert {SERVICES[name]["image"] for name in OURS} == {f"keepsake:{keepsake.__version__}"}


def test_the_image_is_built_of_every_distribution_and_has_no_root():
    dockerfile = (ROOT / "Dockerfile").read_text()
    projects = {p.parent.relative_to(ROOT) for p in ROOT.glob("clients/*/pyproject.toml")}
    projects |= {p.parent.relative_to(ROOT) for p in ROOT.glob("weights/*/pyproject.toml")}
    projects |= {p.parent.relative_to(ROOT) for p in ROOT.glob("*/pyproject.toml")} | {Path()}
    sent = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))

    built = re.search(r"for path in (.+); do", dockerfile)[1].split()
    assert {Path(path) for path in built} == projects
    assert {path.parts[0] for path in projects if path.parts} <= sent
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    read = {pyproject["project"]["readme"], *pyproject["project"]["license-files"]}
    assert read | set(pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= sent
    assert re.search(r"^USER keepsake$", dockerfile, re.MULTILINE)
    place = re.search(r"KEEPSAKE_DATA_DIR=(\S+)", dockerfile)[1]
    assert f"--owner keepsake --mode 0700 {place}\n" in dockerfile
    assert {f"keepsake-data:{place}"} == {v for name in OURS for v in SERVICES[name]["volumes"]}
    assert dockerfile.count("--require-hashes") == 2
