"""Images of turns, as a vision model is shown them."""

import base64

from keepsake.inference import ModelUnusable
from keepsake.outbound import FetchBounds, Fetcher, FetchError

_IMAGE_BYTES = 5 << 20


class Images:
    """Turns what a turn gives as its image into a data URI.

    A vision model is shown an image itself, never a link: its server may stand inside our network,
    and a link that it followed could reach what only insiders may.
    """

    def __init__(self, fetcher: Fetcher | None = None) -> None:
        self._fetcher = fetcher or Fetcher(FetchBounds(most_bytes=_IMAGE_BYTES, seconds=10))

    def shown(self, url: str) -> str:
        """The image as a data URI.

        Raises:
            ModelUnusable: There is none to be shown; the message names no host.
        """
        shown = url if url.startswith("data:") else self._read(url)
        if not shown.startswith("data:image/"):
            raise ModelUnusable("what was given as an image is none")
        return shown

    def _read(self, url: str) -> str:
        try:
            page = self._fetcher.fetch(url)
        except FetchError as error:
            raise ModelUnusable(f"the image was not read: {error}") from None
        return f"data:{page.media_type};base64,{base64.b64encode(page.content).decode()}"
