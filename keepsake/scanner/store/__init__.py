"""Indexes in MongoDB: repositories, published indexes, files by generation, blobs by content.

A file row is visible in the generations from `born` to before `died`. A published index names its
current generation, so publishing is one compare-and-set and a rescan writes only what changed.
What is parsed belongs to a blob of a repository, so branches share what is equal.
"""

from collections.abc import Callable
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from keepsake.storage import Document, Fence, Index, translated

REPOSITORIES = "code_repositories"
PUBLISHED = "code_indexes"
FILES = "code_files"
BLOBS = "code_blobs"
SOURCES = "code_sources"
VECTORS = "code_vectors"
SUMMARIES = "code_summaries"
HISTORY = "code_scans"
STARS = "code_stars"
HOOKS = "code_hooks"

SCHEMA = 2
"""Of repositories and published indexes. It grows with changes that older readers get wrong."""
RECORD_SCHEMAS = {REPOSITORIES: SCHEMA, PUBLISHED: SCHEMA}
_SCHEMAS = {"schema": SCHEMA}
REPOSITORY_READ: dict[str, Any] = {
    **_SCHEMAS,
    **{name: {"$type": "string"} for name in ("owner", "org", "repo", "url")},
    "shared_with": {"$type": "array"},
}
"""The filter of the repositories that this version can read."""
PUBLISHED_READ: dict[str, Any] = {
    **_SCHEMAS,
    **{name: {"$type": "string"} for name in ("repository", "owner", "branch", "current.commit")},
    "current.generation": {"$type": "number"},
    "current.published_at": {"$type": "date"},
}
"""The filter of the published indexes that this version can read."""

INDEXES: tuple[Index, ...] = (
    Index(REPOSITORIES, "by_owner", (("owner", 1), ("org", 1), ("repo", 1))),
    Index(REPOSITORIES, "recount", (("recount_at", 1),)),
    Index(REPOSITORIES, "by_share", (("shared_with", 1), ("org", 1), ("repo", 1))),
    Index(PUBLISHED, "by_repository", (("repository", 1), ("branch", 1)), {"unique": True}),
    Index(FILES, "by_path", (("index", 1), ("path", 1), ("born", 1)), {"unique": True}),
    Index(FILES, "by_generation", (("index", 1), ("born", 1), ("path", 1))),
    Index(FILES, "by_end", (("index", 1), ("died", 1))),
    Index(FILES, "by_key", (("key", 1), ("index", 1))),
    Index(FILES, "by_repository", (("repository", 1),)),
    Index(SOURCES, "by_repository", (("repository", 1),)),
    Index(BLOBS, "by_name", (("repository", 1), ("names", 1))),
    Index(BLOBS, "by_call", (("repository", 1), ("calls.name", 1))),
    Index(BLOBS, "by_use", (("repository", 1), ("uses.name", 1))),
    Index(
        BLOBS,
        "by_rename",
        (("repository", 1), ("renames.name", 1)),
        {"partialFilterExpression": {"renames.name": {"$exists": True}}},
    ),
    Index(BLOBS, "by_import", (("repository", 1), ("tails", 1))),
    Index(
        BLOBS,
        "unparsed",
        (("repository", 1), ("unparsed", 1)),
        {"partialFilterExpression": {"unparsed": {"$exists": True}}},
    ),
    Index(
        BLOBS,
        "failed",
        (("repository", 1), ("failed", 1)),
        {"partialFilterExpression": {"failed": {"$exists": True}}},
    ),
    Index(VECTORS, "by_key", (("repository", 1), ("model", 1), ("key", 1), ("part", 1))),
    Index(SUMMARIES, "by_key", (("repository", 1), ("model", 1), ("key", 1))),
    Index(STARS, "by_repository", (("repository", 1),)),
    Index(HOOKS, "by_owner", (("owner", 1), ("_id", 1))),
    Index(HISTORY, "recent", (("machine", 1), ("at", -1))),
    Index(HISTORY, "expires", (("at", 1),), {"expireAfterSeconds": 180 * 86_400}),
)


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
