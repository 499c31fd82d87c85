"""The TypeScript client beside the server it is of; `make clients` runs it."""

import json
import re
from pathlib import Path

import keepsake
from web.problems import KINDS

PACKAGE = Path(__file__).parents[3] / "clients" / "typescript"


def test_it_is_of_the_servers_version_and_needs_nothing_else():
    about = json.loads((PACKAGE / "package.json").read_text())

    assert about["version"] == keepsake.__version__
    assert "dependencies" not in about
    assert about["files"] == ["dist", "README.md", "LICENSE"]


def test_its_lock_names_no_host_to_fetch_from():
    packages = json.loads((PACKAGE / "package-lock.json").read_text())["packages"]

    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []


def test_it_has_a_class_for_each_kind_of_problem():
    text = (PACKAGE / "src" / "problems.ts").read_text()
    classes = dict(re.findall(r'^  "?([a-z-]+)"?: (\w+),$', text, re.MULTILINE))

    assert classes.keys() == KINDS.keys()
    assert set(classes.values()) == set(re.findall(r"^export class (\w+)", text, re.MULTILINE))
