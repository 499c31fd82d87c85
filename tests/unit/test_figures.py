import pytest

from bench.figures import interval, percentile, table


def test_a_percentile_is_a_value_that_was_measured():
    values = [float(n) for n in range(100, 0, -1)]

    assert [percentile(values, share) for share in (0, 0.5, 0.99, 1)] == [1, 50, 99, 100]
    assert percentile([7.0], 0.99) == 7


def test_a_table_aligns_its_columns():
    assert table(["side", "ms"], [["ours", "1.50"], ["theirs", "10.25"]]).splitlines() == [
        "side       ms", "ours     1.50", "theirs  10.25",
    ]  # fmt: skip


def test_the_interval_of_a_share_is_wilsons():
    assert interval(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert interval(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert interval(0, 0) == (0, 1)
