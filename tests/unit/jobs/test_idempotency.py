import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepsake.jobs.drafts import checked_key, fingerprint, key_slot, lane_name
from keepsake.jobs.errors import KeyMalformed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_a_fingerprint_does_not_depend_on_the_order_of_keys(payload):
    backwards = dict(reversed(list(payload.items())))

    assert fingerprint(payload) == fingerprint(backwards)


@given(JSON, JSON)
def test_fingerprints_tell_payloads_apart(one, other):
    same = fingerprint(one) == fingerprint(other)

    assert same is (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


def test_a_given_and_a_derived_key_never_meet():
    assert key_slot("o", "t", "k", derived=True) != key_slot("o", "t", "k", derived=False)


@pytest.mark.parametrize(
    ("sent", "kept"), [("abc", "abc"), ('"abc"', "abc"), ("a" * 255, "a" * 255)]
)
def test_a_key_may_be_bare_or_a_quoted_string(sent, kept):
    assert checked_key(sent) == kept


@pytest.mark.parametrize("sent", ["", '""', "a b", "a\n", "é", "a" * 256])
def test_what_is_no_key_is_refused(sent):
    with pytest.raises(KeyMalformed):
        checked_key(sent)


def test_a_lane_tells_nothing_about_its_parts():
    assert "alice" not in lane_name("alice", "bob")
    assert lane_name("alice", "bob") != lane_name("aliceb", "ob")
