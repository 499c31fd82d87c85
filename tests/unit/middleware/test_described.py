"""What is recorded of a failure: its type and places, and never what a library said."""

import pytest

from keepsake.jobs.errors import CredentialGone, Misfit, Permanent, Transient
from keepsake.scanner.errors import TooLarge
from middleware.status import described


def raised(error):
    def fail():
        raise error

    with pytest.raises(type(error)) as caught:
        fail()
    return caught.value


def test_an_unexpected_error_is_recorded_by_its_class_and_places_alone():
    description = described(raised(ValueError("my user said hello")))

    assert (description["kind"], description["type"]) == ("transient", "internal")
    assert description["exception"] == "ValueError"
    assert description["traceback"][-1].startswith("middleware/test_described.py:")
    assert description["traceback"][-1].endswith(" fail")
    assert "hello" not in str(description)


def test_our_own_failures_have_a_type_that_stays():
    types = {
        described(raised(failure))["type"]: described(raised(failure))["kind"]
        for failure in (
            Transient("away"), Permanent("no"), Misfit("no"), CredentialGone("gone"),
            Permanent.of(TooLarge("over the limit")),
        )
    }  # fmt: skip

    assert types == {
        "transient": "transient", "permanent": "permanent", "payload-invalid": "permanent",
        "credential-gone": "credential", "too-large": "permanent",
    }  # fmt: skip
