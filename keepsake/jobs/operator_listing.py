"""Lists of all owners' jobs for operators, the newest first and at a bounded cost a page."""

from datetime import UTC, datetime

from pymongo.cursor import Cursor

from keepsake.jobs.indexes import LANE_HOLDER, OF_UNFINISHED
from keepsake.jobs.job import UNLISTED, Job
from keepsake.jobs.listing import EXAMINED, LAST, JobListPage, Listing, Place, Wanted
from keepsake.jobs.records import RUNNING, UNENDED, Records
from keepsake.jobs.states import LEASED, UNFINISHED
from keepsake.storage import Document, each_readable, first_id, translated

_WITHOUT_RESULT: Document = {**UNLISTED, "result": 0}
_BY_ID = "_id_"
_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Of places: ids alone order these lists."""


class OperatorListing:
    """Reads along the ids, which begin with the time at which a web process made them.

    So no index is kept for these lists. What runs, and what has not ended while that is little, is
    read from the indexes that the engine has of it. An owner's jobs are listed as for the owner.
    """

    def __init__(self, records: Records, listing: Listing) -> None:
        self._jobs = records.jobs
        self._listing = listing
        self._prepare = records.prepare

    def page(
        self, owner: str | None, wanted: Wanted, begin: Place | None, size: int
    ) -> JobListPage:
        """Up to `size` jobs, from a place on; None as the owner stands for all.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        if owner is not None and not wanted.id_prefix:
            return self._listing.page(owner, wanted, begin, size)
        self._prepare()
        ids = _ids(wanted, begin)
        which = {
            **wanted.fields(),
            **_stated(wanted),
            **({} if owner is None else {"owner": owner}),
        }
        with translated("listing jobs"):
            if wanted.states and wanted.states <= LEASED:
                return _page(
                    self._found({**RUNNING, **_within(ids, which)}, LANE_HOLDER.name), size
                )
            if wanted.states and wanted.states <= UNFINISHED and self._few_unfinished():
                few = self._found({**UNENDED, **_within(ids, which)}, OF_UNFINISHED.name)
                return _page(few, size)
            beyond = self._beyond(ids) if which else None
            if beyond is not None:
                ids = {**ids, "$gt": beyond}
            return _page(self._found(_within(ids, which), _BY_ID), size, beyond)

    def newest_unfinished(self, owner: str | None, wanted: Wanted, size: int) -> list[str]:
        """The ids of the newest of wanted jobs that have not ended; all of these are looked at.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        if owner is not None:
            return [job.id for job in self._listing.newest_unfinished(owner, wanted, size)]
        self._prepare()
        newest = self._jobs.find(_unfinished(wanted), {"_id": 1}).sort("_id", -1).limit(size)
        with translated("listing jobs"):
            return [job["_id"] for job in newest.hint(OF_UNFINISHED.name)]

    def count_unfinished(self, owner: str | None, limit: int, wanted: Wanted) -> int:
        """How many of wanted jobs have not ended, counting no further than `limit`.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        if owner is not None:
            return self._listing.count_unfinished(owner, limit, wanted)
        self._prepare()
        with translated("counting jobs"):
            return self._jobs.count_documents(
                _unfinished(wanted), limit=limit, hint=OF_UNFINISHED.name
            )

    def _few_unfinished(self) -> bool:
        """Whether a page may look at all jobs that have not ended."""
        counted = self._jobs.count_documents(UNENDED, limit=EXAMINED + 1, hint=OF_UNFINISHED.name)
        return counted <= EXAMINED

    def _found(self, which: Document, index: str) -> Cursor[Document]:
        return self._jobs.find(which, _WITHOUT_RESULT).sort("_id", -1).hint(index)

    def _beyond(self, ids: Document) -> str | None:
        """The first record that a page does not look at, read from the index alone."""
        keys = self._jobs.find({"_id": ids}, {"_id": 1}).sort("_id", -1).hint(_BY_ID)
        last = next(iter(keys.skip(EXAMINED).limit(1)), None)
        return None if last is None else str(last["_id"])


def _unfinished(wanted: Wanted) -> Document:
    return {**UNENDED, **wanted.besides_state(), **_stated(wanted)}


def _ids(wanted: Wanted, begin: Place | None) -> Document:
    """The range of ids that a page is of."""
    prefix = wanted.id_prefix or "job_"
    lowest, above = [prefix], [prefix + LAST]
    if wanted.created_after is not None:
        lowest.append(first_id("job", wanted.created_after))
    if wanted.created_before is not None:
        above.append(first_id("job", wanted.created_before))
    begun = {} if begin is None else {"$lte": begin.job_id}
    return {"$gte": max(lowest), "$lt": min(above), **begun}


def _stated(wanted: Wanted) -> Document:
    """The states; no index that is read here implies them."""
    return {"state": {"$in": sorted(wanted.states)}} if wanted.states else {}


def _within(ids: Document, which: Document) -> Document:
    return {"_id": ids, **which}


def _page(records: Cursor[Document], size: int, beyond: str | None = None) -> JobListPage:
    """beyond: where the next page begins if this one is not full."""
    read = list(records.limit(size + 1))
    following = read[size]["_id"] if len(read) > size else beyond
    place = Place(_ANY_TIME, following) if following else None
    return JobListPage(list(each_readable(Job.read, read[:size])), place)
