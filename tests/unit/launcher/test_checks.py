"""What `keepsake doctor` says of a host of the server."""

import pytest

from keepsake.commands import checks


@pytest.fixture(autouse=True)
def _data_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("KEEPSAKE_DATA_DIR", str(tmp_path / "not-there-yet"))


def found() -> dict[str, tuple[str, str]]:
    return {finding.part: (finding.state, f"{finding.what} | {finding.mend}")
            for finding in checks.checks()}  # fmt: skip


def test_a_host_that_is_right_has_nothing_to_mend(tmp_path):
    assert found().keys() == {"settings", "disk"}
    assert {state for state, _ in found().values()} == {"ok"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("KEEPSAKE_MONGO_URI", "mongodb://x/", "is it KEEPSAKE_MONGO_URL?"),
        ("KEEPSAKE_LEASE_SECONDS", "soon", "KEEPSAKE_LEASE_SECONDS"),
    ],
)
def test_a_wrong_setting_is_a_fault_with_its_name(monkeypatch, variable, value, said):
    monkeypatch.setenv(variable, value)

    state, words = found()["settings"]

    assert state == "fault"
    assert said in words


def test_a_disk_that_is_nearly_full_is_told(monkeypatch):
    monkeypatch.setattr(checks, "_SCARCE_BYTES", 2**62)

    state, words = found()["disk"]

    assert state == "warning"
    assert "make room" in words


def test_a_git_that_is_too_old_is_told_with_its_mend(monkeypatch, tmp_path):
    git = tmp_path / "git"
    git.write_text("#!/bin/sh\necho git version 2.20.1\n")
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    assert found()["git"][0] == "fault"
    assert "2.36" in found()["git"][1]
