"""The document's examples of bodies are what the real server takes."""

import pytest

from keepsake.access.keys import Role
from tests.integration.web.documented import document

READS_ELSEWHERE = {
    "memory_v1_scrape", "scanner_estimate", "scanner_v1_validate_url", "scanner_v1_scan",
    "scanner_create_hook", "scanner_deliver", "scanner_keep_credential", "webhooks_create",
}  # fmt: skip
"""They read what their body names, on a host that no test reaches, or need the vault or a
signature: 502 and the like are right."""


def sent(operation):
    """How each body of an operation is sent."""
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        shown = content["example"]
        if media_type == "application/json":
            yield {"json": shown}
        elif media_type == "multipart/form-data":
            yield {"files": {"file": ("talk.txt", shown["file"])}, "data": {"text": shown["text"]}}
        else:
            yield {"content": shown, "headers": {"Content-Type": media_type}}


def filled(path, operation):
    """The operation's path with the examples of its parameters."""
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            schema = parameter["schema"]
            value = [*schema.get("examples", ()), *schema.get("enum", ())][0]
            path = path.replace(f"{{{parameter['name']}}}", str(value))
    return path


@pytest.fixture
def operator(clients):
    return clients("root", role=Role.OPERATOR)


def test_the_server_takes_every_example_of_a_body(operator, shared_web):
    bodies = [
        (operation["operationId"], method, filled(path, operation), body)
        for path, item in document(shared_web).spelt_out["paths"].items()
        for method, operation in item.items()
        for body in sent(operation)
    ]

    statuses = {
        name: operator.request(method, path, **body).status_code
        for name, method, path, body in bodies
        if name not in READS_ELSEWHERE
    }

    assert len(statuses) > 20
    # What an example names is not there for this owner; that is said only of a body that fits.
    assert {name: status for name, status in statuses.items()
            if status >= 300 and status not in {403, 404}} == {}  # fmt: skip
    assert statuses["memory_ingest"] == statuses["memory_scrape"] == 202
    assert statuses["memory_search"] == 200
    assert statuses["admin_create_key"] == 201
