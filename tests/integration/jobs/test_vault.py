import base64
import os

import pytest
from pydantic import SecretStr, ValidationError

from keepsake.jobs.errors import CredentialGone
from keepsake.jobs.vault import Rewrapped, Vault, VaultClosed, VaultSettings
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
    assert both.rewrap() == Rewrapped(sealed=1, lost=())
    assert both.rewrap() == Rewrapped(sealed=0, lost=())

    only_new = Vault(database, VaultSettings(secret_key=SecretStr(newer)))
    assert only_new.reveal("alice", reference) == SECRET
    with pytest.raises(CredentialGone):
        vault.reveal("alice", reference)


def test_what_no_key_opens_is_reported_and_keeps_no_other_from_being_sealed_anew(
    vault, database, key
):
    lost = Vault(database, VaultSettings(secret_key=SecretStr(a_key()))).put(
        "alice", SECRET, ttl_seconds=60
    )
    damaged, whole = (vault.put("alice", SECRET, ttl_seconds=60) for _ in range(2))
    database["vault"].update_one({"_id": damaged}, {"$set": {"box": b"torn"}})
    both = Vault(database, VaultSettings(secret_key=SecretStr(f"{a_key()},{key}")))

    rewrapped = both.rewrap()

    assert (rewrapped.sealed, set(rewrapped.lost)) == (1, {lost, damaged})
    assert both.reveal("alice", whole) == SECRET


def test_a_job_that_ends_while_its_secret_is_sealed_anew_takes_it_along(vault, database, key):
    class Ending(Vault):
        def _opened(self, box):
            self.forget(box["_id"])
            return super()._opened(box)

    vault.put("alice", SECRET, ttl_seconds=60)
    both = Ending(database, VaultSettings(secret_key=SecretStr(f"{a_key()},{key}")))

    assert both.rewrap() == Rewrapped(sealed=0, lost=())
    assert database["vault"].count_documents({}) == 0


def test_two_who_seal_anew_at_once_harm_nothing(vault, database, key):
    class Overtaken(Vault):
        def _opened(self, box):
            Vault(database, settings).rewrap()
            return super()._opened(box)

    reference = vault.put("alice", SECRET, ttl_seconds=60)
    settings = VaultSettings(secret_key=SecretStr(f"{a_key()},{key}"))

    assert Overtaken(database, settings).rewrap() == Rewrapped(sealed=0, lost=())
    assert Vault(database, settings).reveal("alice", reference) == SECRET


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
