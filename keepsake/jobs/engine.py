"""The job engine's parts over one database."""

from dataclasses import dataclass

from pymongo.database import Database

from keepsake.jobs.acceptance import Acceptance
from keepsake.jobs.change_feed import Missed
from keepsake.jobs.claims import Claims
from keepsake.jobs.control import Bulk, Control
from keepsake.jobs.dead_letters import DeadLetterStore, Letters, Replays
from keepsake.jobs.drafts import KeySlots
from keepsake.jobs.erasure import Erasing
from keepsake.jobs.fair_scheduler import FairScheduler
from keepsake.jobs.job_types import Registry
from keepsake.jobs.leases import WorkerLeases
from keepsake.jobs.listing import LaneJobs, Listing
from keepsake.jobs.operator_listing import OperatorListing
from keepsake.jobs.queues import Overview, QueueSwitches
from keepsake.jobs.records import Records
from keepsake.jobs.scheduled import Scheduled
from keepsake.jobs.schedules import Schedules
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.timeline import Timeline
from keepsake.jobs.waits import Waits
from keepsake.storage import Document


@dataclass(frozen=True, slots=True)
class Engine:
    """What web and workers share."""

    types: Registry
    settings: JobSettings
    records: Records
    acceptance: Acceptance
    key_slots: KeySlots
    claims: Claims
    control: Control
    dead_letters: DeadLetterStore
    leases: WorkerLeases
    letters: Letters
    replays: Replays
    listing: Listing
    operator_listing: OperatorListing
    bulk: Bulk
    erasing: Erasing
    missed: Missed
    queues: QueueSwitches
    overview: Overview
    waits: Waits
    timeline: Timeline
    lane_jobs: LaneJobs
    scheduler: FairScheduler
    scheduled: Scheduled
    schedules: Schedules

    @classmethod
    def over(
        cls,
        database: Database[Document],
        types: Registry,
        settings: JobSettings | None = None,
    ) -> "Engine":
        """Build the engine over a database.

        types: those that this version knows; jobs of others it leaves alone.
        """
        settings = settings or JobSettings()
        records = Records(database, types, settings)
        acceptance = Acceptance(records)
        control, listing = Control(records), Listing(records)
        overview = Overview(records)
        operator_listing = OperatorListing(records, listing)
        leases, queues = WorkerLeases(records), QueueSwitches(records)
        letters, replays = Letters(records), Replays(records, acceptance)
        return cls(
            types=types,
            settings=settings,
            records=records,
            acceptance=acceptance,
            key_slots=KeySlots(records),
            claims=Claims(records),
            control=control,
            dead_letters=DeadLetterStore(records),
            leases=leases,
            letters=letters,
            replays=replays,
            listing=listing,
            operator_listing=operator_listing,
            bulk=Bulk(operator_listing, letters, control, replays),
            erasing=Erasing(records, control),
            missed=Missed(records),
            queues=queues,
            overview=overview,
            timeline=Timeline(records, overview),
            waits=Waits(records, leases, queues),
            lane_jobs=LaneJobs(records),
            scheduler=FairScheduler(records),
            scheduled=Scheduled(records, listing),
            schedules=Schedules(records, acceptance),
        )
