"""What operators may set of requests to other servers."""

from keepsake.storage import Audience, Settings


class OutboundSettings(Settings):
    """Which hosts may be asked though they are not public."""

    audience = Audience.MEMORY

    link_hosts: frozenset[str] = frozenset()
    """Hosts of your own, as `["chat.example.org:8443"]`, that shared links and images may come from
    and webhooks may go to though they are not public."""
