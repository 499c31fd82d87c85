import base64
import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from keepsake.jobs.listing import Place
from keepsake.jobs.vault import VaultSettings
from web.pages import Pages, PageTokens
from web.problems import Problem

OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
PLACE = Place(datetime(2026, 1, 31, 12, 0, 0, 123_000, UTC), "job_1")


def tokens(*keys):
    return PageTokens(VaultSettings(secret_key=SecretStr(",".join(keys)) if keys else None))


def pages(*keys, owner="alice", path="/v1/jobs"):
    return Pages(tokens(*keys), owner, path)


def forged(content: bytes, of=("alice", "/v1/jobs"), keys=()):
    """What one who knows the key could send: a good signature of whatever is inside."""
    signer = tokens(*keys)
    mac = signer.sign(content, Pages(signer, *of)._bound(()))
    return base64.urlsafe_b64encode(mac + content).decode()


def refused(list_pages, token, *which, kinds=(datetime, str)):
    with pytest.raises(Problem) as problem:
        list_pages.parts(token, kinds, *which)
    return problem.value.status, problem.value.kind


MALFORMED = (400, "page-token-malformed")


def test_a_token_says_where_its_page_begins():
    assert pages(NEW).place(pages(NEW).token(PLACE, "failed"), "failed") == PLACE
    assert pages(NEW).place("", "failed") is None


@pytest.mark.parametrize("keys", [(), (NEW,)])
def test_a_token_is_good_for_its_caller_list_and_filter_only(keys):
    token = pages(*keys).token(PLACE, "failed")

    assert refused(pages(*keys), token, "paused") == MALFORMED
    assert refused(pages(*keys), token) == MALFORMED
    assert refused(pages(*keys, owner="bob"), token, "failed") == MALFORMED
    assert refused(pages(*keys, path="/v1/dead-letters"), token, "failed") == MALFORMED


def test_a_token_outlives_the_rotation_of_the_vaults_key():
    before, during, after = pages(OLD), pages(NEW, OLD), pages(NEW)

    assert during.place(before.token(PLACE)) == after.place(during.token(PLACE)) == PLACE
    assert refused(after, before.token(PLACE)) == MALFORMED


def test_a_token_of_another_key_is_none():
    assert refused(pages(NEW), forged(b'[1,"job_1"]')) == MALFORMED
    assert refused(pages(NEW), forged(b'[1,"job_1"]', keys=[OLD])) == MALFORMED


def test_a_token_that_was_changed_anywhere_is_none():
    token = pages(NEW).token(PLACE)
    raw = base64.urlsafe_b64decode(token)

    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        assert refused(pages(NEW), base64.urlsafe_b64encode(changed).decode()) == MALFORMED
    for length in range(1, len(token)):
        assert refused(pages(NEW), token[:length]) == MALFORMED


@pytest.mark.parametrize(
    "content",
    [
        b"", b"null", b"{}", b"[]", b'"ab"', b"[1]", b'[1,"a","b"]', b'["1","a"]', b"[1,2]",
        b'[{"$gt":""},"a"]', b'[1,{"$gt":""}]', b'[1,["a"]]', b'[NaN,"a"]', b'[Infinity,"a"]',
        b'[1e999,"a"]', b'[1.5,"a"]', b'[true,"a"]', b'[null,"a"]', b'[1,"\\ud800"]', b"\xff",
        b'[%s,"a"]' % (b"9" * 300), b'[-%s,"a"]' % (b"9" * 20), b"[" * 3_000, b'[1,"a"]x',
    ],
)  # fmt: skip
def test_what_is_signed_but_of_other_types_is_refused(content):
    assert refused(pages(), forged(content)) == MALFORMED


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_whatever_is_sent_is_refused(text):
    for keys in ((), (NEW,)):
        assert refused(pages(*keys), text, kinds=(str,)) == MALFORMED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_whatever_is_inside_of_a_good_signature_is_typed_or_refused(value):
    token = forged(json.dumps(value).encode())
    try:
        at, job_id = pages().parts(token, (datetime, str))
    except Problem:
        assert refused(pages(), token) == MALFORMED
    else:
        assert (type(at), type(job_id)) == (datetime, str)
        assert math.isfinite(at.timestamp())
