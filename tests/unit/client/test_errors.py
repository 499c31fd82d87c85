"""Errors: a class for each kind of problem, whole after pickling."""

import pickle

import pytest

from keepsake_client.errors import (
    ConnectionFailed,
    JobCancelled,
    KeepsakeError,
    PassingProblem,
    Problem,
)
from keepsake_client.problems import BY_KIND, NotIndexed, problem_of


def answered(kind: str, status: int = 400, **members: object) -> Problem:
    return problem_of(status, {"type": f"/problems#{kind}", "detail": "No.", **members})


@pytest.mark.parametrize("kind", BY_KIND)
def test_a_kind_of_problem_is_a_class(kind):
    error = answered(kind)

    assert type(error) is BY_KIND[kind]
    assert error.kind == kind


def test_a_kind_of_a_newer_service_is_a_problem_with_its_name():
    error = answered("moon-full", 409, phase="full")

    assert type(error) is Problem
    assert (error.kind, error.members) == ("moon-full", {"phase": "full"})
    assert str(error) == "No. (409 moon-full)"


@pytest.mark.parametrize(("status", "passing"), [(502, True), (503, True), (404, False)])
def test_an_answer_of_a_proxy_is_a_problem_without_a_kind(status, passing):
    error = problem_of(status, None)

    assert isinstance(error, PassingProblem) == passing == error.passing
    assert str(error) == f"The answer was {status}. ({status} without a type)"


@pytest.mark.parametrize(
    "error",
    [
        answered("not-indexed", 404, owners=["ann"]),
        problem_of(429, {"type": "/problems#backlog-full"}, request_id="r", retry_after=3.0),
        ConnectionFailed("lost", untouched=True),
        JobCancelled("over", job_id="job_1", error_type="cancelled", hint="Send it anew."),
        KeepsakeError("any"),
    ],
)
def test_an_error_is_the_same_after_pickling(error):
    copied = pickle.loads(pickle.dumps(error))

    assert type(copied) is type(error)
    assert (str(copied), vars(copied)) == (str(error), vars(error))


def test_what_a_problem_says_more_is_in_its_members():
    error = answered("not-indexed", 404, owners=["ann"])

    assert isinstance(error, NotIndexed)
    assert error.members["owners"] == ["ann"]
