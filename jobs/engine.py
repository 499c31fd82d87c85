"""The job engine's parts over one database."""

from collections.abc import Mapping
from dataclasses import dataclass

from pymongo.database import Database

from jobs.accepting.acceptance import Acceptance
from jobs.accepting.backlog import Backlog
from jobs.listing import Listing
from jobs.policy import POLICIES, Policy
from jobs.records import Records
from jobs.recovery.dead_letters import DeadLetters
from jobs.recovery.letters import Letters
from jobs.recovery.replays import Replays
from jobs.running.claims import Claims
from jobs.running.leases import Leases
from jobs.running.turns import Turns
from jobs.settings import JobSettings
from jobs.steering.bulk import Bulk
from jobs.steering.control import Control
from jobs.steering.erasing import Erasing
from jobs.steering.queues import Queues
from jobs.watching.feed import Missed
from jobs.watching.overview import Overview
from jobs.watching.scans import Scans
from storage.mongo import Document


@dataclass(frozen=True, slots=True)
class Engine:
    """What web and workers share."""

    settings: JobSettings
    records: Records
    acceptance: Acceptance
    claims: Claims
    control: Control
    dead_letters: DeadLetters
    leases: Leases
    letters: Letters
    replays: Replays
    listing: Listing
    backlog: Backlog
    bulk: Bulk
    erasing: Erasing
    missed: Missed
    queues: Queues
    overview: Overview
    scans: Scans
    turns: Turns

    @classmethod
    def over(
        cls,
        database: Database[Document],
        settings: JobSettings | None = None,
        policies: Mapping[str, Policy] = POLICIES,
    ) -> "Engine":
        """Build the engine over a database.

        policies: of the types that this version knows; jobs of others it leaves alone.
        """
        settings = settings or JobSettings()
        records = Records(database, settings, policies)
        acceptance = Acceptance(records)
        control, listing = Control(records), Listing(records)
        letters, replays = Letters(records), Replays(records, acceptance)
        return cls(
            settings=settings,
            records=records,
            acceptance=acceptance,
            claims=Claims(records),
            control=control,
            dead_letters=DeadLetters(records),
            leases=Leases(records),
            letters=letters,
            replays=replays,
            listing=listing,
            backlog=Backlog(records),
            bulk=Bulk(listing, letters, control, replays),
            erasing=Erasing(records, control),
            missed=Missed(records),
            queues=Queues(records),
            overview=Overview(records),
            scans=Scans(records),
            turns=Turns(records),
        )
