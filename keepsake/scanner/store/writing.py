"""Writes that commit only while their attempt owns its job."""

from collections.abc import Callable

from pymongo.client_session import ClientSession
from pymongo.database import Database

from keepsake.storage.errors import translated
from keepsake.storage.fence import Fence
from keepsake.storage.mongo import Document


def fenced(
    database: Database[Document], fence: Fence, action: str, write: Callable[[ClientSession], None]
) -> None:
    """Run the writes in one transaction with the fence.

    Raises:
        Exception: What the fence raises when the lease is lost; nothing is written then.
        StorageUnavailable: MongoDB does not answer; nothing or all is written.
    """

    def together(session: ClientSession) -> None:
        fence.assert_owned(session)
        write(session)

    with translated(action), database.client.start_session() as session:
        session.with_transaction(
            together, read_concern=database.read_concern, write_concern=database.write_concern
        )
