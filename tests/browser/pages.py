"""Every page of the console; a new one stands here, and is looked at by `test_pages.py`."""

from typing import NamedTuple


class Page(NamedTuple):
    """name: of its picture in docs/images. path: with the names of `stored.everything` in braces.

    who: `root` operates, `ana` owns.
    """

    name: str
    path: str
    who: str = "root"


PAGES = (
    Page("overview", "/console/overview"),
    Page("jobs", "/console/jobs"),
    Page("own-jobs", "/console/jobs", "ana"),
    Page("refused", "/console/overview", "ana"),
)
