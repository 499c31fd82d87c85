"""The changelog's newest version is the one that is built."""

import re
from datetime import date
from pathlib import Path

import keepsake

ROOT = Path(__file__).parents[2]
VERSION = re.compile(r"^## (\d+\.\d+\.\d+) - (\d{4}-\d{2}-\d{2})$", re.MULTILINE)


def test_the_newest_version_is_the_one_that_is_built():
    text = (ROOT / "CHANGELOG.md").read_text()
    versions = VERSION.findall(text)

    assert versions[0][0] == keepsake.__version__
    assert text.count("\n## ") == len(versions) + 1, "Unreleased, and versions with their dates"


def test_versions_follow_each_other_the_newest_first():
    versions = VERSION.findall((ROOT / "CHANGELOG.md").read_text())
    ordered = [(tuple(map(int, number.split("."))), date.fromisoformat(day))
               for number, day in versions]  # fmt: skip

    assert ordered == sorted(ordered, reverse=True)
