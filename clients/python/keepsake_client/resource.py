"""What all resources of a client are: calls over one session."""

from typing import Any

from keepsake_client.session import Session


class Resource:
    """Some of the service's routes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __reduce__(self) -> Any:
        """A resource holds connections and a key: make a client in each process instead."""
        raise TypeError("a client's resources are not pickled; make a client in each process")
