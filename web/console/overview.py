"""How the service stands: what is amiss, how fast jobs run, and records beside RabbitMQ."""

import asyncio
from typing import Any

from fastapi import Response

from web.console.alarms import alarms
from web.console.charts import charts
from web.console.page import ConsolePage, Page, Section
from web.problems import Problem

section = Section("/overview", "Overview", operators=True)
_DAY_MINUTES, _DAY_STEP = 1_440, 15


@section.get("")
async def overview(page: Page) -> Response:
    """All of it; the page asks for itself again while it is looked at."""
    ready, queues, divergence, workers, hour, day = await asyncio.gather(
        _readiness(page),
        page.api.get("/v1/admin/queues"),
        page.api.get("/v1/admin/divergence"),
        page.api.get("/v1/admin/workers"),
        page.api.get("/v1/admin/timeline", minutes=60),
        page.api.get("/v1/admin/timeline", minutes=_DAY_MINUTES, step=_DAY_STEP),
    )
    listed, processes = queues["queues"], workers["workers"]
    return page.render(
        "overview.html",
        queues=listed,
        alive=[process for process in processes if process["alive"]],
        alarms=alarms(ready, listed, divergence, processes),
        oldest=max((queue["oldest_waiting_seconds"] or 0 for queue in listed), default=0),
        figures={
            "The last hour": charts(hour["points"], 1),
            "The last day": charts(day["points"], _DAY_STEP),
        },
    )


async def _readiness(page: ConsolePage) -> dict[str, Any]:
    """Each part and how it is; of a service that is not ready the answer is a problem."""
    try:
        ready: dict[str, Any] = await page.api.get("/readyz")
    except Problem as problem:
        if "mongodb" not in problem.members:
            raise
        return problem.members
    return ready
