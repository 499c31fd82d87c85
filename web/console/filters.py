"""Which jobs a page means: the filter in its address, by the API's own names."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import QueryParams

_LISTS = ("status", "type", "label")
_TEXTS = ("created_after", "created_before", "error_type")
_OPERATORS_LISTS, _OPERATORS_TEXTS = ("queue",), ("owner", "worker", "error_place", "job_id")
_OFTEN = frozenset({"status", "type", "owner"})
_WORDS = {
    "status": "in the state", "type": "of the type", "label": "with the label",
    "queue": "of the queue", "owner": "of the owner", "worker": "run by", "error_type": "failed by",
    "error_place": "raised at", "job_id": "with an id that begins with",
    "created_after": "accepted after", "created_before": "accepted before",
}  # fmt: skip


class JobFilters:
    """The conditions that are set; all hold. operates: those of operators count too."""

    def __init__(self, fields: QueryParams, *, operates: bool) -> None:
        lists = _LISTS + (_OPERATORS_LISTS if operates else ())
        texts = _TEXTS + (_OPERATORS_TEXTS if operates else ())
        self._conditions: dict[str, str | list[str]] = {
            name: values for name in lists if (values := [v for v in fields.getlist(name) if v])
        }
        self._conditions |= {name: value for name in texts if (value := fields.get(name, ""))}
        self._operates = operates

    def __getitem__(self, name: str) -> str | Sequence[str]:
        """What a condition asks for; empty when it is not set."""
        return self._conditions.get(name, "")

    def __bool__(self) -> bool:
        """Whether any condition is set."""
        return bool(self._conditions)

    @property
    def rare(self) -> bool:
        """Whether one of those is set that are seldom asked for."""
        return bool(self._conditions.keys() - _OFTEN)

    @property
    def api(self) -> Mapping[str, Any]:
        """As the API takes them, in a query or a body."""
        return self._conditions

    @property
    def pairs(self) -> Iterator[tuple[str, str]]:
        """As the fields of a form."""
        for name, value in self._conditions.items():
            yield from ((name, each) for each in ([value] if isinstance(value, str) else value))

    @property
    def words(self) -> str:
        """Which jobs these are."""
        whose = "jobs of all owners" if self._operates and not self["owner"] else "jobs"
        said = (
            f"{_WORDS[name]} {value if isinstance(value, str) else ' or '.join(value)}"
            for name, value in self._conditions.items()
        )
        return " ".join([whose, ", ".join(said)]) if self else f"all {whose}"

    def closed(self) -> "JobFilters":
        """The same without jobs that are still to come, so that what was counted is what is meant.

        The time is this process's.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        fields = [*self.pairs, *([] if self["created_before"] else [("created_before", now)])]
        return JobFilters(QueryParams(fields), operates=self._operates)
