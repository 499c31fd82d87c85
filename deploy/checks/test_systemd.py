"""The units by systemd's own tools: nothing is unknown in them, and they are exposed to little."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("keepsake*.*"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
MOST_EXPOSED = 3.0


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A root with this system's units and ours, and the interpreter that they start."""
    units = tmp_path / "usr/lib/systemd/system"
    shutil.copytree("/usr/lib/systemd/system", units, symlinks=True)
    python = tmp_path / "opt/keepsake/bin/python"
    python.parent.mkdir(parents=True)
    python.touch(mode=0o755)
    for unit in UNITS:
        shutil.copy(unit, units)
    return tmp_path


def test_systemd_takes_every_line_of_the_units(installed):
    names = [unit.name.replace("@.", "@1.") for unit in UNITS if unit.suffix != ".sysusers"]

    verified = run("systemd-analyze", "verify", "--man=no", f"--root={installed}", *names)

    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_unit_is_exposed_to_little(unit):
    table = run("systemd-analyze", "security", "--offline=true", "--json=short", str(unit))
    threshold = str(round(MOST_EXPOSED * 10))

    judged = run(
        "systemd-analyze", "security", "--offline=true", f"--threshold={threshold}", str(unit)
    )

    assert json.loads(table.stdout)
    assert judged.returncode == 0, judged.stdout


def test_the_user_is_made(tmp_path):
    (tmp_path / "etc").mkdir()
    users = ROOT / "deploy" / "systemd" / "keepsake.sysusers"

    made = run("systemd-sysusers", f"--root={tmp_path}", str(users))

    assert made.returncode == 0, made.stderr
    assert "keepsake:" in (tmp_path / "etc/passwd").read_text()
