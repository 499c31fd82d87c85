"""What an attempt does: one thumbnail after the other, with a checkpoint after each."""

import base64
from typing import Any

from pymongo.client_session import ClientSession

from keepsake.jobs import Attempt, Resources, Undone
from thumbnails.job_types import Picture

COLLECTION = "thumbnails"


def make(attempt: Attempt, picture: Picture, resources: Resources) -> dict[str, Any]:
    """Store a thumbnail of each width. What an earlier attempt has done is not done again."""
    pixels, width, height = read(base64.b64decode(picture.pgm))
    for wanted in attempt.steps(picture.widths, stage="scale", unit="thumbnails"):
        _store(attempt, resources, wanted, scaled(pixels, width, height, wanted))
    return {"widths": picture.widths}


def _store(attempt: Attempt, resources: Resources, width: int, pgm: bytes) -> None:
    """Write under the fence: an attempt that has lost its lease writes nothing."""
    key = {"_id": f"{attempt.job_id}:{width}"}
    fields = {"owner": attempt.owner, "job": attempt.job_id, "pgm": pgm, "width": width}

    def together(session: ClientSession) -> None:
        attempt.assert_owned(session)
        change = {"$set": fields, "$inc": {"times": 1}}
        resources.database[COLLECTION].update_one(key, change, upsert=True, session=session)

    with resources.database.client.start_session() as session:
        session.with_transaction(together)


def with_width(thumbnail: dict[str, Any]) -> dict[str, Any]:
    """What makes a thumbnail say its width, which stood in its id alone."""
    return {"$set": {"width": int(thumbnail["_id"].rpartition(":")[2])}}


def remove(resources: Resources, owner: str, job_id: str) -> Undone:
    """Take back what a job stored."""
    gone = resources.database[COLLECTION].delete_many({"owner": owner, "job": job_id})
    return Undone(removed=gone.deleted_count)


def read(pgm: bytes) -> tuple[bytes, int, int]:
    """The pixels, the width and the height of a binary PGM, without comments."""
    _, size, _, pixels = pgm.split(b"\n", 3)
    width, height = map(int, size.split())
    return pixels, width, height


def scaled(pixels: bytes, width: int, height: int, wanted: int) -> bytes:
    """A PGM of another width: of each block of pixels the first."""
    rows = max(height * wanted // width, 1)
    small = bytes(
        pixels[(row * height // rows) * width + column * width // wanted]
        for row in range(rows)
        for column in range(wanted)
    )
    return b"P5\n%d %d\n255\n" % (wanted, rows) + small
