import re
from itertools import pairwise
from types import SimpleNamespace

from keepsake.storage import mongo
from keepsake.storage.mongo import new_id

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def shard(job_id: str) -> int:
    """As docs/scaling.md says it to others."""
    high, low = job_id.removeprefix("job_")[10:12]
    return _ALPHABET.index(high) * 32 + _ALPHABET.index(low)


def test_an_id_goes_into_a_url_as_it_is():
    assert all(re.fullmatch(r"job_[0-9a-hjkmnp-tv-z]{26}", new_id("job", owner))
               for owner in (None, "alice", "Zoë", "\ud800"))  # fmt: skip


def test_ids_made_later_sort_later_whoever_owns_them(monkeypatch):
    clock = iter(range(10**18, 10**18 + 64 * 10**6, 10**6))
    monkeypatch.setattr(mongo, "time", SimpleNamespace(time_ns=lambda: next(clock)))
    ids = [new_id("job", f"owner-{n % 7}") for n in range(64)]

    assert all(earlier < later for earlier, later in pairwise(ids))


def test_an_id_says_its_owners_shard_and_that_never_changes():
    """Ids are public and outlive versions: these numbers must stay."""
    assert {owner: shard(new_id("job", owner)) for owner in ("alice", "bob", "carol")} == {
        "alice": 71, "bob": 320, "carol": 195,
    }  # fmt: skip


def test_shards_are_even():
    counted = [shard(new_id("job", f"owner-{n}")) % 4 for n in range(4_000)]

    assert all(900 < counted.count(quarter) < 1_100 for quarter in range(4))


def test_no_two_ids_are_the_same():
    assert len({new_id("job", "alice") for _ in range(10_000)}) == 10_000
