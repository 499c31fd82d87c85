"""The client's page names each call of each resource."""

import re
from operator import attrgetter

import pytest

from keepsake_client import Keepsake
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "client.md").read_text()
ROWS = dict(re.findall(r"^\| `?([\w. ]+?)`? \| (`\w+`.*) \|$", PAGE, re.MULTILINE))
RESOURCES = {
    "memory", "users", "webhooks", "code", "jobs", "dead_letters", "admin.jobs", "admin",
    "the client itself",
}  # fmt: skip


def test_each_resource_has_a_row():
    client = Keepsake("http://127.0.0.1:1", "ksk_x")
    own = {name for name, value in vars(client).items() if not name.startswith("_")}

    assert set(ROWS) == RESOURCES
    assert own == {row for row in ROWS if row.isidentifier()}


@pytest.mark.parametrize("resource", sorted(ROWS))
def test_a_row_names_all_calls(resource):
    client = Keepsake("http://127.0.0.1:1", "ksk_x")
    found = client if " " in resource else attrgetter(resource)(client)
    calls = {name for name in dir(type(found)) if not name.startswith("_")}

    assert set(re.findall(r"`(\w+)`", ROWS[resource])) == calls
