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
    Page("dead-letters", "/console/dead-letters"),
    Page("own-dead-letters", "/console/dead-letters", "ana"),
    Page("owners", "/console/owners"),
    Page("owner", "/console/owners/ana"),
    Page("queues", "/console/queues"),
    Page("schedules", "/console/schedules", "ana"),
    Page("webhooks", "/console/webhooks", "ana"),
    Page("webhook", "/console/webhooks/{webhook}", "ana"),
    Page("keys", "/console/keys"),
    Page("audit", "/console/audit"),
    Page("refused", "/console/overview", "ana", 403),
    Page("memories", "/console/memories?user_id=ana", "ana"),
    Page("memory-search", "/console/memories/found?user_id=ana&query=where+do+I+live", "ana"),
    Page("memory-answer", "/console/memories/found?user_id=ana&query=where+do+I+live&ask=1", "ana"),
    Page("memory-timeline", "/console/memories/timeline?user_id=ana", "ana"),
    Page("memory-users", "/console/memories/users", "ana"),
    Page("memory", "/console/memories/one?{memory}", "ana"),
    Page("repositories", "/console/repositories", "ana"),
    Page("repository", "/console/repositories/one?{repository}", "ana"),
    Page("code-search", "/console/repositories/search?{repository}&query=area&by=uses", "ana"),
    Page("code-map", "/console/repositories/map?{repository}", "ana"),
    Page("source", "/console/repositories/source?{repository}&path=shapes/area.py", "ana"),
)
