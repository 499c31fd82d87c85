"""Directories and secrets that others could change or read are not used."""

import os
import stat

import pytest

from keepsake.storage import secrecy
from keepsake.storage.secrecy import NotPrivate, private_directory, read_secret, write_secret

ANOTHER = 65_534


@pytest.fixture(autouse=True)
def _usual_mask():
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def give(monkeypatch):
    """Makes a path another user's: root gives it away, anyone else becomes another."""

    def to_another(path):
        if os.geteuid() == 0:
            os.lchown(path, ANOTHER, ANOTHER)
        else:
            other = os.geteuid() + 1
            monkeypatch.setattr(os, "geteuid", lambda: other)

    return to_another


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def refused(path, ask=private_directory):
    with pytest.raises(NotPrivate) as error:
        ask(path)
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


def test_a_directory_that_is_not_there_is_made_for_its_user_alone(tmp_path):
    directory = private_directory(tmp_path / "a" / "data")

    assert directory == (tmp_path / "a" / "data").resolve()
    assert mode(directory) == 0o700


@pytest.mark.parametrize("wide", [0o755, 0o750, 0o711])
def test_a_directory_that_others_can_only_read_is_narrowed(tmp_path, wide):
    path = tmp_path / "data"
    path.mkdir()
    path.chmod(wide)

    private_directory(path)

    assert mode(path) == 0o700


def test_a_directory_that_others_may_write_to_is_refused_with_the_mend(tmp_path):
    path = tmp_path / "data"
    path.mkdir()
    path.chmod(0o777)

    assert "chmod 700" in refused(path)
    assert mode(path) == 0o777


def test_another_users_directory_is_refused(tmp_path, give):
    path = tmp_path / "data"
    path.mkdir(mode=0o700)
    give(path)

    assert str(path) in refused(path)


def test_a_link_is_refused_wherever_it_leads(tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "data").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")

    refused(tmp_path / "data")
    refused(tmp_path / "nowhere")


def test_a_file_in_its_place_is_refused(tmp_path):
    (tmp_path / "data").write_text("")

    refused(tmp_path / "data")


def test_a_place_that_others_may_replace_is_refused(tmp_path, give):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)

    assert "chmod go-w" in refused(shared / "data")
    shared.chmod(0o1777)
    private_directory(shared / "data")


def test_a_link_of_another_user_on_the_way_is_refused(tmp_path, give):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    private_directory(tmp_path / "link" / "data")
    give(tmp_path / "link")

    assert "another user's" in refused(tmp_path / "link" / "data")


def test_a_group_of_ones_own_may_write_on_the_way(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o775)
    monkeypatch.setattr(secrecy, "_has_us_alone", lambda group: group == home.stat().st_gid)

    private_directory(home / "data")
    monkeypatch.setattr(secrecy, "_has_us_alone", lambda _: False)
    refused(home / "data")


def test_a_group_with_other_members_is_not_ones_own():
    daemon, unknown = 1, 2**31 - 5

    assert not secrecy._has_us_alone(daemon)
    assert not secrecy._has_us_alone(unknown)


def test_a_secret_is_written_for_its_user_alone_over_whatever_was_there(tmp_path):
    aside, path = tmp_path / "aside", tmp_path / "api-key"
    aside.write_text("kept")
    path.symlink_to(aside)

    write_secret(path, "s3cret")

    assert (read_secret(path), aside.read_text()) == ("s3cret", "kept")
    assert (path.is_symlink(), mode(path)) == (False, 0o600)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["api-key", "aside"]


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_is_read_without_the_end_of_its_line(tmp_path, end):
    path = tmp_path / "key"
    write_secret(path, "x")
    path.write_text("a secret " + end)

    assert read_secret(path) == "a secret "


@pytest.mark.parametrize(
    ("content", "wide", "said"),
    [
        (b"hush\n", 0o644, "chmod 600"), (b"hush\n", 0o602, "chmod 600"), (b"", 0o600, "empty"),
        (b"\n", 0o600, "empty"), (b"h" * 70_000, 0o600, "too long"), (b"\xff", 0o600, "no text"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_secret_is_refused_without_being_shown(tmp_path, content, wide, said):
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(wide)

    why = refused(path, read_secret)

    assert said in why
    assert "hush" not in why


def test_a_secret_of_another_user_or_none_at_all_is_refused(tmp_path, give):
    path = tmp_path / "key"
    os.mkfifo(tmp_path / "pipe", 0o600)
    write_secret(path, "theirs")
    refused(tmp_path / "pipe", read_secret)
    refused(tmp_path / "gone", read_secret)
    give(path)

    refused(path, read_secret)
