import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.memory.killed import STAGES, STORY, Fate, ingest

ROOT = Path(__file__).parents[3]
NOWHERE = Fate("nowhere", 0)


@pytest.fixture
def whole(memory, stored, database):
    """What the story makes when nobody is killed."""
    ingest(database, NOWHERE)
    made = stored()
    for name in database.list_collection_names():
        database[name].delete_many({})
    return made


@pytest.mark.parametrize("position", range(len(STORY)))
@pytest.mark.parametrize("stage", STAGES)
def test_an_ingest_killed_in_any_stage_makes_the_same_memories_when_run_again(
    whole, stored, database, stage, position
):
    command = [sys.executable, "-m", "tests.integration.memory.killed", stage, str(position)]

    died = subprocess.run(command, cwd=ROOT, timeout=60, check=False)
    ingest(database, NOWHERE)

    assert died.returncode == -9
    assert stored() == whole
