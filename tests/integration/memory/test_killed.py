import pytest

from tests.forks import Fork
from tests.integration.memory.killed import STAGES, STORY, Fate, die, ingest

NOWHERE = Fate("nowhere", 0)


@pytest.fixture
def whole(memory, stored, database, emptying):
    """What the story makes when nobody is killed."""
    ingest(database, NOWHERE)
    documents = stored()
    emptying.empty()
    return documents


@pytest.mark.parametrize("position", range(len(STORY)))
@pytest.mark.parametrize("stage", STAGES)
def test_an_ingest_killed_in_any_stage_makes_the_same_memories_when_run_again(
    whole, stored, database, tmp_path, stage, position
):
    exit_code = Fork(die, stage, position, log=tmp_path / "log").wait()
    ingest(database, NOWHERE)

    assert exit_code == -9
    assert stored() == whole
