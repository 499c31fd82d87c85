"""Every page of the console; a new one stands here, and is looked at by `test_pages.py`."""

from typing import NamedTuple


class Page(NamedTuple):
    """name: of its picture in docs/images. path: with the names of `stored.everything` in braces.

    who: `root` operates, `ana` owns.
    """

    name: str
    path: str
    who: str = "root"
    status: int = 200


PAGES = (
    Page("overview", "/console/overview"),
    Page("jobs", "/console/jobs"),
    Page("own-jobs", "/console/jobs", "ana"),
    Page("job", "/console/jobs/{dead}"),
    Page("own-job", "/console/jobs/{job}", "ana"),
    Page("bulk", "/console/jobs/bulk/cancel?owner=ana"),
    Page("refused", "/console/overview", "ana", 403),
)
