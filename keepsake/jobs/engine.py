"""The job engine's parts over one database."""

from collections.abc import Mapping
from dataclasses import dataclass

from pymongo.database import Database

from keepsake.jobs.accepting.acceptance import Acceptance
from keepsake.jobs.accepting.backlog import Backlog
from keepsake.jobs.control.actions import Control
from keepsake.jobs.control.bulk import Bulk
from keepsake.jobs.control.erasure import Erasing
from keepsake.jobs.control.queues import Queues
from keepsake.jobs.listing import Listing
from keepsake.jobs.policy import POLICIES, Policy
from keepsake.jobs.queries.change_feed import Missed
from keepsake.jobs.queries.overview import Overview
from keepsake.jobs.queries.scans import Scans
from keepsake.jobs.records import Records
from keepsake.jobs.recovery.dead_letters import DeadLetters
from keepsake.jobs.recovery.letters import Letters
from keepsake.jobs.recovery.replays import Replays
from keepsake.jobs.running.claims import Claims
from keepsake.jobs.running.fair_scheduler import FairScheduler
from keepsake.jobs.running.leases import Leases
from keepsake.jobs.settings import JobSettings
from keepsake.storage.mongo import Document


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
    scheduler: FairScheduler

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
            scheduler=FairScheduler(records),
        )
