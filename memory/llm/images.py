"""What a vision model is shown: an image itself, never a link.

The model's server may stand inside our network, so a link that it followed could reach what only
insiders may: links are read here, by the rules of `memory.links.fetch`.
"""

import base64

from memory.errors import FetchError
from memory.links.fetch import Bounds, Fetcher

_MOST_BYTES = 5 << 20
_IMAGE = "image/"


class Images:
    """Turns what a turn gives as its image into a data URI."""

    def __init__(self, fetcher: Fetcher | None = None) -> None:
        self._fetcher = fetcher or Fetcher(Bounds(most_bytes=_MOST_BYTES, seconds=10))

    def shown(self, url: str) -> str | None:
        """The image as a data URI; None when there is none to be shown."""
        if url.startswith("data:"):
            return url if url.startswith(f"data:{_IMAGE}") else None
        try:
            page = self._fetcher.fetch(url)
        except FetchError:
            return None
        if not page.media_type.startswith(_IMAGE):
            return None
        return f"data:{page.media_type};base64,{base64.b64encode(page.content).decode()}"
