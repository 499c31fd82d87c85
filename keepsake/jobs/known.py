"""Which records this version can work on; all others are another version's, and left alone."""

from collections.abc import Iterable

from keepsake.jobs.indexes import DEAD_LETTERS, JOBS
from keepsake.jobs.states import State
from keepsake.storage import Document

SCHEMA = 3
"""Of jobs and of dead letters. It grows with a change that an older reader would get wrong."""
RECORD_SCHEMAS = {JOBS: SCHEMA, DEAD_LETTERS: SCHEMA}
SCHEMAS: Document = {"schema": {"$in": [SCHEMA]}}
"""Records of a schema that is known. Those of before the first release are not."""
_SHAPE: dict[str, str] = {
    **dict.fromkeys(("owner", "queue", "lane"), "string"),
    **dict.fromkeys(("token", "failures", "revision"), "number"),
    **dict.fromkeys(("limits.max_attempts", "limits.attempt_seconds"), "number"),
    **dict.fromkeys(("created_at", "updated_at", "run_at", "deadline_at"), "date"),
    **dict.fromkeys(("attempts", "state_history"), "array"),
    "accepted": "timestamp",
}
"""The fields that a job cannot be run without, and their types in BSON."""


class Known:
    """Which jobs a process can work on: as a filter of queries, and as an expression.

    types: the names of the job types that are declared here.
    """

    def __init__(self, types: Iterable[str]) -> None:
        named = {"$in": sorted(types)}
        self.typed: Document = {"type": named, **SCHEMAS}
        """Unfinished jobs that concern this version; the indexes of relay and sweeper know both."""
        self.whole: Document = {
            **{name: {"$type": kind} for name, kind in _SHAPE.items()},
            "state": {"$in": sorted(State)},
            **self.typed,
        }
        """Those of them that can be read."""
        self.damaged: Document = {"$nor": [self.whole], **self.typed}
        """Those that cannot be."""
        self.others: tuple[Document, ...] = (
            {"type": {"$not": named}},
            {"type": named, "schema": {"$not": SCHEMAS["schema"]}},
        )
        """What no filter above finds, in parts that share nothing."""
        self.expression: Document = {
            "$and": [
                {"$in": ["$type", named["$in"]]},
                {"$in": ["$schema", SCHEMAS["schema"]["$in"]]},
                {"$in": ["$state", sorted(State)]},
                *(_is_a(name, kind) for name, kind in _SHAPE.items()),
            ]
        }


def _is_a(name: str, kind: str) -> Document:
    if kind == "number":
        return {"$isNumber": f"${name}"}
    return {"$eq": [{"$type": f"${name}"}, kind]}
