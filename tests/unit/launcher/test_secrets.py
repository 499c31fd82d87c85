import stat

from keepsake.launcher.rabbitmq import Passwords, definitions
from keepsake.launcher.settings import kept, vault_key


def test_a_secret_is_made_once_and_read_by_its_owner_only(tmp_path):
    path = tmp_path / "vault-key"

    first = kept(path, vault_key)

    assert kept(path, vault_key) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_definitions_hold_no_password_and_no_administrator(tmp_path):
    passwords = Passwords.kept_in(tmp_path / "passwords.json")
    loaded = definitions(passwords)

    assert Passwords.kept_in(tmp_path / "passwords.json") == passwords
    assert stat.S_IMODE((tmp_path / "passwords.json").stat().st_mode) == 0o600
    assert passwords.user not in str(loaded)
    assert passwords.operator not in str(loaded)
    assert [user["tags"] for user in loaded["users"]] == ["", "monitoring"]
