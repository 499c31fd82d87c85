"""What is installed to run is what was tested: the same versions, in fewer packages."""

import re

import pytest

from tests.conftest import ROOT

PINNED = re.compile(r"^([\w.-]+)==([\w.]+)", re.MULTILINE)


def versions(lock: str) -> set[tuple[str, str]]:
    return set(PINNED.findall((ROOT / "locks" / f"{lock}.lock").read_text()))


@pytest.mark.parametrize("lock", ["run", "checkout"])
def test_a_lock_to_run_by_holds_versions_of_the_one_to_test_by(lock):
    assert versions(lock) < versions("dev")


def test_a_checkout_has_all_that_runs():
    assert versions("run") < versions("checkout")
