"""Sources that make no sense: each costs a bounded time, and is lost alone."""

from contextlib import closing

import pytest

from keepsake.scanner.parse.pool import Blob, ParserPool
from keepsake.scanner.parse.worker import parse_blob
from keepsake.scanner.settings import ScannerSettings
from tests.cpu_time import cpu_under
from tests.unit.scanner.constructs import CONSTRUCTS
from tests.unit.scanner.mutations import mutated
from tests.unit.scanner.sources import SOURCES

_SECONDS, _SECONDS_PER_BYTE = 0.5, 100e-6
"""Of processor time: what a source may cost, and each of its bytes."""
_DRILL, _BATCH = 5_000, 100
_MOST_FAILED = _DRILL // 1_000
"""Kotlin's grammar takes seconds for some quotes that nothing ends: such a file is not parsed."""
_GOOD = Blob("python", b"def sentinel(): pass\n")


def sources_of(language):
    listed = [item.source.encode() for item in CONSTRUCTS if item.language == language]
    return [SOURCES[language].source.encode(), *listed]


@pytest.mark.parametrize("language", SOURCES)
def test_a_source_that_makes_no_sense_costs_a_time_by_its_size(language):
    parse_blob(SOURCES[language].source.encode(), language)  # half a second for some grammars

    for source in mutated(sources_of(language), seed=1, count=15):
        with cpu_under(_SECONDS + _SECONDS_PER_BYTE * len(source), source):
            parse_blob(source, language)


@pytest.mark.drill
@pytest.mark.timeout(600)
@pytest.mark.parametrize("language", SOURCES)
def test_of_thousands_of_sources_that_make_no_sense_none_costs_another_file(language):
    blobs = [
        Blob(language, source) for source in mutated(sources_of(language), seed=2, count=_DRILL)
    ]
    seconds = _SECONDS_PER_BYTE * sum(len(blob.source) for blob in blobs)

    failed: list[bytes] = []

    with cpu_under(seconds), closing(ParserPool(ScannerSettings())) as pool:
        for start in range(0, _DRILL, _BATCH):
            batch = blobs[start : start + _BATCH]
            *records, good = pool.parse([*batch, _GOOD])
            assert good.counts["symbol_count"] == 1
            failed += [blob.source for blob, record in zip(batch, records, strict=True)
                       if record.counts.get("failed")]  # fmt: skip
    assert len(failed) <= _MOST_FAILED, failed
