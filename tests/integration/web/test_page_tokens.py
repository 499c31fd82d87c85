"""Whatever is sent as a page token, a list answers with a page or with 400."""

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keepsake.access.keys import ALL_SCOPES, CONTENT, Role
from keepsake.jobs.listing import Wanted
from keepsake.jobs.vault import VaultSettings
from tests.integration.web.documented import document
from web.memory.memories import MemoryFilter
from web.memory.timeline import TimelineFilter
from web.openapi.document import operations
from web.pages import Pages, PageTokens

SCOPES = (*ALL_SCOPES, CONTENT)
ALL_MEMORIES = MemoryFilter().model_dump(exclude={"page_size", "page_token"})
ALL_ENTRIES = TimelineFilter().model_dump(exclude={"page_size", "page_token"})
LISTS = {
    "/v1/jobs": ((Wanted(),), [1, "a"]),
    "/v1/jobs/{job_id}/items": (("",), [0]),
    "/v1/dead-letters": ((None, None), [1, "a"]),
    "/v1/admin/audit": ((), [1, "a"]),
    "/v1/admin/jobs": ((None, Wanted()), [1, "a"]),
    "/v1/admin/owners/{owner}/memories": ((ALL_MEMORIES,), ["a"]),
    "/v2/memory/memories": ((ALL_MEMORIES,), ["a"]),
    "/v2/memory/timeline": ((ALL_ENTRIES,), [1, "a", 0]),
    "/v2/memory/users": (("",), ["a"]),
    "/v2/scanner/repositories": (("own", ()), ["a", "b", "c"]),
    "/v2/scanner/hooks": ((), ["a"]),
}
"""By path: what its tokens are bound to without a filter, and what a good one holds."""
_INDEX = "/v2/scanner/repositories/{org}/{repo}"
ASKING = {
    f"{_INDEX}/references": {"name": "sell"}, f"{_INDEX}/symbols": {"name": "sell"},
    f"{_INDEX}/search": {"q": "sell"}, f"{_INDEX}/text": {"q": "sell"},
    "/v2/scanner/search": {"q": "sell"}, "/v2/scanner/text": {"q": "sell"},
    "/v2/webhooks/{webhook}/deliveries": {},
}  # fmt: skip
"""What lists ask for besides, or are of."""
INSIDE = [
    {}, [], None, [1, "a"], ["a"], [7], [-1], ["a", "b", "c"], [1, {"$gt": ""}], [{"$gt": ""}],
    [float("nan"), "a"], [float("inf"), "a"], [10**40, "a"], [10**40], ["\ud800"], [1, "\ud800"],
    ["a", "\ud800", "c"], [["a"]], [[1, "a"]], ["a", {"$ne": 1}, "c"], [-(10**17), "a"], [1, "\0"],
    [1, "a", 0], [10**40, "a", 10**40], [-(10**40), "\0", -1], [True, "a", 1],
    [True, "a"], [-62_135_596_800_000, "a"], [253_402_300_799_999, "a"], [253_402_300_800_000, "a"],
]  # fmt: skip
TEXTS = st.text(max_size=80) | st.binary(max_size=80).map(
    lambda raw: base64.urlsafe_b64encode(raw).decode()
)


@pytest.fixture
def operator(clients):
    return clients("alice", role=Role.OPERATOR, scopes=SCOPES)


@pytest.fixture
def at(operator):
    """A list's path, with the id of a batch where it takes one."""
    body = {"items": [{"user_query": "I like figs."}]}
    job_id = operator.post("/v2/memory/batch-ingest", json=body).json()["job_id"]
    return lambda path: path.format(job_id=job_id, owner="alice")


def signed(path, inside, which):
    """A token with a good signature: one without the vault's key, as this server has none."""
    tokens = PageTokens(VaultSettings())
    content = json.dumps(inside).encode()
    mac = tokens.sign(content, Pages(tokens, "alice", path)._bound(which))
    return base64.urlsafe_b64encode(mac + content).decode()


def test_all_lists_are_tried(shared_web):
    taking = {
        path
        for path, _, operation in operations(document(shared_web).spelt_out)
        if any(parameter["name"] == "page_token" for parameter in operation.get("parameters", ()))
    }

    asking = {path.replace("{webhook}", "{webhook_id}") for path in ASKING}
    assert taking == LISTS.keys() | asking


@pytest.mark.parametrize("path", ASKING)
def test_a_list_that_asks_for_more_refuses_what_is_no_token_too(operator, database, path):
    database["webhooks"].insert_one({"_id": "wh_1", "owner": "alice"})
    for token in ("x", "bm9uc2Vuc2U="):
        params = {**ASKING[path], "page_token": token}
        answer = operator.get(path.format(org="acme", repo="shop", webhook="wh_1"), params=params)
        assert answer.json()["type"] == "/problems#page-token-malformed"


def test_no_text_is_a_500(operator, at):
    statuses = set()

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(TEXTS.filter(bool))
    def send(text):
        for path in map(at, LISTS):
            answer = operator.get(path, params={"page_token": text})
            statuses.add((answer.status_code, answer.json()["type"]))

    send()

    assert statuses == {(400, "/problems#page-token-malformed")}


@pytest.mark.parametrize("path", LISTS)
def test_no_signed_token_is_a_500_and_the_good_one_is_a_page(operator, at, path):
    which, good = LISTS[path]

    def status(inside):
        token = signed(at(path), inside, which)
        return operator.get(at(path), params={"page_token": token}).status_code

    assert status(good) == 200
    assert {status(inside) for inside in INSIDE} == {200, 400}
    assert {status(inside) for inside in INSIDE if "$" in str(inside)} == {400}


@pytest.mark.parametrize("path", LISTS)
def test_a_good_token_is_none_of_another_list_filter_or_caller(operator, clients, at, path):
    which, good = LISTS[path]
    token = {"page_token": signed(at(path), good, which)}

    others = [operator.get(at(other), params=token) for other in LISTS if other != path]
    of_bob = clients("bob", role=Role.OPERATOR, scopes=SCOPES).get(at(path), params=token)

    assert {answer.status_code for answer in others} == {400}
    assert of_bob.status_code in {400, 404}
