"""The units of deploy/systemd against the code that they start."""

import re
import shlex
import subprocess
from collections import defaultdict
from importlib.util import find_spec, module_from_spec, spec_from_file_location

import pytest

from keepsake.parts import COUNTERS, WORKER
from tests.conftest import ROOT
from web.settings import WEB

UNITS = ROOT / "deploy" / "systemd"
SETTINGS = {"keepsake-web.service": WEB, "keepsake-worker@.service": WORKER}


def read(name: str) -> dict[str, list[str]]:
    """The values of each name in a unit; one may come in several lines."""
    values = defaultdict(list)
    for line in (UNITS / name).read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            values[key].append(value)
    return values


def environment(unit: dict[str, list[str]]) -> dict[str, str]:
    pairs = (pair.partition("=") for line in unit["Environment"] for pair in shlex.split(line))
    return {name: value for name, _, value in pairs}


def test_every_service_is_one_that_is_looked_at():
    assert {path.name for path in UNITS.glob("*.service")} == set(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_unit_starts_an_entry_point_of_the_code(name):
    unit = read(name)
    [command] = unit["ExecStart"]
    python, option, module, *arguments = shlex.split(command)

    assert (python, option) == ("/opt/keepsake/bin/python", "-m")
    started = find_spec(module)
    assert started is not None
    assert not started.submodule_search_locations or find_spec(f"{module}.__main__")
    assert set(re.findall(r"\$\{?([A-Z]+)", command)) <= set(environment(unit))
    assert module == "web" or arguments[0] == "actors"


@pytest.mark.parametrize("name", SETTINGS)
def test_a_unit_gives_each_secret_as_a_credential(name):
    unit = read(name)
    variables = environment(unit)
    files = {key: value for key, value in variables.items() if key.endswith("_FILE")}
    loaded = dict(line.split(":", 1) for line in unit["LoadCredential"])
    secret = {kind.variables()[field] for kind in SETTINGS[name] for field in kind.secrets()}

    assert {value.removeprefix("%d/") for value in files.values()} == set(loaded)
    assert loaded == {key: f"/etc/keepsake/secrets/{key}" for key in loaded}
    assert {key.removesuffix("_FILE") for key in files} <= secret
    assert not secret & set(variables)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_unit_names_settings_of_the_code(name):
    known = {value for kind in SETTINGS[name] for value in kind.variables().values()}
    named = {key.removesuffix("_FILE") for key in environment(read(name))}

    beside = {"PYTHONSAFEPATH", "PYTHONUNBUFFERED", "THREADS", "QUEUES", COUNTERS}
    assert named - known - beside - {"KEEPSAKE_DATA_DIR"} == set()


def test_the_target_wants_the_units_that_are_there():
    [wanted] = read("keepsake.target")["Wants"]

    assert {re.sub(r"@\w+", "@", unit) for unit in wanted.split()} == set(SETTINGS)


def test_both_units_have_the_same_sandbox():
    texts = [(UNITS / name).read_text() for name in SETTINGS]
    sandboxes = {
        re.search(r"# What it may do.*?(?=\[Install])", text, re.DOTALL)[0] for text in texts
    }

    assert len(sandboxes) == 1


def test_the_walk_goes_every_step_of_the_document():
    path = ROOT / "deploy" / "walk" / "walk.py"
    walk = module_from_spec(spec := spec_from_file_location("walk", path))
    spec.loader.exec_module(walk)
    steps = walk.steps((ROOT / "docs" / "operating.md").read_text())
    gone = re.findall(r"/srv/step-(\d)\.sh", (path.parent / "inside.sh").read_text())

    assert [*map(int, gone)] == [*range(len(steps))]
    for step in steps:
        subprocess.run(["bash", "-n"], input=step, text=True, check=True)
