"""How commands end: exit codes, and one sentence for each failure."""

import pytest
from click.testing import CliRunner

from keepsake_client.commands import Exit, OutputCommand
from keepsake_client.commands.exits import code_of, told
from keepsake_client.errors import (
    ConnectionFailed,
    JobCancelled,
    JobFailed,
    UnexpectedAnswer,
    WaitTimeout,
)
from keepsake_client.problems import problem_of


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, Exit.REFUSED), (401, Exit.DENIED), (403, Exit.DENIED), (404, Exit.NOT_FOUND),
        (408, Exit.UNAVAILABLE), (409, Exit.REFUSED), (422, Exit.REFUSED),
        (429, Exit.UNAVAILABLE), (500, Exit.UNAVAILABLE), (503, Exit.UNAVAILABLE),
    ],
)  # fmt: skip
def test_a_problem_has_an_exit_code_by_its_status(status, code):
    assert code_of(problem_of(status, None)) == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConnectionFailed("lost"), Exit.UNREACHABLE),
        (UnexpectedAnswer("a login page"), Exit.UNREACHABLE),
        (WaitTimeout("too long"), Exit.UNFINISHED),
        (JobFailed("given up", job_id="job_1"), Exit.FAILED),
        (JobCancelled("cancelled", job_id="job_1"), Exit.FAILED),
    ],
)
def test_an_error_has_an_exit_code(error, code):
    assert code_of(error) == code


def test_a_problem_is_one_sentence_with_its_request():
    problem = problem_of(
        404, {"type": "/problems#job-not-found", "detail": "There is\nno such job."},
        request_id="req7",
    )  # fmt: skip

    assert told(problem) == "There is no such job. (404 job-not-found, request req7)"


def test_a_failed_job_is_told_with_what_to_do():
    failed = JobFailed("job_1 is dead_letter: no use.", job_id="job_1", hint="Send another.")

    assert told(failed) == "job_1 is dead_letter: no use. Send another."


@pytest.mark.parametrize(
    ("raised", "line", "code"),
    [
        (problem_of(503, {"detail": "Away."}, request_id="r"),
         "keepsake: Away. (503 without a type, request r)", 7),
        (ValueError("an id may not be empty"), "keepsake: an id may not be empty", 2),
        (KeyboardInterrupt(), "keepsake: interrupted", 130),
    ],
)  # fmt: skip
def test_a_command_fails_with_one_line_and_no_traceback(raised, line, code):
    def fail(out):
        raise raised

    ended = CliRunner().invoke(OutputCommand("fail", callback=fail))

    assert (ended.exit_code, ended.stderr, ended.stdout) == (code, line + "\n", "")
