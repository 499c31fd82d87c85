"""The HTTP edge. `python -m web` serves it.

- `server`: a master that keeps the web processes, and each one's connections.
- `edge`: what every request passes: authentication, limits of rate and size, errors as answers.
- `submission`: how a request becomes a job; `job_options`: what a client may say of any job.
- `jobs`, `memory`, `scanner`, `admin`, `v1`: the routes, one module for each resource.
- `mcp`: the tools of agents; each call becomes requests of its caller to the routes.
- `job_views`: a job as clients see it, and following it.
- `openapi`: the document, completed from what routes declare.
- `app`: the composition root. `problems`: the only map from errors to answers.

What routes of job types need that other packages declare: `SubmissionDep` accepts a job, in a
router of the class `SubmitRoute` whose route is declared with `SUBMITS` and whose body is a
`JobOptions`; `Caller` is who asks.
"""

from typing import TYPE_CHECKING

from keepsake.facade import lazily

if TYPE_CHECKING:
    from web.admin.keys import NewKey
    from web.app import create_app, with_request_context
    from web.edge.auth import Caller
    from web.job_options import OPTIONS, JobOptions, PriorityOption
    from web.memory.turns import StrictIngest
    from web.server.master import ServerSettings
    from web.settings import WEB, WebSettings
    from web.submission import SUBMITS, SubmissionDep, SubmitRoute

__all__ = [
    "OPTIONS",
    "SUBMITS",
    "WEB",
    "Caller",
    "JobOptions",
    "NewKey",
    "PriorityOption",
    "ServerSettings",
    "StrictIngest",
    "SubmissionDep",
    "SubmitRoute",
    "WebSettings",
    "create_app",
    "with_request_context",
]

__getattr__ = lazily(
    __name__,
    {
        "OPTIONS": "job_options",
        "SUBMITS": "submission",
        "WEB": "settings",
        "Caller": "edge.auth",
        "JobOptions": "job_options",
        "NewKey": "admin.keys",
        "PriorityOption": "job_options",
        "ServerSettings": "server.master",
        "StrictIngest": "memory.turns",
        "SubmissionDep": "submission",
        "SubmitRoute": "submission",
        "WebSettings": "settings",
        "create_app": "app",
        "with_request_context": "app",
    },
)
