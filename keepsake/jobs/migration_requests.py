"""How far migrations are, and the jobs that take them further."""

from dataclasses import dataclass

from pymongo.database import Database

from keepsake.jobs.acceptance import Acceptance
from keepsake.jobs.drafts import lane_name
from keepsake.jobs.job import UNLISTED, Job, NewJob
from keepsake.jobs.job_types import Registry
from keepsake.jobs.leases import WorkerLeases
from keepsake.jobs.migrations import MIGRATIONS, Migration, MigrationStep, migrations_of
from keepsake.jobs.records import Records
from keepsake.storage import Document, indexes_there, translated

SERVICE_OWNER = "(service)"
"""Whose these jobs are; no key may be of an owner with such a name."""
_LANE = lane_name("migrations", SERVICE_OWNER)
"""One migration runs at a time."""


class FormerWorkers(Exception):
    """Workers of a former version live; what they read by cannot be taken away."""


@dataclass(frozen=True, slots=True)
class MigrationState:
    """How far a migration is. job: its newest one, as long as that is kept."""

    name: str
    done: MigrationStep | None
    job: Job | None


class Migrations:
    """The migrations among the job types that are known here."""

    def __init__(self, database: Database[Document], types: Registry) -> None:
        records = Records(database, types)
        self._database = database
        self._jobs = records.jobs
        self._migrations = migrations_of(types)
        self._acceptance = Acceptance(records)
        self._leases = WorkerLeases(records)

    def states(self) -> list[MigrationState]:
        """How far each is, in the order of their declarations.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("reading migrations"):
            noted = {each["_id"]: each for each in self._database[MIGRATIONS].find()}
            return [
                MigrationState(name, _done(noted.get(name, {})), self._newest(name))
                for name in self._migrations
            ]

    def before(self, step: MigrationStep) -> list[str]:
        """Which migrations have a step before them, by name.

        In a database in which nothing was ever there for them they are noted as finished.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        order = [None, *MigrationStep]
        names = [state.name for state in self.states()
                 if order.index(state.done) < order.index(step)]  # fmt: skip
        if names and not self._leases.any():
            names = [name for name in names if not self._is_new(name, self._migrations[name])]
        return names

    def request(self, step: MigrationStep) -> list[str]:
        """Ask for a job of each migration that has this step before it; their names.

        A job that has not ended answers for a new one.

        Raises:
            FormerWorkers: It is the last step, and a worker of a former version lives.
            StorageUnavailable: MongoDB does not answer.
        """
        asked = self.before(step)
        if step is MigrationStep.FINISH:
            self._refuse_former(asked)
        for name in asked:
            self._acceptance.accept(
                NewJob(type=name, owner=SERVICE_OWNER, payload={"step": str(step)},
                       lane=_LANE, anew=True)
            )  # fmt: skip
        return asked

    def _newest(self, name: str) -> Job | None:
        which = {"owner": SERVICE_OWNER, "type": name}
        newest = self._jobs.find(which, UNLISTED).sort([("created_at", -1), ("_id", -1)]).limit(1)
        return next(map(Job, newest), None)

    def _is_new(self, name: str, migration: Migration) -> bool:
        """Note a migration as finished if there is nothing that it could be about."""
        with translated("reading migrations"):
            if self._database[migration.collection].find_one({}, {"_id": 1}) is not None:
                return False
            if indexes_there(self._database, migration.former_indexes):
                return False
            change = [{"$set": {str(MigrationStep.FINISH): {"at": "$$NOW"}}}]
            self._database[MIGRATIONS].update_one({"_id": name}, change, upsert=True)
        return True

    def _refuse_former(self, names: list[str]) -> None:
        former = sorted({worker for name in names for worker in self._leases.without(name)})
        if former:
            raise FormerWorkers(f"workers of a former version live: {', '.join(former)}")


def _done(noted: Document) -> MigrationStep | None:
    """The last step that is done."""
    return next((step for step in reversed(MigrationStep) if step in noted), None)
