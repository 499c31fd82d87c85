import os

import pytest

from keepsake.launcher import prerequisites


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A machine with only the programs that a test writes."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def write(name: str, script: str) -> None:
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    return write


def test_a_system_without_apt_is_told_what_to_install(programs):
    trouble = prerequisites.install(["rabbitmq-server", "git"])

    assert trouble == (
        "install rabbitmq-server git with this system's package manager, then try again"
    )


@pytest.mark.parametrize("sudo", [None, "exit 1"], ids=["no sudo", "sudo asks for a password"])
def test_a_missing_privilege_is_answered_with_the_command_to_run(programs, monkeypatch, sudo):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    programs("apt-get", "exit 0")
    if sudo:
        programs("sudo", sudo)

    trouble = prerequisites.install(["rabbitmq-server"])

    assert trouble is not None
    assert "run `sudo apt-get install rabbitmq-server`" in trouble


def test_the_reason_that_apt_gives_is_passed_on(programs, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    programs("apt-get", "exit 1")
    programs("sudo", 'test "$2" = true || { echo "E: Disk is full" >&2; exit 100; }')

    trouble = prerequisites.install(["libcurl4"])

    assert trouble == "apt-get install libcurl4 failed: Disk is full"


def test_a_server_given_by_url_needs_no_package(monkeypatch):
    packages = ("rabbitmq-server", "libcurl4", "liblzma5", "git")
    monkeypatch.setattr(prerequisites, "_PACKAGES", dict.fromkeys(packages, lambda: False))
    monkeypatch.setenv("KEEPSAKE_AMQP_URL", "amqp://elsewhere")
    monkeypatch.delenv("KEEPSAKE_MONGO_URL", raising=False)

    assert prerequisites.missing() == ["libcurl4", "liblzma5", "git"]


def test_what_only_tests_need_is_looked_for_when_they_ask(programs, monkeypatch):
    monkeypatch.setattr(prerequisites, "_PACKAGES", {})

    assert prerequisites.missing() == []
    assert prerequisites.missing("curl") == ["curl"]
    programs("curl", "exit 0")
    assert prerequisites.missing("curl") == []


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("git version 2.35.8", False), ("git version 2.36.0", True), ("git version 2.39.5", True),
        ("git version 2.43.0 (Apple Git-1)", True), ("git version 3.0", True), ("", False),
    ],
)  # fmt: skip
def test_a_git_without_batch_commands_is_named_with_what_is_needed(programs, version, enough):
    programs("git", f'echo "{version}"')

    trouble = prerequisites.outdated_git()

    assert (trouble is None) == enough
    if trouble:
        assert trouble.startswith(f"git 2.36 or newer is needed, and this is `{version}`")
