"""What a client may say of any job beside what is to be done."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from keepsake.storage import LengthFirst, Moment

LABELS_MOST = 16
_AHEAD_DAYS = 30
_NAME, _VALUE, _VALUE_MOST = r"[\w.-]{1,64}", r"[^\x00-\x1f\x7f]*", 256
LabelPair = Annotated[
    str,
    Field(pattern=f"^{_NAME}:{_VALUE}$", max_length=65 + _VALUE_MOST, examples=["team:cli"]),
]
"""A label as a filter names it: `name:value`. A name has no colon; a value may have some."""


def _not_too_late(moment: datetime) -> datetime:
    if moment > datetime.now(UTC) + timedelta(days=_AHEAD_DAYS):
        raise ValueError(f"must lie within {_AHEAD_DAYS} days")
    return moment


class JobOptions(BaseModel):
    """How a job is named by its client, and when it is due.

    Labels are no part of what an idempotency key compares: they do not change what is done.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    labels: Annotated[
        dict[
            Annotated[str, Field(pattern=f"^{_NAME}$")],
            Annotated[str, Field(pattern=f"^{_VALUE}$", max_length=_VALUE_MOST)],
        ],
        Field(
            max_length=LABELS_MOST,
            description="Words of your own to find the job by; they come back with it",
        ),
        LengthFirst(),
    ] = {}
    run_at: Annotated[Moment, AfterValidator(_not_too_late)] | None = Field(
        default=None,
        description="When to run it, within 30 days; at once when null, or when it has passed",
    )

    @property
    def later(self) -> bool:
        """Whether it is not due yet, as far as this host's clock says."""
        return self.run_at is not None and self.run_at > datetime.now(UTC)


PLAIN = JobOptions()
"""Of a client that says nothing more."""
OPTIONS = {*JobOptions.model_fields}
"""The fields of a body that are no part of the payload."""
