"""The words that the glossary has replaced are gone: from names, text and documents."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUFFIXES = {".py", ".md", ".toml", ".yaml", ".yml", ""}
EXEMPT = {"CHANGELOG.md", "tests/docs/test_words.py", "LICENSE", "NOTICE"}
SAID = ("bench/labels/", "tests/unit/memory/")
"""What people say, of whom one may have a farm."""
PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
"""The words of a name too: `notify_at` has two, `FairScheduler` as well."""
FORMER = {
    "doorbell": "notification", "doorbells": "notifications", "rung": "notified",
    "rang": "notified", "ring": "notification", "rings": "notifies", "ringing": "notifying",
    "unrung": "unnotified", "solo": "unordered", "unheard": "lost_acks",
    "happenings": "sse_events", "purse": "TokenBucket", "tally": "IndexStats",
    "patience": "deadline or RetryBudget", "catalogue": "SymbolIndex",
    "catalogues": "symbol indexes", "shelf": "index cache", "shelves": "indexes",
    "gathering": "Batcher", "closings": "invalidations", "monkey": "fault injector",
    "farm": "processes or servers", "trick": "fault", "tricks": "faults", "trail": "state_history",
    "beat": "heartbeat", "beats": "heartbeats", "beaten": "sent a heartbeat",
    "unbeaten": "lease_expired", "nonce": "claim_id", "steering": "control",
}  # fmt: skip
_HEARD = re.compile(r"^keepsake/memory/domains/")
"""Where the words stand that people use of themselves."""
MEANT = {
    "nonce": re.compile(r"^(keepsake/jobs/vault\.py|docs/glossary\.md)$"),
    "catalogue": re.compile(r"^docs/licences\.md$"),
    **dict.fromkeys(("rang", "beats", "patience", "solo"), _HEARD),
}
"""Where a word has its own meaning, such as the nonce of AES-GCM in the vault, or is a name."""


def texts() -> Iterator[tuple[str, str]]:
    """The files that are in git, or may be added, by path."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        path = ROOT / name
        ours = name not in EXEMPT and not name.startswith(SAID)
        if path.suffix in SUFFIXES and ours and path.is_file():
            yield name, path.read_text(errors="replace")


@pytest.fixture(scope="module")
def used() -> dict[str, set[str]]:
    """The files that use a word, by word."""
    files: dict[str, set[str]] = {}
    for name, text in texts():
        for word in {part.lower() for part in PARTS.findall(f"{name} {text}")}:
            files.setdefault(word, set()).add(name)
    return files


@pytest.mark.parametrize("word", FORMER)
def test_a_word_of_before_is_used_nowhere(used, word):
    meant = MEANT.get(word)
    files = {name for name in used.get(word, ()) if not (meant and meant.match(name))}

    assert files == set(), f"say {FORMER[word]}"
