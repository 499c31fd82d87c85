from pathlib import Path

from keepsake.jobs.states import State, diagram

PAGE = (Path(__file__).parents[2] / "docs" / "states.md").read_text()


def test_the_documented_diagram_is_the_code():
    assert diagram() in PAGE


def test_every_state_is_documented():
    assert [state for state in State if f"| `{state}` |" not in PAGE] == []
