"""Of an erased payload only that stays by which its user's erasure finds the job."""

import pytest

from keepsake.jobs.subjects import subjects_of

FIELDS = ("user_id", "items.user_id", "data.user_id")


@pytest.mark.parametrize(
    ("payload", "left"),
    [
        ({"user_query": "I ski.", "user_id": "u1"}, {"user_id": "u1"}),
        ({"items": [{"user_id": "u1", "user_query": "I ski."}, {"user_id": "u2"}]},
         {"items": [{"user_id": "u1"}, {"user_id": "u2"}]}),
        ({"data": {"user_id": "u1", "revision": 3}, "event": "x"}, {"data": {"user_id": "u1"}}),
        ({"url": "https://example.org/x"}, {}),
        ({"items": ["I ski.", 7], "data": None}, {}),
    ],
)  # fmt: skip
def test_only_whose_it_was_is_left(payload, left):
    assert subjects_of(payload, FIELDS) == left
