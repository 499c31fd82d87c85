"""A repository of many small files, and the documents that a scan makes of it."""

from typing import Any

from pymongo.database import Database

from keepsake.storage.mongo import Document

CONTENT = (
    "code_files", "code_blobs", "code_sources", "code_vectors", "code_summaries", "code_indexes",
)  # fmt: skip
_PUBLISHED_AT = {"current.published_at": 0}


def many_files(count: int = 40, classes: int = 4, change: str = "") -> dict[str, str | bytes]:
    """Modules of a function and some classes, no two with the same text."""
    return {
        f"pkg{n % 5}/m{n}.py": "import os\nimport re\nimport sys\n\n"
        f"def f{n}{change}(x):\n    return g{n}(x)\n\n"
        + "".join(f"class C{n}_{k}:\n    def m(self):\n        f{n}(1)\n" for k in range(classes))
        for n in range(count)
    }


def content(database: Database[Document]) -> dict[str, list[dict[str, Any]]]:
    """All that indexes hold, by collection: also what their heads count, but not when."""
    return {name: list(database[name].find({}, _PUBLISHED_AT).sort("_id", 1)) for name in CONTENT}
