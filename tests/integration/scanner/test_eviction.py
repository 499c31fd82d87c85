"""The mirror cache has a limit: what was used longest ago goes, what is in use stays."""

import os

import pytest

from scanner.git import packs
from scanner.git.mirror import evict, locked
from scanner.models import Repository

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
            packs.note(mirror.path)
        os.utime(settings.scan_cache_path / f"{place.id}.lock", (used_at, used_at))
    return places


def left(settings, mirrors):
    return [one.repo for one in mirrors if (settings.scan_cache_path / f"{one.id}.git").exists()]


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
