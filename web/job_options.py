"""What a client may say of any job beside what is to be done."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from keepsake.jobs import Priority
from keepsake.storage import NAME_MOST, BoundedName, LengthFirst, Moment, NamedPair

LABELS_MOST = 16
PRIORITY = "`bulk` starts after what is `interactive`, whoever's it is, and never starves"
_AHEAD_DAYS = 30
_CHARACTERS, _VALUE_MOST = r"[\w.-]", 256
LabelPair = Annotated[
    str,
    Field(max_length=NAME_MOST + 1 + _VALUE_MOST, examples=["team:cli"]),
    NamedPair(_CHARACTERS),
]
"""A label as a filter names it: `name:value`. A name has no colon; a value may have some."""


Labels = Annotated[
    dict[
        Annotated[str, BoundedName(_CHARACTERS)],
        Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=_VALUE_MOST)],
    ],
    Field(
        max_length=LABELS_MOST,
        description="Words of your own to find the job by; they come back with it",
    ),
    LengthFirst(),
]
"""A client's own words for a job."""


def _not_too_late(moment: datetime) -> datetime:
    if moment > datetime.now(UTC) + timedelta(days=_AHEAD_DAYS):
        raise ValueError(f"must lie within {_AHEAD_DAYS} days")
    return moment


class JobOptions(BaseModel):
    """How a job is named by its client, and when it is due.

    Labels and priority are no part of what an idempotency key compares: what is done is the same.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    labels: Labels = {}
    run_at: Annotated[Moment, AfterValidator(_not_too_late)] | None = Field(
        default=None,
        description="When to run it, within 30 days; at once when null, or when it has passed",
    )

    @property
    def chosen_priority(self) -> Priority | None:
        """The priority that the job is to have; None for its type's."""
        return None

    @property
    def exempt(self) -> bool:
        """Whether it says nothing about how much is asked for at once: it is bulk, or for later."""
        later = self.run_at is not None and self.run_at > datetime.now(UTC)
        return later or self.chosen_priority is Priority.BULK


class PriorityOption(JobOptions):
    """How a job is named by its client, when it is due, and whom it keeps waiting."""

    priority: Priority = Field(default=Priority.INTERACTIVE, description=PRIORITY)

    @property
    def chosen_priority(self) -> Priority | None:
        """As said, or the default of the body."""
        return self.priority


PLAIN = JobOptions()
"""Of a client that says nothing more."""
OPTIONS = {*PriorityOption.model_fields}
"""The fields of a body that are no part of the payload."""
