"""The job engine: jobs are accepted, claimed, fenced, retried and ended. Knows no HTTP, no broker.

`Engine.over(database, registry)` is all of it over one database. A package that adds a job type
needs `JobType`, `Queue`, `Limits`, `Attempt`, `Resources` and `NewJob`; its tests need
`keepsake.jobs.testing`. Others import from here; the modules of the package are its own.
"""

from typing import TYPE_CHECKING

from keepsake.facade import lazily

if TYPE_CHECKING:
    from keepsake.jobs.acceptance import Acceptance, GroupCommit
    from keepsake.jobs.attempt import Attempt, Progress, delay_seconds
    from keepsake.jobs.batched_claims import BatchedClaims
    from keepsake.jobs.change_feed import Change, Feed, Interests
    from keepsake.jobs.child import run_in_child
    from keepsake.jobs.claim_batch import ClaimRequest, LeftToThread, NotRecorded
    from keepsake.jobs.claims import UNSTORABLE, Claims, OnEnded
    from keepsake.jobs.control import Control
    from keepsake.jobs.dead_letters import LetterGroup
    from keepsake.jobs.drafts import checked_key, fingerprint, lane_name
    from keepsake.jobs.engine import Engine
    from keepsake.jobs.errors import (
        CancelRequested,
        CredentialGone,
        CredentialRefused,
        DeadLetterClosed,
        Failure,
        HandBack,
        IllegalMove,
        JobError,
        JobNotFound,
        KeyMalformed,
        KeyReused,
        LeaseLost,
        Misfit,
        Outage,
        PauseRequested,
        Permanent,
        ScheduleNotFound,
        Stop,
        TimeLimitReached,
        Transient,
    )
    from keepsake.jobs.expressions import STATE_HISTORY_KEPT
    from keepsake.jobs.indexes import JOBS, job_indexes
    from keepsake.jobs.job import Accepted, Claim, Job, NewJob
    from keepsake.jobs.job_types import (
        JobType,
        Limits,
        Priority,
        Queue,
        Registry,
        Resources,
        TakeBack,
        Undone,
        WarmUp,
        Work,
        installed_job_types,
        loaded,
    )
    from keepsake.jobs.known import RECORD_SCHEMAS
    from keepsake.jobs.leases import LeaseStatus, WorkerLeases
    from keepsake.jobs.listing import JobListPage, Listing, Place, Wanted
    from keepsake.jobs.migration_requests import (
        FormerWorkers,
        Migrations,
        MigrationState,
    )
    from keepsake.jobs.migrations import (
        ENGINE_INDEXES,
        Migration,
        MigrationStep,
        migration_type,
        migrations_of,
    )
    from keepsake.jobs.owner_rules import OwnerRule, OwnerRules
    from keepsake.jobs.queues import Paused
    from keepsake.jobs.records import Records
    from keepsake.jobs.relay import Relay
    from keepsake.jobs.restored import resume_restored
    from keepsake.jobs.roll_up import RollUp
    from keepsake.jobs.schedules import NewSchedule
    from keepsake.jobs.settings import JobSettings
    from keepsake.jobs.states import ENDED, UNFINISHED, State
    from keepsake.jobs.sweeper import Rewinding, Sweeper
    from keepsake.jobs.timeline import (
        MINUTES_MOST,
        LastLook,
        MinuteRow,
        OwnerRow,
        QueueLook,
        latency_seconds,
    )
    from keepsake.jobs.vault import Rewrapped, Vault, VaultClosed, VaultSettings
    from keepsake.jobs.waits import Ahead, Messages, Wait, WaitReason

__all__ = [
    "ENDED",
    "ENGINE_INDEXES",
    "JOBS",
    "MINUTES_MOST",
    "RECORD_SCHEMAS",
    "STATE_HISTORY_KEPT",
    "UNFINISHED",
    "UNSTORABLE",
    "Acceptance",
    "Accepted",
    "Ahead",
    "Attempt",
    "BatchedClaims",
    "CancelRequested",
    "Change",
    "Claim",
    "ClaimRequest",
    "Claims",
    "Control",
    "CredentialGone",
    "CredentialRefused",
    "DeadLetterClosed",
    "Engine",
    "Failure",
    "Feed",
    "FormerWorkers",
    "GroupCommit",
    "HandBack",
    "IllegalMove",
    "Interests",
    "Job",
    "JobError",
    "JobListPage",
    "JobNotFound",
    "JobSettings",
    "JobType",
    "KeyMalformed",
    "KeyReused",
    "LastLook",
    "LeaseLost",
    "LeaseStatus",
    "LeftToThread",
    "LetterGroup",
    "Limits",
    "Listing",
    "Messages",
    "Migration",
    "MigrationState",
    "MigrationStep",
    "Migrations",
    "MinuteRow",
    "Misfit",
    "NewJob",
    "NewSchedule",
    "NotRecorded",
    "OnEnded",
    "Outage",
    "OwnerRow",
    "OwnerRule",
    "OwnerRules",
    "PauseRequested",
    "Paused",
    "Permanent",
    "Place",
    "Priority",
    "Progress",
    "Queue",
    "QueueLook",
    "Records",
    "Registry",
    "Relay",
    "Resources",
    "Rewinding",
    "Rewrapped",
    "RollUp",
    "ScheduleNotFound",
    "State",
    "Stop",
    "Sweeper",
    "TakeBack",
    "TimeLimitReached",
    "Transient",
    "Undone",
    "Vault",
    "VaultClosed",
    "VaultSettings",
    "Wait",
    "WaitReason",
    "Wanted",
    "WarmUp",
    "Work",
    "WorkerLeases",
    "checked_key",
    "delay_seconds",
    "fingerprint",
    "installed_job_types",
    "job_indexes",
    "lane_name",
    "latency_seconds",
    "loaded",
    "migration_type",
    "migrations_of",
    "resume_restored",
    "run_in_child",
]  # fmt: skip
_HOMES = {
    "acceptance": ("Acceptance", "GroupCommit"),
    "attempt": ("Attempt", "Progress", "delay_seconds"),
    "batched_claims": ("BatchedClaims",),
    "change_feed": ("Change", "Feed", "Interests"),
    "child": ("run_in_child",),
    "claim_batch": ("ClaimRequest", "LeftToThread", "NotRecorded"),
    "claims": ("Claims", "OnEnded", "UNSTORABLE"),
    "control": ("Control",),
    "dead_letters": ("LetterGroup",),
    "engine": ("Engine",),
    "errors": (
        "CancelRequested", "CredentialGone", "CredentialRefused", "DeadLetterClosed", "Failure",
        "HandBack", "IllegalMove", "JobError", "JobNotFound", "KeyMalformed", "KeyReused",
        "LeaseLost", "Misfit", "Outage", "PauseRequested", "Permanent", "ScheduleNotFound", "Stop",
        "TimeLimitReached", "Transient",
    ),
    "expressions": ("STATE_HISTORY_KEPT",),
    "drafts": ("checked_key", "fingerprint", "lane_name"),
    "indexes": ("JOBS", "job_indexes"),
    "job": ("Accepted", "Claim", "Job", "NewJob"),
    "job_types": (
        "JobType", "Limits", "Priority", "Queue", "Registry", "Resources", "TakeBack", "Undone",
        "WarmUp", "Work", "installed_job_types", "loaded",
    ),
    "known": ("RECORD_SCHEMAS",),
    "leases": ("LeaseStatus", "WorkerLeases"),
    "listing": ("JobListPage", "Listing", "Place", "Wanted"),
    "migration_requests": ("FormerWorkers", "MigrationState", "Migrations"),
    "migrations": (
        "ENGINE_INDEXES", "Migration", "MigrationStep", "migration_type", "migrations_of",
    ),
    "owner_rules": ("OwnerRule", "OwnerRules"),
    "queues": ("Paused",),
    "records": ("Records",),
    "relay": ("Relay",),
    "restored": ("resume_restored",),
    "roll_up": ("RollUp",),
    "schedules": ("NewSchedule",),
    "settings": ("JobSettings",),
    "states": ("ENDED", "State", "UNFINISHED"),
    "sweeper": ("Rewinding", "Sweeper"),
    "timeline": (
        "MINUTES_MOST", "MinuteRow", "OwnerRow", "QueueLook", "LastLook", "latency_seconds",
    ),
    "vault": ("Rewrapped", "Vault", "VaultClosed", "VaultSettings"),
    "waits": ("Ahead", "Messages", "Wait", "WaitReason"),
}  # fmt: skip

__getattr__ = lazily(__name__, {name: module for module, names in _HOMES.items() for name in names})
