"""A setting that holds a secret may be a file instead."""

import pytest
from pydantic import SecretStr, ValidationError

import keepsake.parts
import web.settings
from keepsake.inference.settings import LlmSettings
from keepsake.jobs.vault import VaultSettings
from keepsake.launcher.settings import LauncherSettings
from keepsake.storage.mongo import MongoSettings
from keepsake.storage.secrecy import write_secret
from keepsake.storage.settings import explained
from middleware.broker import BrokerSettings
from tests.conftest import ROOT

KINDS = {*keepsake.parts.WORKER, *web.settings.WEB, LauncherSettings}
SECRETS = [(kind, name) for kind in sorted(KINDS, key=str) for name in sorted(kind.secrets())]


@pytest.fixture(autouse=True)
def _unset(monkeypatch):
    for kind in KINDS:
        for variable in kind.variables().values():
            monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Keeps a secret in a file that a variable names."""

    def keep(variable, secret):
        path = tmp_path / variable
        write_secret(path, secret)
        monkeypatch.setenv(f"{variable}_FILE", str(path))
        return path

    return keep


def said(kind) -> str:
    with pytest.raises(ValidationError) as refused:
        kind()
    line = explained(refused.value)
    assert len(line.splitlines()) == 1
    return line


def test_every_secret_of_every_part_is_known():
    secrets = {kind.variables()[name] for kind, name in SECRETS}

    assert secrets == {
        "KEEPSAKE_AMQP_URL", "KEEPSAKE_LLM_API_KEY", "KEEPSAKE_LLM_FALLBACKS",
        "KEEPSAKE_MANAGEMENT_URL", "KEEPSAKE_MONGO_URL", "KEEPSAKE_SECRET_KEY",
    }  # fmt: skip
    page = (ROOT / "docs" / "operating.md").read_text()
    assert [name for name in secrets if f"`{name}_FILE`" not in page] == []


def test_a_secret_is_read_from_its_file(kept):
    kept("KEEPSAKE_LLM_API_KEY", "sk-1")
    kept(
        "KEEPSAKE_LLM_FALLBACKS", '[{"base_url": "http://x.org", "model": "m", "api_key": "sk-2"}]'
    )
    kept("KEEPSAKE_AMQP_URL", "amqp://keepsake:hush@one/keepsake;amqp://keepsake:hush@two/keepsake")

    settings = LlmSettings()

    assert settings.api_key == SecretStr("sk-1")
    assert settings.fallbacks[0].api_key == SecretStr("sk-2")
    assert len(BrokerSettings().urls) == 2


@pytest.mark.parametrize(("kind", "name"), SECRETS)
def test_a_file_that_is_not_there_is_named_in_one_line(kind, name, tmp_path, monkeypatch):
    variable = f"{kind.variables()[name]}_FILE"
    monkeypatch.setenv(variable, str(tmp_path / "gone"))

    assert said(kind).endswith(f"{variable}: {tmp_path / 'gone'}: No such file or directory")


def test_a_file_that_others_may_read_is_refused_without_its_content(kept):
    kept("KEEPSAKE_SECRET_KEY", "hush").chmod(0o644)

    line = said(VaultSettings)

    assert "KEEPSAKE_SECRET_KEY_FILE" in line
    assert "chmod 600" in line
    assert "hush" not in line


def test_a_secret_in_a_file_and_in_the_environment_is_refused(kept, monkeypatch):
    kept("KEEPSAKE_MONGO_URL", "mongodb://a:hush@one/")
    monkeypatch.setenv("KEEPSAKE_MONGO_URL", "mongodb://b:hush@two/")

    line = said(MongoSettings)

    assert line == "KEEPSAKE_MONGO_URL: set it or KEEPSAKE_MONGO_URL_FILE, not both"


def test_a_wrong_secret_in_a_file_is_refused_by_its_variable(kept):
    kept("KEEPSAKE_MONGO_URL", "http://a:hush@one/")
    kept("KEEPSAKE_SECRET_KEY", "bm90MzJieXRlcw==")

    assert said(MongoSettings) == "KEEPSAKE_MONGO_URL: it is no MongoDB URL"
    assert said(VaultSettings) == "KEEPSAKE_SECRET_KEY: each key is 32 bytes in base64"


def test_an_error_names_the_variable_of_its_kind(monkeypatch):
    monkeypatch.setenv("KEEPSAKE_LLM_TIMEOUT_SECONDS", "soon")

    assert said(LlmSettings).startswith("KEEPSAKE_LLM_TIMEOUT_SECONDS: ")
