"""Whatever its document allows or forbids is sent to the real server: see schemathesis.toml."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from keepsake.access.keys import KeyStore, Role
from keepsake.launcher.administration import ensure_indexes
from keepsake.launcher.settings import vault_key
from keepsake.parts import job_types, key_scopes

pytestmark = pytest.mark.drill

CONFIG = Path(__file__).with_name("schemathesis.toml")
PHASES = {"examples,fuzzing": "1", "stateful": "4"}
if "FUZZ_EXAMPLES" in os.environ:
    PHASES = dict.fromkeys([*PHASES, "coverage"], os.environ["FUZZ_EXAMPLES"])
SECONDS = os.environ.get("FUZZ_SECONDS", "300")
UNTIL = ["--max-time", SECONDS] if "FUZZ_EXAMPLES" in os.environ else []
SEED = os.environ.get("FUZZ_SEED", "1")


@pytest.mark.timeout(int(SECONDS) + 600)
@pytest.mark.parametrize("phases", PHASES)
def test_no_request_gets_an_answer_that_is_not_documented(
    database, web_server, worker, tmp_path, phases
):
    ensure_indexes(database)
    key = KeyStore(database).create("fuzz", role=Role.OPERATOR, scopes=key_scopes(job_types()))
    vault = {"KEEPSAKE_SECRET_KEY": vault_key()}  # without one, every token of a client is a 503
    _, base_url = web_server(**vault)
    worker(**vault)

    run = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "--config-file", CONFIG, "run",
         f"{base_url}/openapi.json", "--phases", phases, "--max-examples", PHASES[phases],
         "--seed", SEED, "--no-color", *UNTIL],
        cwd=tmp_path, env={**os.environ, "KEEPSAKE_FUZZ_KEY": key},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
    assert "No issues found" in run.stdout, run.stdout[-2_000:]
