"""What git's last words mean: whether another attempt helps, and whose fault it is."""

import pytest

from keepsake.scanner.errors import (
    BranchNotFound,
    GitFailed,
    HostUnreachable,
    HostUntrusted,
    MachineShort,
    MirrorDamaged,
    TooLarge,
    Unauthorised,
    Unsupported,
)
from keepsake.scanner.git.remote import failure
from tests.cpu_time import cpu_under


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("fatal: mismatched algorithms: client sha1; server sha256", Unsupported),
        ("fatal: dumb http transport does not support shallow capabilities", Unsupported),
        ("fatal: fork: Cannot allocate memory", MachineShort),
        ("fatal: mmap failed: Cannot allocate memory", MachineShort),
        ("fatal: Out of memory, malloc failed (tried to allocate 1 bytes)", TooLarge),
        ("fatal: unable to access 'https://a/': The requested URL returned error: 403",
         Unauthorised),
        ("fatal: unable to access 'https://a/': The requested URL returned error: 503",
         HostUnreachable),
        ("fatal: unable to access 'https://a/': server certificate verification failed. CAfile: x",
         HostUntrusted),
        ("fatal: unable to access 'https://a/': OpenSSL SSL_connect: Connection reset by peer",
         HostUnreachable),
        ("fatal: couldn't find remote ref refs/heads/x", BranchNotFound),
        ("fatal: bad object 1234", MirrorDamaged),
        ("fatal: something new", GitFailed),
    ],
)  # fmt: skip
def test_each_failure_has_its_kind(words, kind):
    assert type(failure(128, words.encode())) is kind


def test_endless_words_cost_no_more_than_their_length():
    with cpu_under(seconds=0.2):
        failure(128, b"repository remote branch " * 650)
