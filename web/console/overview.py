"""How the service stands: queues, by the records and by RabbitMQ."""

from fastapi import Response

from web.console.page import Page, Section

section = Section("/overview", "Overview", operators=True)


@section.get("")
async def overview(page: Page) -> Response:
    """The queues."""
    queues = (await page.api.get("/v1/admin/queues"))["queues"]
    return page.render("overview.html", queues=queues)
