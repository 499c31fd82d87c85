"""What a soak's slopes say of rows of figures."""

from random import Random

import pytest

from soak.slopes import Trend, slope
from soak.verdict import judged

MINUTE = 60.0


def row(per_hour, noise=0.0, minutes=40, start=100.0, seed=1):
    chance = Random(seed)
    return [
        (MINUTE * n, start + per_hour * n / 60 + chance.gauss(0, noise)) for n in range(minutes)
    ]


def test_a_slope_is_what_is_gained_in_an_hour():
    found = slope([row(12)])

    assert (found.low, found.middle, found.high) == pytest.approx((12, 12, 12))


def test_what_grows_beyond_its_bound_is_told_from_noise_around_a_level():
    assert slope([row(30, noise=3)]).trend(8) is Trend.GROWING
    assert slope([row(0, noise=3)]).trend(8) is Trend.FLAT
    assert slope([row(-30, noise=3)]).trend(8) is Trend.FLAT


def test_what_noise_hides_is_unclear():
    assert slope([row(0, noise=40, minutes=10)]).trend(8) is Trend.UNCLEAR


def test_one_figure_that_is_far_off_changes_nothing():
    odd = [*row(0, noise=1), (41 * MINUTE, 5_000.0)]

    assert slope([odd]).trend(8) is Trend.FLAT


def test_a_process_is_not_compared_with_the_one_before_it():
    first, second = row(0, minutes=20, start=300), row(0, minutes=20, start=900)

    assert slope([first, second]).middle == 0


def test_of_too_few_figures_nothing_is_said():
    assert slope([row(0, minutes=2)]) is None
    assert slope([]) is None


def sample(at, pid, mb):
    part = {"pid": pid, "mb": mb, "descriptors": 20, "threads": 9, "children_mb": 0}
    mongodb = {"data_mb": 5, "index_mb": 2, "collections": {"jobs": {"count": 70}}}
    return {"at": at, "processes": {"worker-2": part}, "mongodb": mongodb, "mirrors_mb": 1,
            "latency": {}}  # fmt: skip


def test_a_leak_after_the_caches_are_full_is_growing_and_a_cache_that_fills_is_not():
    fills = [sample(60 * n, 1, min(100 + 20 * n, 300)) for n in range(60)]
    leaks = [sample(60 * n, 1, 100 + n) for n in range(60)]

    for samples, trend in ((fills, Trend.FLAT), (leaks, Trend.GROWING)):
        rows = {each.what: each for each in judged(samples, 3600)}
        assert rows["worker-2 mb"].trend is trend
        assert rows["jobs"].trend is Trend.FLAT


def test_a_part_that_is_killed_again_and_again_is_not_judged():
    samples = [sample(60 * n, n // 6, 100 + 5 * (n % 6)) for n in range(60)]

    assert "worker-2 mb" not in {each.what for each in judged(samples, 3600)}
