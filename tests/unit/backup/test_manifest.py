"""The manifest of a backup, and the directory that it is written into."""

import stat
from datetime import UTC, datetime

import pytest

from keepsake.backup.directories import drafted, private_file
from keepsake.backup.manifest import NAME, BackupFailed, DumpedFile, Manifest, summed
from keepsake.storage import NotPrivate


@pytest.fixture
def backup(tmp_path):
    """A directory with one file, and its manifest."""
    (tmp_path / "keepsake").mkdir()
    file = tmp_path / "keepsake" / "jobs.bson"
    file.write_bytes(b"some documents")
    size, digest = summed(file)
    manifest = Manifest(
        tool="keepsake", version="0.1.0", mongodb="6.0.0", database="keepsake",
        schemas={"jobs": 2}, taken_at=datetime.now(UTC), cluster_time=(1, 2), documents={"jobs": 1},
        files=(DumpedFile(path="keepsake/jobs.bson", bytes=size, sha256=digest),),
    )  # fmt: skip
    (tmp_path / NAME).write_text(manifest.model_dump_json())
    return tmp_path


def test_what_was_written_is_read(backup):
    manifest = Manifest.read(backup)

    manifest.verify(backup)
    assert (manifest.clock.time, manifest.clock.inc, manifest.bytes) == (1, 2, 14)


@pytest.mark.parametrize("content", [b"some document", b"some documentz"])
def test_a_file_that_has_changed_is_seen(backup, content):
    (backup / "keepsake" / "jobs.bson").write_bytes(content)

    with pytest.raises(BackupFailed, match=r"jobs\.bson .*is damaged"):
        Manifest.read(backup).verify(backup)


def test_a_file_that_is_missing_is_seen(backup):
    (backup / "keepsake" / "jobs.bson").unlink()

    with pytest.raises(BackupFailed, match="is missing"):
        Manifest.read(backup).verify(backup)


@pytest.mark.parametrize("change", ["truncated", "other format", "file elsewhere", "no manifest"])
def test_what_is_no_manifest_is_refused(backup, change):
    text = (backup / NAME).read_text()
    changed = {
        "truncated": text[:-20],
        "other format": text.replace('"format":1', '"format":2'),
        "file elsewhere": text.replace("keepsake/jobs.bson", "../jobs.bson"),
        "no manifest": None,
    }[change]
    (backup / NAME).unlink()
    if changed is not None:
        (backup / NAME).write_text(changed)

    with pytest.raises(BackupFailed):
        Manifest.read(backup)


def test_records_of_a_later_schema_are_refused(backup):
    manifest = Manifest.read(backup)

    manifest.require_known({"jobs": 2})
    manifest.require_known({"jobs": 3})
    with pytest.raises(BackupFailed, match=r"0\.1\.0, whose jobs"):
        manifest.require_known({"jobs": 1})


def test_a_directory_is_there_whole_and_for_this_user_alone(tmp_path):
    with drafted(tmp_path / "backup") as draft:
        assert not (tmp_path / "backup").exists()
        with private_file(draft / "file") as file:
            file.write(b"x")

    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "backup").rglob("*")]
    assert (stat.S_IMODE((tmp_path / "backup").stat().st_mode), modes) == (0o700, [0o600])
    assert [path.name for path in tmp_path.iterdir()] == ["backup"]


def test_of_what_fails_nothing_stays(tmp_path):
    with pytest.raises(RuntimeError), drafted(tmp_path / "backup") as draft:
        (draft / "file").write_text("half")
        raise RuntimeError

    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_written_over(tmp_path):
    (tmp_path / "backup").mkdir()

    with pytest.raises(BackupFailed, match="there already"), drafted(tmp_path / "backup"):
        pytest.fail("it was not to begin")


def test_where_others_write_nothing_is_written(tmp_path):
    tmp_path.chmod(0o777)

    with pytest.raises(NotPrivate), drafted(tmp_path / "backup"):
        pytest.fail("it was not to begin")
