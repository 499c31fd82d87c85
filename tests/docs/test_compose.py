"""compose.yaml, and what is laid over it for TLS, against the code that they start."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import keepsake
from keepsake.launcher.mongod import REPLICA_SET, SLOW_MS, TRANSACTION_SECONDS
from keepsake.launcher.rabbitmq import (
    RABBITMQ_OPERATOR,
    RABBITMQ_RIGHTS,
    RABBITMQ_USER,
    RABBITMQ_VHOST,
    Passwords,
    RabbitMQ,
    definitions,
)
from keepsake.launcher.settings import LauncherSettings
from keepsake.parts import WORKER, job_types
from keepsake.scanner import ScannerSettings
from keepsake.storage import read_secret
from keepsake.storage.mongo import MongoSettings
from middleware.broker import QUEUE_ARGUMENTS
from web.settings import WEB

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
TLS: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose" / "tls.yaml").read_text())
OURS = ("web", "worker")
SETTINGS = {"web": WEB, "worker": WORKER}
FOLDER = ROOT / "deploy" / "compose"
ONCE = {"mongo-users"}
"""Services that end when they have done what they are for."""

HARDENED = {
    "init": True,
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
    "logging": {"driver": "local", "options": {"max-size": "10m", "max-file": "3"}},
}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory) -> Path:
    """What the script writes; only root may give a file to another user, so that is left out."""
    directory = tmp_path_factory.mktemp("secrets")
    (directory / "bin").mkdir()
    (directory / "bin" / "chown").symlink_to("/bin/true")
    make(directory)
    return directory / "secrets"


def make(directory: Path) -> None:
    path = f"{directory / 'bin'}:{os.environ['PATH']}"
    command = [FOLDER / "secrets.sh", directory / "secrets"]
    subprocess.run(command, env={"PATH": path}, check=True)


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_every_service_is_hardened_and_bounded(service):
    assert {key: service.get(key) for key in HARDENED} == HARDENED
    assert megabytes(service["mem_limit"]) <= 4096
    assert service["tmpfs"]
    assert {"restart", "healthcheck"} <= set(service)
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_what_services_refer_to_is_there():
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        assert {v.split(":")[0] for v in service.get("volumes", [])} <= set(COMPOSE["volumes"])
        assert {c["source"] for c in service.get("configs", [])} <= set(COMPOSE["configs"])
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    for config in COMPOSE["configs"].values():
        assert (ROOT / config["file"]).is_file()


def test_every_service_that_stays_is_looked_at():
    watched = {name for name, service in SERVICES.items() if "test" in service["healthcheck"]}

    assert set(SERVICES) - watched == ONCE


@pytest.mark.parametrize("name", OURS)
def test_the_environment_names_settings_of_the_code(name):
    known = {variable for kind in SETTINGS[name] for variable in kind.variables().values()}
    named = {variable.removesuffix("_FILE") for variable in SERVICES[name]["environment"]}

    assert named - {"OTEL_EXPORTER_OTLP_ENDPOINT"} <= known
    assert ("KEEPSAKE_MANAGEMENT_URL" in named) == (name == "web")


@pytest.mark.parametrize("name", OURS)
def test_secrets_are_given_by_files_that_are_mounted(name):
    secret = {kind.variables()[field] for kind in SETTINGS[name] for field in kind.secrets()}
    environment = SERVICES[name]["environment"]
    files = {value for key, value in environment.items() if key.endswith("_FILE")}

    assert not secret & set(environment)
    mounted = {f"/run/secrets/{secret}" for secret in SERVICES[name]["secrets"]}
    assert mounted - files == {"/run/secrets/llm-api-key"}  # named by .env, if there is one
    assert {file for file in files if not file.startswith("$")} < mounted


def test_the_script_writes_every_secret_and_none_anew(secrets):
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    make(secrets.parent)

    assert {path.name: path.read_text() for path in secrets.iterdir()} == before
    given = [*COMPOSE["secrets"].values(), *TLS["secrets"].values()]
    named = {Path(secret["file"]).name for secret in given}
    assert set(before) - named == {"rabbitmq-keepsake-password", "rabbitmq-operator-password"}
    assert named <= set(before)
    private = [path for path in secrets.iterdir() if path.name != "mongo-authority"]
    assert {path.stat().st_mode & 0o337 for path in private} == {0}
    assert "PRIVATE" not in before["mongo-authority"]
    assert [name for name, text in before.items() if not text] == ["llm-api-key"]


def test_no_secret_is_in_the_files_of_git():
    example = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^#?\s?(\w+)=", example, re.MULTILINE))

    assert not re.search(r"://\w+:[^$@/]+@", TEXT + example)
    assert named == set(re.findall(r"\$\{(\w+)", TEXT))
    assert "deploy/compose/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


def test_mongodb_is_the_replica_set_that_the_code_connects_to(secrets):
    assert re.fullmatch(r"\$\{MONGO_IMAGE:-mongo:8(@sha256:\w{64})?\}", SERVICES["mongo"]["image"])
    assert SERVICES["mongo"]["command"][:2] == ["--replSet", REPLICA_SET]
    lifetime = f"transactionLifetimeLimitSeconds={TRANSACTION_SECONDS}"
    assert lifetime in SERVICES["mongo"]["command"]
    assert "--oplogMinRetentionHours" in SERVICES["mongo"]["command"]
    assert SERVICES["mongo"]["command"][-2:] == ["--slowms", SLOW_MS]
    url = read_secret(secrets / "mongo-url")
    assert f"replicaSet={REPLICA_SET}&authSource=admin" in url
    assert MongoSettings(mongo_url=url).mongo_url.get_secret_value() == url


def test_mongodb_asks_for_a_password_and_its_users_have_what_they_need():
    command, script = SERVICES["mongo"]["command"], (FOLDER / "mongo.js").read_text()

    assert command[command.index("--keyFile") + 1] == "/run/secrets/mongo-keyfile"
    assert mongo_users(script) == {
        "keepsake": [{"role": "readWrite", "db": "keepsake"}],
        "monitoring": [
            {"role": "clusterMonitor", "db": "admin"},
            {"role": "read", "db": "local"},
        ],
    }
    read = {f"mongo-{name}-password" for name in ("administrator", *mongo_users(script))}
    assert set(re.findall(r'secret\("([\w-]+)"\)', script)) == read
    assert set(SERVICES["mongo-users"]["secrets"]) == read


def test_tls_is_laid_over_the_file_and_changes_nothing_else(secrets):
    command, under = TLS["services"]["mongo"]["command"], SERVICES["mongo"]["command"]
    named = set(re.findall(r"/run/secrets/([\w-]+)", json.dumps(command)))
    given = {*SERVICES["mongo"]["secrets"], *TLS["services"]["mongo"]["secrets"]}

    assert command[: len(under)] == under
    assert command[len(under) :][:2] == ["--tlsMode", "requireTLS"]
    assert named == given
    for name in ("mongo-users", *OURS):
        assert TLS["services"][name]["secrets"] == ["mongo-authority"]
    looked = SERVICES["mongo"]["healthcheck"]["test"][-1]
    assert TLS["services"]["mongo"]["healthcheck"]["test"][-1] == looked
    assert TLS["services"]["mongo-users"]["entrypoint"][-2:] == ["--file", "/mongo.js"]
    plain, tls = (read_secret(secrets / name) for name in ("mongo-url", "mongo-tls-url"))
    assert tls == f"{plain}&tls=true&tlsCAFile=/run/secrets/mongo-authority"


def mongo_users(script: str) -> dict[str, Any]:
    """The roles of each user that the script makes."""
    users = re.findall(r'user: "(\w+)",\s+pwd: .+\s+roles: (\[.+\])', script)
    return {name: json.loads(roles) for name, roles in users}


def test_servers_keep_within_the_memory_of_their_containers():
    command = SERVICES["mongo"]["command"]
    cache = float(command[command.index("--wiredTigerCacheSizeGB") + 1])
    watermark = rabbitmq_configuration()["vm_memory_high_watermark.absolute"]
    heaviest = ScannerSettings().scan_git_memory_mb

    assert cache <= megabytes(SERVICES["mongo"]["mem_limit"]) / 1024 / 2
    assert megabytes(watermark[:-1].lower()) <= megabytes(SERVICES["rabbitmq"]["mem_limit"]) * 0.6
    assert heaviest < megabytes(SERVICES["worker"]["mem_limit"])


def megabytes(size: str) -> int:
    return int(size[:-1]) * {"m": 1, "g": 1024}[size[-1]]


def test_rabbitmqs_log_is_far_below_the_memory_past_which_it_takes_no_messages():
    """Quorum queues hold it in memory until it is full, with about as much beside it."""
    configured = rabbitmq_configuration()
    private = RabbitMQ.CONFIGURATION

    for settings in (configured, private):
        watermark = megabytes(settings["vm_memory_high_watermark.absolute"][:-1].lower())
        assert int(settings["raft.wal_max_size_bytes"]) / 1e6 * 4 < watermark


def rabbitmq_configuration() -> dict[str, str]:
    lines = (FOLDER / "rabbitmq.conf").read_text().splitlines()
    return dict(line.split(" = ", 1) for line in lines if not line.startswith("#"))


def test_rabbitmq_has_the_users_rights_and_queue_type_of_the_private_node(secrets):
    lines = rabbitmq_configuration()
    loaded = json.loads((secrets / "rabbitmq-definitions.json").read_text())
    passwords = {user["name"]: user.pop("password") for user in loaded["users"]}
    private = definitions(Passwords("", ""))

    assert lines["default_queue_type"] == QUEUE_ARGUMENTS["x-queue-type"] == "quorum"
    assert Path(lines["load_definitions"]) == Path("/run/secrets/rabbitmq-definitions.json")
    assert SERVICES["rabbitmq"]["secrets"] == ["rabbitmq-definitions.json"]
    assert loaded == {
        "vhosts": private["vhosts"],
        "users": [{"name": user["name"], "tags": user["tags"]} for user in private["users"]],
        "permissions": private["permissions"],
    }
    assert read_secret(secrets / "amqp-url") == (
        f"amqp://{RABBITMQ_USER}:{passwords[RABBITMQ_USER]}@rabbitmq:5672/{RABBITMQ_VHOST}"
    )
    assert read_secret(secrets / "management-url") == (
        f"http://{RABBITMQ_OPERATOR}:{passwords[RABBITMQ_OPERATOR]}@rabbitmq:15672"
    )
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
    user = re.search(r"useradd .*--uid (\d+) --gid (\d+)", dockerfile)
    assert f"groupadd --gid {user[2]} " in dockerfile
    owners = set(re.findall(r"keep (\S+) 440", (FOLDER / "secrets.sh").read_text()))
    assert owners == {f"0:{user[2]}"}
    place = re.search(r"KEEPSAKE_DATA_DIR=(\S+)", dockerfile)[1]
    assert f"--owner keepsake --mode 0700 {place}\n" in dockerfile
    assert {f"keepsake-data:{place}"} == {v for name in OURS for v in SERVICES[name]["volumes"]}
    assert dockerfile.count("--require-hashes") == 2
