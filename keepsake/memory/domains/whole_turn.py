"""The domains `summary` and `image`: the turn as it was said, and what was shown with it."""

import hashlib
from collections.abc import Iterator

from keepsake.memory.domains.declaration import Domain
from keepsake.memory.models import Candidate, Turn


def verbatim(turn: Turn) -> Candidate:
    """The turn itself, which is kept whatever becomes of the rest."""
    return Candidate(SUMMARY.name, turn.user_query)


def _images(turn: Turn) -> Iterator[Candidate]:
    """The image by reference: no model looked at it, so nothing is said of what it shows."""
    if turn.image_url:
        yield Candidate(IMAGE.name, f"Image {reference(turn.image_url)}")


def reference(image_url: str) -> str:
    """A URL as it is; of a data URI its type and the digest of its data."""
    if not image_url.startswith("data:"):
        return image_url
    kind = image_url[5:].split(",", 1)[0].split(";", 1)[0] or "text/plain"
    return f"({kind}, sha256 {hashlib.sha256(image_url.encode()).hexdigest()[:16]})"


SUMMARY = Domain(name="summary", reported=True)
"""What was said, verbatim (`verbatim`). It has the name by which XMem's clients ask for it."""
IMAGE = Domain(name="image", read_turn=_images, source="image", reported=True)
"""An image that was shown, by reference; described only by a vision model."""
