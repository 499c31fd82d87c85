"""Which service is asked, with which key."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from keepsake_client.cli import cli
from keepsake_client.commands import CommandFailed
from keepsake_client.commands.connections import connection, path

KEY = "ksk_" + "a" * 43


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch) -> Path:
    """The file of profiles of a test's own; there is none yet."""
    for name in ("KEEPSAKE_URL", "KEEPSAKE_API_KEY", "KEEPSAKE_API_KEY_FILE", "KEEPSAKE_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return path()


def run(*arguments: str, **options):
    return CliRunner().invoke(cli, ["profiles", *arguments], **options)


def resolved(profile=None, url=None, key_file=None):
    found = connection(profile, url, key_file)
    return found.url, found.api_key


@pytest.fixture
def profiles(tmp_path):
    (tmp_path / "key").write_text(KEY + "-work\n")
    run("add", "work", "--url", "https://work.example", "--key-file", str(tmp_path / "key"))
    run("add", "--url", "https://default.example", input=KEY)


def test_the_default_profile_is_used_when_none_is_named(profiles):
    assert resolved() == ("https://default.example", KEY)


def test_the_environment_goes_before_the_default_profile_and_brings_its_own_key(
    profiles, monkeypatch
):
    monkeypatch.setenv("KEEPSAKE_URL", "https://other.example")

    assert resolved() == ("https://other.example", None)


@pytest.mark.parametrize("named", ["typed", "environment"])
def test_a_named_profile_goes_before_the_environment(profiles, monkeypatch, named):
    monkeypatch.setenv("KEEPSAKE_URL", "https://other.example")
    monkeypatch.setenv("KEEPSAKE_API_KEY", "ksk_other")
    if named == "environment":
        monkeypatch.setenv("KEEPSAKE_PROFILE", "work")

    expected = ("https://work.example", KEY + "-work")
    assert resolved(profile="work" if named == "typed" else None) == expected


def test_the_key_of_a_profile_is_never_sent_to_an_address_that_was_typed(profiles):
    assert resolved(url="https://evil.example") == ("https://evil.example", None)
    with pytest.raises(CommandFailed, match="name two services"):
        resolved(profile="work", url="https://evil.example")


def test_a_key_file_that_is_typed_goes_before_all(profiles, tmp_path):
    (tmp_path / "typed").write_text("ksk_typed")

    assert resolved(key_file=tmp_path / "typed") == ("https://default.example", "ksk_typed")


def test_the_environment_may_name_a_file(tmp_path, monkeypatch):
    (tmp_path / "key").write_text(KEY + "\n")
    monkeypatch.setenv("KEEPSAKE_API_KEY_FILE", str(tmp_path / "key"))

    assert resolved() == (None, KEY)


def test_a_profile_that_is_not_there_is_refused():
    with pytest.raises(CommandFailed, match="no profile elsewhere"):
        resolved(profile="elsewhere")


def test_a_file_with_a_key_in_it_is_its_owners_alone(profiles, config):
    assert config.stat().st_mode & 0o777 == 0o600
    config.chmod(0o644)

    with pytest.raises(CommandFailed, match="chmod 600") as refused:
        resolved()

    assert (refused.value.exit_code, KEY in str(refused.value)) == (4, False)


def test_a_file_without_a_key_may_be_read_by_all(profiles, config):
    run("rm", "default")
    config.chmod(0o644)

    assert resolved("work") == ("https://work.example", KEY + "-work")


def test_a_broken_file_is_named_without_what_is_in_it(config):
    config.parent.mkdir(parents=True)
    config.write_text(f"key = {KEY}\n")

    with pytest.raises(CommandFailed, match=r"config\.ini cannot be read") as refused:
        resolved()

    assert KEY not in str(refused.value)


def test_profiles_are_listed_without_their_keys(profiles, tmp_path):
    shown = run("ls").output

    assert "work     https://work.example" in shown
    assert str(tmp_path / "key") in shown
    assert KEY not in shown + run("ls", "--json").output


def test_a_key_may_be_kept_in_the_systems_keyring(monkeypatch, config):
    kept: dict[tuple[str, str], str] = {}
    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(
        set_password=lambda service, name, key: kept.update({(service, name): key}),
        get_password=lambda service, name: kept.get((service, name)),
        delete_password=lambda service, name: kept.pop((service, name)),
    ))  # fmt: skip

    assert run("add", "work", "--keyring", input=KEY).exit_code == 0
    assert KEY not in config.read_text()
    assert resolved("work") == ("http://127.0.0.1:8000", KEY)
    assert run("rm", "work").exit_code == 0
    assert kept == {}


def test_without_the_package_the_keyring_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)

    refused = run("add", "work", "--keyring", input=KEY)

    assert refused.exit_code == 2
    assert "keepsake-client[keyring]" in refused.stderr


def test_a_profile_without_a_key_is_refused_before_it_is_written(config):
    assert run("add", "work", input="\n").exit_code == 2
    assert not config.exists()
