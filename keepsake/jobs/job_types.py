"""What a kind of job is: one declaration, from which all else derives, and the registry of them.

Also what the work of all kinds shares in a process.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import entry_points
from pkgutil import resolve_name
from threading import RLock
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

from pydantic import BaseModel
from pymongo.database import Database

from keepsake.storage import Document

T = TypeVar("T")


class Resources:
    """The services of one process over one database, each built when it is first asked for."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database
        self._built: dict[Callable[..., Any], Any] = {}
        self._lock = RLock()  # a service may ask for others while it is built

    def of(self, factory: Callable[["Resources"], T]) -> T:
        """The service that a factory makes; the same for all who name this factory."""
        with self._lock:
            if factory not in self._built:
                self._built[factory] = factory(self)
            return cast("T", self._built[factory])


if TYPE_CHECKING:
    from keepsake.jobs.attempt import Attempt

P = TypeVar("P", bound=BaseModel)
ENTRY_POINTS = "keepsake.job_types"
"""The group under which a package names its job types."""
_PREFIX = "keepsake."
"""RabbitMQ's user has rights to no queue of another name."""


class Priority(StrEnum):
    """Whom a job keeps waiting. Within a lane it changes nothing."""

    INTERACTIVE = "interactive"
    BULK = "bulk"
    """Starts after what is interactive, yet has a share of all starts."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A RabbitMQ queue. Its name begins with `keepsake.`.

    overflow: whether there is a second queue for the notifications of bulk jobs, and of owners with
    many unfinished ones. It is for short jobs: one that hands back after each slice waits for its
    turn each time.
    """

    name: str
    overflow: bool = False

    @property
    def overflow_name(self) -> str | None:
        """The queue that workers serve last, if there is one."""
        return f"{self.name}.overflow" if self.overflow else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how often jobs of a type are tried.

    attempt_seconds bounds one claimed execution, total_seconds the job's life until it is given
    up; a slice hands the job back after slice_seconds at its next checkpoint. Backoff before the
    n-th retry is drawn from 0 to min(backoff_max_seconds, backoff_base_seconds * 2**n); an outage
    counts its own, and bounds the job by total_seconds alone.
    """

    max_attempts: int
    attempt_seconds: float
    total_seconds: float
    slice_seconds: float
    backoff_base_seconds: float = 2
    backoff_max_seconds: float = 600


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: things that went, that hold again, and that stay for another reason."""

    removed: int = 0
    reopened: int = 0
    kept: int = 0

    def plus(self, other: "Undone") -> "Undone":
        """Both together."""
        return Undone(
            self.removed + other.removed,
            self.reopened + other.reopened,
            self.kept + other.kept,
        )


Work: TypeAlias = Callable[["Attempt", P, Resources], Any]
"""What an attempt does. It returns the job's result, a JSON value."""
TakeBack = Callable[[Resources, str, str], Undone]
"""Takes back what an ended job (owner, job id) did; a repeat changes nothing."""
WarmUp = Callable[[Resources], None]
"""Loads what the work needs of models, lists and connections. It asks no database."""
Hindrance = Callable[[Database[Document], str, Mapping[str, Any], str | None], str | None]
"""Why a job of an owner's with a payload and a credential would be in vain now; None if it is
not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobType(Generic[P]):
    """A kind of job, declared beside its work.

    `work`, `warm_up`, `hindrance`, `undo` and `router` may be `module:name`: imported where they
    are needed, so that a web process loads none of what only the work needs.

    payload: what is stored of a request; an attempt whose job does not fit it is given up.
    warm_up: called before a worker takes jobs of the type's queue, so that the first takes no
    longer than others.
    scope: the scope that an API key needs, to make such a job and to act on it.
    subjects: the fields of the payload that say whose data it is about, in MongoDB's notation;
    erasure looks there.
    hindrance: what is asked before a schedule makes such a job; an occurrence that would be in vain
    is left out.
    undo: None if its effects cannot be taken back; undo_hint says what to do instead.
    shown: the fields of the payload that lists may show.
    may_be_overtaken: whether later jobs of a lane may run while one waits for its retry. Otherwise
    the whole lane waits for it.
    newest_of_lane: whether lists ask for the newest job of a lane; then an index serves that.
    router: routes of the type's own, a FastAPI router. stores: whether its jobs add to what their
    owner stores: who stores as much as it may gets none accepted.
    priority: that of its jobs, unless a request says another.
    """

    name: str
    queue: Queue
    payload: type[P]
    work: Work[P] | str
    limits: Limits
    scope: str
    warm_up: WarmUp | str | None = None
    subjects: tuple[str, ...] = ()
    hindrance: Hindrance | str | None = None
    undo: TakeBack | str | None = None
    undo_hint: str = "What it did cannot be taken back."
    shown: tuple[str, ...] = ()
    may_be_overtaken: bool = False
    newest_of_lane: bool = False
    router: Any = None
    stores: bool = False
    priority: Priority = Priority.INTERACTIVE


class Registry(Mapping[str, JobType[Any]]):
    """The job types that a process knows, by name. Jobs of others it leaves alone."""

    def __init__(self, types: Iterable[JobType[Any]]) -> None:
        """Collect job types.

        Raises:
            ValueError: Two have one name, two queues of one name differ, or RabbitMQ would refuse
                a queue.
        """
        self._types: dict[str, JobType[Any]] = {}
        self._queues: dict[str, Queue] = {}
        for job_type in types:
            if job_type.name in self._types:
                raise ValueError(f"two job types are named {job_type.name}")
            if not job_type.queue.name.startswith(_PREFIX):
                raise ValueError(f"the name of a queue begins with {_PREFIX}")
            if self._queues.setdefault(job_type.queue.name, job_type.queue) != job_type.queue:
                raise ValueError(f"two queues are named {job_type.queue.name}")
            self._types[job_type.name] = job_type
        self.overflow = {
            queue.name: queue.overflow_name
            for queue in self._queues.values()
            if queue.overflow_name is not None
        }
        """The overflow queue of each queue that has one."""
        self._fronts = {overflow: queue for queue, overflow in self.overflow.items()}

    def __getitem__(self, name: str) -> JobType[Any]:
        return self._types[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)

    @property
    def queues(self) -> tuple[str, ...]:
        """The names of all queues, without their overflow queues."""
        return tuple(self._queues)

    @property
    def consumed(self) -> tuple[str, ...]:
        """The names of all queues that a worker consumes."""
        return (*self._queues, *self.overflow.values())

    def front(self, queue: str) -> str:
        """The queue that an overflow queue belongs to; any other is its own."""
        return self._fronts.get(queue, queue)

    @property
    def subjects(self) -> tuple[str, ...]:
        """The fields of payloads that say whose data a job is about."""
        return tuple(
            dict.fromkeys(field for job_type in self.values() for field in job_type.subjects)
        )

    @property
    def scopes(self) -> tuple[str, ...]:
        """What keys have to be good for."""
        return tuple(dict.fromkeys(job_type.scope for job_type in self.values()))

    def routers(self) -> list[Any]:
        """The routers of the types that have one; of several types that share one, once."""
        declared = dict.fromkeys(job_type.router for job_type in self.values() if job_type.router)
        return [loaded(router) for router in declared]


def loaded(reference: Any) -> Any:
    """What a declaration names: a thing itself, or where it is, as `module:name`."""
    return resolve_name(reference) if isinstance(reference, str) else reference


def installed_job_types() -> list[JobType[Any]]:
    """The job types of installed packages, in the order of their names."""
    entries = sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name)
    return [entry.load() for entry in entries]
