"""What `make wheels` builds, installed into environments that hold nothing else."""

import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import keepsake
from keepsake.access import KeyStore
from keepsake.inference.embedding import Embedder
from keepsake.launcher.administration import ensure_indexes
from keepsake.launcher.process import Process, free_port
from tests.conftest import ROOT
from tests.integration.launcher.conftest import PORTS
from tests.integration.scanner.gitrepo import GitRepo
from tests.processes import shown

PACKAGES = {
    "keepsake_server": {"actors", "keepsake", "middleware", "web"},
    "keepsake_client": {"keepsake_client"},
    "keepsake_e5_weights": {"keepsake_e5_weights"},
    "keepsake_minilm_weights": {"keepsake_minilm_weights"},
}
SERVERS = ("KEEPSAKE_AMQP_URL", "KEEPSAKE_MONGO_URL", "KEEPSAKE_MONGO_DATABASE")
VERSIONS = {"keepsake_e5_weights": "1.0.0", "keepsake_minilm_weights": "1.0.0"}
LICENCES = {"keepsake_e5_weights": ROOT / "weights" / "e5" / "LICENSE"}
SHOP = {
    "app/shop.py": "class Shop:\n    def sell(self):\n        return price()\n",
    "app/price.py": "def price():\n    return 1\n",
}
SENTENCE = "I am allergic to peanuts."
IMPORT_ALL = """
import importlib, sys
for name in sys.stdin.read().split():
    importlib.import_module(name)
"""
MAKE_CLIENTS = """
from keepsake_client import AsyncKeepsake, Keepsake
print(Keepsake("http://a", "ksk_0"), type(AsyncKeepsake("http://a", "ksk_0")).__name__)
"""
EMBED = f"""
from keepsake.inference.embedding import Embedder
print(*Embedder().embed([{SENTENCE!r}])[0])
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory) -> dict[str, Path]:
    """Each wheel by the name of its distribution."""
    directory = tmp_path_factory.mktemp("dist")
    environment = {k: v for k, v in os.environ.items() if k not in {"MAKEFLAGS", "MAKELEVEL"}}
    subprocess.run(["make", "--silent", "wheels", f"DIST={directory}"], cwd=ROOT, check=True,
                   env=environment, stdout=subprocess.DEVNULL)  # fmt: skip
    return {path.name.partition("-")[0]: path for path in directory.glob("*.whl")}


@pytest.fixture(scope="module")
def installed(wheels, tmp_path_factory):
    """Makes an environment of wheels and of the distributions that they ask for."""

    def install(*names: str) -> Path:
        directory = tmp_path_factory.mktemp("installed")
        venv.create(directory, symlinks=True)
        python = directory / "bin" / "python"
        pip = [sys.executable, "-m", "pip", "--python", str(python)]
        options = ["--quiet", "--no-deps", "--no-index", "--no-compile"]
        paths = [str(wheels[name]) for name in names]
        subprocess.run([*pip, "install", *options, *paths], check=True)
        (site,) = directory.glob("lib/*/site-packages")
        _link_dependencies(site)
        subprocess.run([*pip, "check"], check=True)
        return directory / "bin"

    return install


@pytest.fixture(scope="module")
def server(installed) -> Path:
    """Where the programs of an installed server are."""
    return installed(*PACKAGES)


def _link_dependencies(site: Path) -> None:
    """Link what the distributions there ask for from this environment, and nothing else.

    To install them anew would take a minute of downloads.
    """
    ours = {canonicalize_name(wheel.name): wheel for wheel in distributions(path=[str(site)])}
    waiting = [(name, extra) for name in ours for extra in ("", "mcp", "onnx", "otel")]
    visited: set[tuple[str, str]] = set()
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) not in visited:
            visited.add((name, extra))
            waiting += _asked_for(ours.get(name) or distribution(name), extra)
    for name in {name for name, _ in visited} - set(ours):
        needed = distribution(name)
        for top in {file.parts[0] for file in needed.files or ()} - {"..", "__pycache__"}:
            if not (site / top).exists():  # several may share a namespace
                (site / top).symlink_to(needed.locate_file(top))


def _asked_for(asking: Distribution, extra: str) -> Iterator[tuple[str, str]]:
    """Names and extras."""
    for requirement in map(Requirement, asking.requires or ()):
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            for asked_extra in ("", *requirement.extras):
                yield canonicalize_name(requirement.name), asked_extra


def command(*arguments: str | Path, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, input=said, cwd="/", env={"PATH": "/usr/bin:/bin"},
                          capture_output=True, text=True, check=False)  # fmt: skip


def test_wheels_hold_their_packages_and_nothing_else(wheels):
    assert set(wheels) == set(PACKAGES)
    for name, packages in PACKAGES.items():
        version = VERSIONS.get(name, keepsake.__version__)
        assert wheels[name].name == f"{name}-{version}-py3-none-any.whl"
        with ZipFile(wheels[name]) as wheel:
            tops = {file.partition("/")[0] for file in wheel.namelist()}
            (licence,) = [
                file for file in wheel.namelist() if file.endswith(".dist-info/licenses/LICENSE")
            ]
            expected = LICENCES.get(name, ROOT / "LICENSE")
            assert wheel.read(licence) == expected.read_bytes()
        assert tops == packages | {f"{name}-{version}.dist-info"}


def test_the_servers_wheel_holds_every_file_of_its_packages(wheels):
    packages = sorted(PACKAGES["keepsake_server"])
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard",
                             "--deduplicate", *packages],
                            cwd=ROOT, capture_output=True, text=True, check=True)  # fmt: skip
    files = {file for file in listed.stdout.splitlines() if (ROOT / file).exists()}

    with ZipFile(wheels["keepsake_server"]) as wheel:
        held = {file for file in wheel.namelist() if ".dist-info/" not in file}

    assert held == files
    assert {f"{package}/py.typed" for package in packages} <= held


def test_every_module_can_be_imported_from_what_the_wheels_ask_for(wheels, server):
    with ZipFile(wheels["keepsake_server"]) as wheel:
        modules = [
            file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            for file in wheel.namelist()
            if file.endswith(".py")
        ]

    run = command(server / "python", "-c", IMPORT_ALL, said=" ".join(modules))

    assert (run.returncode, run.stderr) == (0, "")


def test_an_installed_server_says_its_version(server):
    run = command(server / "keepsake", "version")

    assert run.stdout.splitlines() == [
        f"keepsake-client {keepsake.__version__}",
        f"keepsake-server {keepsake.__version__}",
    ]


def test_an_installed_server_embeds_as_a_checkout_does(server):
    run = command(server / "python", "-c", EMBED)

    vector = np.array(run.stdout.split(), dtype=np.float32)
    assert np.allclose(vector, Embedder().embed([SENTENCE])[0], atol=1e-5)


def test_without_a_mongod_run_names_what_gives_one(server, tmp_path):
    ports = {f"KEEPSAKE_{name}_PORT": str(free_port()) for name in PORTS}
    run = subprocess.run(
        [server / "keepsake", "run"], cwd=tmp_path, env={"PATH": "/usr/bin:/bin", **ports},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (1, "", 1)
    assert "keepsake-server[dev-servers]" in run.stderr
    assert "KEEPSAKE_MONGO_URL" in run.stderr


@pytest.mark.drill
@pytest.mark.timeout(180)
def test_relative_paths_mean_the_directory_in_which_run_was_called(
    server, database, rabbitmq, tmp_path, eventually
):
    for name in ("web", "actors", "middleware"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('not the code that was installed')")
    given = {name: os.environ[name] for name in SERVERS if name in os.environ}
    process = Process(
        "run", [server / "keepsake", "run"], log=tmp_path / "run.log", directory=tmp_path,
        environment={"PATH": "/usr/bin:/bin", "KEEPSAKE_HTTP_PORT": str(free_port()), **given,
                     "KEEPSAKE_WORKER_PROCESSES": "1", "KEEPSAKE_SAMPLE": "0",
                     "KEEPSAKE_SCAN_CACHE_PATH": "mirrors"},
    )  # fmt: skip
    process.start()
    try:
        eventually(lambda: "Ctrl-C" in process.tail(50) or not process.running, within=120)
        assert "Ctrl-C" in process.tail(50)
        parts = shown(KEEPSAKE_LAUNCHED_FROM=str(tmp_path / ".keepsake"))
        places = {Path(f"/proc/{part.pid}/cwd").resolve() for part in parts}
    finally:
        process.stop(grace_seconds=60)

    assert places == {tmp_path}
    assert (tmp_path / "mirrors").is_dir()
    assert list(server.parent.rglob("mirrors")) == []


def test_the_command_line_needs_no_server(installed):
    client = installed("keepsake_client")

    assert command(client / "keepsake", "version").stdout == (
        f"keepsake-client {keepsake.__version__}\n"
    )
    assert "No such command 'run'" in command(client / "keepsake", "run").stderr


def test_the_client_needs_no_server(installed):
    client = installed("keepsake_client")

    run = command(client / "python", "-c", MAKE_CLIENTS)

    assert (run.returncode, run.stdout, run.stderr) == (
        0,
        "<Keepsake http://a> AsyncKeepsake\n",
        "",
    )


@pytest.mark.timeout(300)
def test_a_newcomer_gets_what_the_first_page_shows(
    installed, database, rabbitmq, worker, web_server, tmp_path
):
    ensure_indexes(database)
    allowed = {"KEEPSAKE_SCAN_PROTOCOLS": '["file"]', "KEEPSAKE_SCAN_CACHE_PATH": str(tmp_path)}
    _, url = web_server(**allowed)
    worker(**allowed)
    repository = GitRepo(tmp_path / "acme" / "shop")
    repository.commit(SHOP)
    python = installed("keepsake_client") / "python"

    run = subprocess.run(
        [python, ROOT / "examples" / "ten_minutes.py", repository.url],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "KEEPSAKE_URL": url,
             "KEEPSAKE_API_KEY": KeyStore(database).create("newcomer")},
    )  # fmt: skip

    assert run.returncode == 0, run.stderr
    assert f"It says:\n\n```\n{run.stdout}```\n" in (ROOT / "docs" / "README.md").read_text()
