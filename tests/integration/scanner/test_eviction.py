"""The mirror cache: what was used longest ago goes, and what is of no repository any more."""

import os
from pathlib import Path

import pytest

from keepsake.scanner.git import cache
from keepsake.scanner.git.cache import evict, size_bytes
from keepsake.scanner.git.mirror import locked
from keepsake.scanner.mirrors import drop_forgotten
from keepsake.scanner.models import Repository
from keepsake.scanner.store import REPOSITORIES

MIRROR_MB = 6


@pytest.fixture
def settings(tools):
    return tools.settings.model_copy(update={"scan_cache_mb": 2 * MIRROR_MB})


@pytest.fixture
def mirrors(settings):
    """Three mirrors that are over the limit together, the first used longest ago."""
    places = [Repository(owner="ann", org="acme", repo=name, url=f"file:///{name}")
              for name in ("oldest", "older", "newest")]  # fmt: skip
    for used_at, place in enumerate(places, 1):
        with locked(place, settings) as mirror:
            mirror.path.mkdir()
            (mirror.path / "pack").write_bytes(bytes((MIRROR_MB << 20) - 4_096))
            cache.note_packs(mirror.path, settings.scan_max_file_kb)
        os.utime(settings.scan_cache_path / f"{place.id}.lock", (used_at, used_at))
    return places


def left(settings, mirrors):
    return [
        repository.repo
        for repository in mirrors
        if (settings.scan_cache_path / f"{repository.id}.git").exists()
    ]


def test_the_mirror_that_was_used_longest_ago_goes(settings, mirrors):
    assert evict(settings) == [mirrors[0].id]
    assert left(settings, mirrors) == ["older", "newest"]


def test_a_mirror_in_use_stays_and_the_next_oldest_goes(settings, mirrors):
    with locked(mirrors[0], settings):
        os.utime(settings.scan_cache_path / f"{mirrors[0].id}.lock", (1, 1))
        evict(settings)

    assert left(settings, mirrors) == ["oldest", "newest"]


def test_a_cache_within_its_limit_is_left_alone(settings, mirrors):
    assert evict(settings.model_copy(update={"scan_cache_mb": 3 * MIRROR_MB})) == []
    assert left(settings, mirrors) == ["oldest", "older", "newest"]


def test_a_file_that_goes_while_a_mirror_is_weighed_does_not_count(settings, mirrors, monkeypatch):
    stat, place = Path.lstat, settings.scan_cache_path / f"{mirrors[0].id}.git"
    (place / "tmp_pack").write_bytes(b"x")

    def moved_first(path):
        if path.name == "tmp_pack":
            path.rename(path.with_name("pack-1"))
        return stat(path)

    monkeypatch.setattr(Path, "lstat", moved_first)

    assert MIRROR_MB - 1 < size_bytes(place) / 2**20 < MIRROR_MB


def test_what_a_killed_estimate_left_goes_and_a_running_one_stays(settings, mirrors):
    left_behind, running = (settings.scan_cache_path / f"estimate-{n}" for n in "ab")
    for folder in (left_behind, running):
        (folder / "x.git").mkdir(parents=True)
    os.utime(left_behind, (1, 1))

    evict(settings)

    assert (left_behind.exists(), running.exists()) == (False, True)


def test_mirrors_of_deleted_repositories_are_dropped(database, settings, mirrors):
    kept, gone, used = mirrors
    database[REPOSITORIES].insert_one({"_id": kept.id})

    with locked(used, settings):
        assert drop_forgotten(database, settings) == 1

    assert left(settings, mirrors) == ["oldest", "newest"]
    assert drop_forgotten(database, settings) == 1
    assert left(settings, [gone, used]) == []
