import base64
import os

import pytest
from pydantic import SecretStr, ValidationError

from jobs.errors import CredentialGone
from jobs.vault import Vault, VaultClosed, VaultSettings
from tests.factories import claimed

SECRET = SecretStr("ghp_" + "s3cret" * 6)


def a_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


@pytest.fixture
def key():
    return a_key()


@pytest.fixture
def vault(database, key):
    return Vault(database, VaultSettings(secret_key=SecretStr(key)))


def test_a_secret_comes_back_to_its_owner_and_is_stored_encrypted(vault, database):
    reference = vault.put("alice", SECRET, ttl_seconds=60)

    assert vault.reveal("alice", reference) == SECRET
    assert SECRET.get_secret_value().encode() not in database["vault"].find_one()["box"]
    assert SECRET.get_secret_value() not in reference


@pytest.mark.parametrize(("owner", "ttl_seconds"), [("bob", 60), ("alice", 0)])
def test_anothers_or_an_expired_secret_is_gone(vault, owner, ttl_seconds):
    reference = vault.put("alice", SECRET, ttl_seconds=ttl_seconds)

    with pytest.raises(CredentialGone):
        vault.reveal(owner, reference)


def test_a_box_moved_to_another_owner_does_not_open(vault, database):
    reference = vault.put("alice", SECRET, ttl_seconds=60)
    database["vault"].update_one({"_id": reference}, {"$set": {"owner": "mallory"}})

    with pytest.raises(CredentialGone):
        vault.reveal("mallory", reference)


def test_keys_rotate_without_losing_a_secret(vault, database, key):
    reference = vault.put("alice", SECRET, ttl_seconds=60)
    newer = a_key()

    both = Vault(database, VaultSettings(secret_key=SecretStr(f"{newer},{key}")))
    assert both.rewrap() == 1

    only_new = Vault(database, VaultSettings(secret_key=SecretStr(newer)))
    assert only_new.reveal("alice", reference) == SECRET
    with pytest.raises(CredentialGone):
        vault.reveal("alice", reference)


def test_without_a_key_nothing_is_kept(database, monkeypatch):
    monkeypatch.delenv("KEEPSAKE_SECRET_KEY", raising=False)

    with pytest.raises(VaultClosed):
        Vault(database, VaultSettings()).put("alice", SECRET, ttl_seconds=60)


def test_a_bad_key_is_refused_without_being_shown():
    with pytest.raises(ValidationError) as refused:
        VaultSettings(secret_key=SecretStr("bm90MzJieXRlcw=="))

    assert "bm90" not in str(refused.value)


def test_the_secret_goes_when_its_job_ends(vault, database, engine):
    reference = vault.put("alice", SECRET, ttl_seconds=60)
    claim = claimed(engine, credential=reference)

    engine.claims.succeed(claim, None)

    assert database["vault"].count_documents({}) == 0
