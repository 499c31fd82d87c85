"""How long a scan will still take, by its own eta and by former scans."""

import pytest

from keepsake.scanner.checkpoint import Checkpoint, IndexStats, Stage
from keepsake.scanner.eta import Eta

STRUCTURE = frozenset({Stage.DIFF, Stage.PARSE})
ALL = frozenset({Stage.DIFF, Stage.PARSE, Stage.EMBED, Stage.ENRICH})
PAST = [
    {"added": {"files": 100, "symbols": 1_000}, "stages": ["diff", "parse", "embed"],
     "seconds": {"diff": 1.0, "parse": 10.0, "embed": 20.0, "enrich": 0.1}},
    {"added": {"files": 100, "symbols": 1_000}, "stages": ["diff", "parse", "enrich"],
     "seconds": {"diff": 1.0, "parse": 10.0, "embed": 0.1, "enrich": 300.0}},
]  # fmt: skip
"""0.1 s a file to parse, 3 s to enrich; 0.02 s a symbol to embed, ten of them in a file."""


def at(stage, done, total, spent=0.0, **added):
    return Checkpoint(
        request="", stage=stage, done=done, total=total, seconds={stage: spent},
        added=IndexStats(**added),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("checkpoint", "stages", "left"),
    [
        (at(Stage.DIFF, 200, 200), STRUCTURE, 20.0),
        (at(Stage.DIFF, 200, 200), STRUCTURE | {Stage.EMBED}, 20.0 + 40.0),
        (at(Stage.DIFF, 100, 200, spent=1), STRUCTURE, 1.0 + 20.0),
        (at(Stage.PARSE, 0, 200), STRUCTURE, 20.0),
        (at(Stage.PARSE, 50, 200, spent=10), STRUCTURE, (0.2 + 0.1) / 2 * 150),
        (at(Stage.PARSE, 100, 200, spent=20), STRUCTURE, 20.0),
        (at(Stage.PARSE, 100, 200, spent=20, files=100, symbols=300), STRUCTURE | {Stage.EMBED},
         20.0 + 600 * 0.02),
        (at(Stage.EMBED, 300, 600, spent=6, files=100), ALL, 6.0 + 300.0),
        (at(Stage.ENRICH, 50, 100, spent=100), ALL, 100.0),
        (at(Stage.TIDY, 0, None), ALL, 0.0),
        (at(Stage.FETCH, 0, None), ALL, None),
    ],
)  # fmt: skip
def test_what_is_left_is_of_all_stages_to_come(checkpoint, stages, left):
    assert Eta.of(PAST).seconds_left(checkpoint, stages) == (left and pytest.approx(left))


@pytest.mark.parametrize(
    ("checkpoint", "stages", "left"),
    [
        (at(Stage.PARSE, 50, 200, spent=10), STRUCTURE, 30.0),
        (at(Stage.PARSE, 50, 200, spent=10), ALL, None),
        (at(Stage.DIFF, 50, 200, spent=10), STRUCTURE, None),
        (at(Stage.PARSE, 0, 200), STRUCTURE, None),
    ],
)
def test_without_former_scans_nothing_is_made_up(checkpoint, stages, left):
    assert Eta.of([]).seconds_left(checkpoint, stages) == left


def test_scans_of_an_older_version_say_nothing_about_stages():
    old = [{key: value for key, value in scan.items() if key != "stages"} for scan in PAST]

    assert Eta.of(old).seconds_left(at(Stage.PARSE, 0, 200), STRUCTURE) is None
