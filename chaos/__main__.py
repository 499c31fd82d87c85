"""`make chaos`: run it, print what came of it; the exit code is the verdict."""

import os
import secrets
import sys
import tempfile
from pathlib import Path

from pydantic import SecretStr

from chaos.farm import Farm, servers
from chaos.run import Scenario, run
from storage.mongo import MongoSettings, connect


def main() -> int:
    """Take CHAOS_SECONDS, CHAOS_SEED and CHAOS_TRICKS (comma-separated) from the environment."""
    seed = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(2**31))
    tricks = [name.strip() for name in os.environ.get("CHAOS_TRICKS", "").split(",") if name]
    scenario = Scenario(
        seconds=float(os.environ.get("CHAOS_SECONDS") or 600), seed=seed, tricks=tricks
    )
    print(f"chaos: {scenario.seconds:g} s, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        with servers(directory) as (rabbitmq, mongod):
            database = connect(MongoSettings(mongo_url=SecretStr(mongod.url)))
            farm = Farm(rabbitmq, mongod, directory / "log", {})
            try:
                farm.start()
                verdict = run(farm, database, scenario)
            finally:
                farm.stop()
                database.client.close()
    print("\n".join(verdict.lines()))
    return 0 if verdict.sound else 1


if __name__ == "__main__":
    sys.exit(main())
