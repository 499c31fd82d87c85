"""The tables of results are what bench/results says, and the README stays short."""

from bench import calibration, publish


def test_the_tables_are_made_from_the_results():
    measured = publish.reports()

    assert publish.between(publish.BENCHMARKS.read_text())[1] == publish.whole(measured)
    assert publish.between(publish.README.read_text())[1] == publish.highlights(measured)


def test_confidence_is_the_measured_share_of_right_statements():
    measured = publish.reports()
    judged = measured["facts"]["rows"]["reliability"]

    assert publish.between(publish.MEMORY.read_text())[1] == publish.confidence(measured)
    assert calibration.SHARES.read_text() == calibration.shares(judged)


def test_the_readme_has_a_result_for_every_highlight():
    table = publish.between(publish.README.read_text())[1]

    assert len(table.splitlines()) == 2 + len(publish.HIGHLIGHTS)


def test_the_readme_is_short():
    assert len(publish.README.read_text().splitlines()) < 150
