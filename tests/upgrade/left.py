"""What a former version left in a database, and what has to become of it."""

from collections import Counter

import httpx

from keepsake.jobs.migration_requests import Migrations
from keepsake.jobs.migrations import MigrationStep
from keepsake.jobs.states import State
from keepsake.parts import job_types
from tests.upgrade import dump, story
from tests.upgrade.write_dump import MODEL, settings

ENDS = {
    "later": State.SCHEDULED,
    **dict.fromkeys(("cancelling", "cancelled"), State.CANCELLED),
    **dict.fromkeys(("given up", "given up again", "discarded"), State.DEAD_LETTER),
}
"""How jobs end, or stand; all others succeed."""
TURNS = {"batch": 4, "bulk": 3, "talk": 2, "running": 2, "retrying": 2, "undone": 0}
"""How many turns jobs remember; the others one."""
OTHERS = {"main", "more", "fact"}
"""Jobs that remember no turns."""


class Left:
    """What a former version left, in a database of its own, and what it said of that."""

    def __init__(self, database, site, directory) -> None:
        about = dump.about()
        places = {
            about["places"]["site"]: f"localhost:{site.server_port}",
            about["places"]["folder"]: str(directory),
        }
        dump.load(database, places)
        self.database, self.jobs = database, about["jobs"]
        self.answers = dump.moved(about["answers"], places)
        self.key = about["keys"][story.OWNER]
        self.commit = about["commit"]
        self.environment = {
            **settings(directory, f"localhost:{site.server_port}"), **MODEL,
            "KEEPSAKE_MONGO_DATABASE": database.name, "KEEPSAKE_SWEEP_SECONDS": "0.2",
            # A busy machine is to lose no lease: the test counts those.
            "KEEPSAKE_LEASE_SECONDS": "30", "KEEPSAKE_HEARTBEAT_SECONDS": "5",
        }  # fmt: skip

    def client(self, base_url: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=base_url, headers=headers, timeout=60, trust_env=False)

    def go_on(self, client: httpx.Client) -> None:
        """Do what nobody but the owner does."""
        for name, action in (("paused", "resume"), ("retrying", "retry")):
            client.post(f"/v1/jobs/{self.jobs[name]}:{action}").raise_for_status()

    def all_ended(self) -> bool:
        """Whether each job stands where it has to end."""
        states = {job["_id"]: job["state"] for job in self.database["jobs"].find({}, {"state": 1})}
        return all(states[job_id] == ENDS.get(name, State.SUCCEEDED)
                   for name, job_id in self.jobs.items())  # fmt: skip

    def turns(self) -> dict[str, int]:
        """How many turns each job that has succeeded has remembered."""
        turns = self.database["memories"].find({"kind": "turn"}, {"provenance.job_id": 1})
        by_job = Counter(turn["provenance"]["job_id"] for turn in turns)
        return {name: by_job[self.jobs[name]] for name in self.jobs.keys() - ENDS.keys() - OTHERS}

    def missing(self, client: httpx.Client) -> list[str]:
        """What is answered otherwise than by the former version, at that time."""
        ended = [path.split("/")[3] for path in self.answers if path.endswith("/attempts")]
        return story.missing(self.answers, story.answers(client, ended))

    def wrong(self) -> dict[str, int]:
        """The jobs that remembered another number of turns than they should have."""
        return {name: n for name, n in self.turns().items() if n != TURNS.get(name, 1)}

    def migrated(self, step: MigrationStep) -> bool:
        """Whether a step of all migrations is done."""
        return not Migrations(self.database, job_types()).before(step)
