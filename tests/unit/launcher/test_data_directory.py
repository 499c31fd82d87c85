"""A data directory is held by one process, and a compaction that was cut off is taken back."""

import pytest

from keepsake.launcher.backups import compact
from keepsake.launcher.data_directory import held, in_use
from keepsake.launcher.process import CannotStart
from keepsake.launcher.settings import LauncherSettings


def test_one_process_holds_it(tmp_path):
    assert not in_use(tmp_path)
    with held(tmp_path):
        assert in_use(tmp_path)
        with pytest.raises(CannotStart, match="another run"), held(tmp_path):
            pytest.fail("it is held")

    assert not in_use(tmp_path)


@pytest.mark.parametrize("both", [False, True])
def test_a_compaction_that_was_cut_off_loses_nothing(tmp_path, both):
    (tmp_path / "mongo.old" / "old").mkdir(parents=True)
    if both:
        (tmp_path / "mongo").mkdir()

    with held(tmp_path):
        assert (tmp_path / "mongo").exists()
        assert (tmp_path / "mongo" / "old").exists() is not both
        assert not (tmp_path / "mongo.old").exists()


def test_only_a_private_mongodb_that_is_there_and_does_not_run_is_compacted(tmp_path, monkeypatch):
    monkeypatch.setenv("KEEPSAKE_MONGO_URL", "mongodb://elsewhere/")
    with pytest.raises(CannotStart, match="sync each of its members"):
        compact(LauncherSettings(data_dir=tmp_path))

    monkeypatch.delenv("KEEPSAKE_MONGO_URL")
    with pytest.raises(CannotStart, match="no MongoDB"):
        compact(LauncherSettings(data_dir=tmp_path))
    with held(tmp_path), pytest.raises(CannotStart, match="stop it"):
        compact(LauncherSettings(data_dir=tmp_path))
