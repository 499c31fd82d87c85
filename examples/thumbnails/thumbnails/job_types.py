"""The declarations: all that Keepsake has to know."""

import base64
import binascii
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from keepsake.jobs import JobType, Limits, Migration, Queue, migration_type


def _is_a_picture(text: str) -> str:
    try:
        head = base64.b64decode(text, validate=True)[:3]
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if head != b"P5\n":
        raise ValueError("not a binary PGM")
    return text


class Picture(BaseModel):
    """What is posted and stored: a grey picture, and how wide its thumbnails are to be."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    pgm: Annotated[str, AfterValidator(_is_a_picture)] = Field(max_length=1_000_000)
    widths: list[Annotated[int, Field(ge=1, le=1_000)]] = Field(min_length=1, max_length=20)
    user_id: str = Field(default="", max_length=256)


THUMBNAILS = JobType(
    name="thumbnails.make",
    queue=Queue("keepsake.thumbnails"),
    payload=Picture,
    work="thumbnails.work:make",
    limits=Limits(max_attempts=5, attempt_seconds=60, total_seconds=3_600, slice_seconds=20),
    scope="thumbnails",
    subjects=("user_id",),
    undo="thumbnails.work:remove",
    router="thumbnails.routes:router",
)
MIGRATE_WIDTHS = migration_type(
    "thumbnails.migrate_widths",
    THUMBNAILS.queue,
    Migration(
        collection="thumbnails",
        former={"width": None},
        change="thumbnails.work:with_width",
    ),
)
