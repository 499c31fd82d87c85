"""HTTP: a package for each resource, over what all share. `python -m web`.

What routes of job types need that other packages declare: `Submit` accepts a job, in a router of
the class `SubmitRoute` whose route is declared with `SUBMITS`; `Caller` is who asks.
"""

from typing import TYPE_CHECKING

from keepsake.facade import lazily

if TYPE_CHECKING:
    from web.edge.auth import Caller
    from web.submission import SUBMITS, Submit, SubmitRoute

__all__ = ["SUBMITS", "Caller", "Submit", "SubmitRoute"]

__getattr__ = lazily(
    __name__,
    {
        "SUBMITS": "submission",
        "Submit": "submission",
        "SubmitRoute": "submission",
        "Caller": "edge.auth",
    },
)
