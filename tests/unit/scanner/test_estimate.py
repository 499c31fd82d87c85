"""The seconds of an estimate: of the stages that are asked for, by the scans that had them."""

from keepsake.scanner.estimate import seconds_by_stage
from keepsake.scanner.models import ScanOptions

STRUCTURE = {"resolve": 1.0, "parse": 10.0, "publish": 1.0}


def scan(files, **more):
    """A former scan of some files; `more` are the stages that it had besides, with their time."""
    return {
        "added": {"parsed": files},
        "seconds": {**STRUCTURE, "embed": 0.0, "enrich": 0.0, **more},
        "stages": sorted({"diff", "parse", *more}),
    }


def test_a_stage_that_is_not_asked_for_takes_no_time():
    past = [scan(10, embed=20.0, enrich=40.0)]

    everything = seconds_by_stage(past, 5, ScanOptions())
    structure = seconds_by_stage(past, 5, ScanOptions(embed=False, enrich=False))

    assert everything == {
        "resolve": 1.0, "parse": 5.0, "publish": 1.0, "embed": 10.0, "enrich": 20.0,
    }  # fmt: skip
    assert structure == {"resolve": 1.0, "parse": 5.0, "publish": 1.0}


def test_scans_that_had_no_such_stage_do_not_make_it_look_short():
    past = [scan(10, embed=20.0), scan(30)]

    assert seconds_by_stage(past, 10, ScanOptions())["embed"] == 20.0
    assert "enrich" not in seconds_by_stage(past, 10, ScanOptions())


def test_without_a_former_scan_nothing_can_be_told():
    assert seconds_by_stage([], 10, ScanOptions()) == {}
