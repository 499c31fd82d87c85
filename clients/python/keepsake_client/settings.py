"""The variables of the client. A server on the same machine leaves them alone."""

URL = "KEEPSAKE_URL"
"""Where the service is."""
API_KEY = "KEEPSAKE_API_KEY"
"""The key that is sent with each request."""
API_KEY_FILE = API_KEY + "_FILE"
"""The file that holds the key, for the command line."""
PROFILE = "KEEPSAKE_PROFILE"
"""Which profile of its file the command line uses."""


def variables() -> tuple[str, ...]:
    """Their names: the client's entry point of the group `keepsake.settings`."""
    return URL, API_KEY, API_KEY_FILE, PROFILE
