"""Requests to servers of others: shared links, images, webhooks.

`Fetcher` is led nowhere that none of ours may go; `network` has these rules.
"""

from typing import TYPE_CHECKING

from keepsake.facade import lazily

if TYPE_CHECKING:
    from keepsake.outbound.errors import FetchError, Forbidden, LinkAway, Unreachable
    from keepsake.outbound.fetcher import Answer, FetchBounds, FetchedPage, Fetcher
    from keepsake.outbound.network import destination, with_port
    from keepsake.outbound.settings import OutboundSettings

__all__ = [
    "Answer", "FetchBounds", "FetchError", "FetchedPage", "Fetcher", "Forbidden", "LinkAway",
    "OutboundSettings", "Unreachable", "destination", "with_port",
]  # fmt: skip
_HOMES = {
    "errors": ("FetchError", "Forbidden", "LinkAway", "Unreachable"),
    "fetcher": ("Answer", "FetchBounds", "FetchedPage", "Fetcher"),
    "network": ("destination", "with_port"),
    "settings": ("OutboundSettings",),
}

__getattr__ = lazily(__name__, {name: module for module, names in _HOMES.items() for name in names})
