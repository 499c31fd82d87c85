from pathlib import Path

from keepsake.memory.searching.ranking import WEIGHTS

PAGE = (Path(__file__).parents[3] / "docs" / "memory.md").read_text()


def test_every_weight_is_documented():
    names = {name for weights in WEIGHTS.values() for name in weights}

    assert [name for name in sorted(names) if f"`{name}`" not in PAGE] == []
