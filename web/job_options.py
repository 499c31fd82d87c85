"""What a client may say of any job beside what is to be done."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from keepsake.storage import LengthFirst

LABELS_MOST = 16
_NAME, _VALUE, _VALUE_MOST = r"[\w.-]{1,64}", r"[^\x00-\x1f\x7f]*", 256
LabelPair = Annotated[
    str,
    Field(pattern=f"^{_NAME}:{_VALUE}$", max_length=65 + _VALUE_MOST, examples=["team:cli"]),
]
"""A label as a filter names it: `name:value`. A name has no colon; a value may have some."""


class JobOptions(BaseModel):
    """How a job is named by its client; none of it is part of what an idempotency key compares."""

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


PLAIN = JobOptions()
"""Of a client that says nothing more."""
OPTIONS = {*JobOptions.model_fields}
"""The fields of a body that are no part of the payload."""
