"""The command line in a real terminal, against a real service."""

import os
import re
import shlex
import signal
import subprocess
import sys

import pexpect
import pytest

from tests.conftest import ROOT

CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_SECONDS = 60


@pytest.fixture
def environment(service, key, tmp_path):
    """What a terminal of ann's has; `keepsake` is on its path."""
    command = tmp_path / "bin" / "keepsake"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m keepsake_client "$@"\n')
    command.chmod(0o755)
    (tmp_path / "key").write_text(key("ann"))
    return {
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "clients" / "python")]),
        "TERM": "xterm-256color",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "KEEPSAKE_URL": service,
        "KEEPSAKE_API_KEY_FILE": str(tmp_path / "key"),
    }


@pytest.fixture
def terminal(environment):
    """Runs a command in a terminal; what is left of it is closed."""
    opened: list[pexpect.spawn] = []

    def run(command: str, *arguments: str, columns: int = 100, **variables: str) -> pexpect.spawn:
        opened.append(pexpect.spawn(
            command, list(arguments), env={**environment, **variables}, encoding="utf-8",
            dimensions=(40, columns), timeout=_SECONDS, preexec_fn=_hears_ctrl_c,
        ))  # fmt: skip
        return opened[-1]

    yield run
    for child in opened:
        child.close(force=True)


@pytest.fixture
def keepsake(terminal, environment):
    """Runs a command line in a terminal."""
    path = environment["PATH"].partition(":")[0] + "/keepsake"
    return lambda *arguments, **options: terminal(path, *arguments, **options)


def _hears_ctrl_c() -> None:
    """Undo what a shell does to the tests that it runs in its background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ended(child) -> tuple[int, str]:
    """The exit code, and what the terminal was sent."""
    child.expect(pexpect.EOF)
    sent = child.before
    child.close()
    return child.exitstatus, sent


def test_a_table_has_colours_fits_and_cuts_no_id(keepsake, client, busy):
    busy("ann", "te1")
    job = client.memory.add("I like rain " * 100, user_id="te1")

    code, sent = ended(keepsake("jobs", "ls", columns=60))

    lines = CODES.sub("", sent).splitlines()
    assert (code, max(map(len, lines)) <= 60) == (0, True)
    assert job.id in CODES.sub("", sent)
    assert "\x1b[33mpaused" in sent


def test_no_color_is_heard(keepsake, client):
    client.memory.add("I like rain.", user_id="te2")

    _, sent = ended(keepsake("jobs", "ls", NO_COLOR="1"))

    assert "\x1b[3" not in sent


def test_ctrl_c_leaves_a_job_to_go_on_and_says_how_to_follow_it(keepsake, client, busy):
    busy("ann", "te3")
    waiting = keepsake("remember", "I like rain.", "--user", "te3", "--wait")
    waiting.expect("pending")
    waiting.sendintr()

    code, sent = ended(waiting)

    job = re.search(r"keepsake: (job_\w+) goes on; to follow it: keepsake jobs watch \1", sent)
    assert code == 130
    assert job is not None
    assert client.jobs.get(job[1]).status == "pending"
    assert "Traceback" not in sent


def test_a_time_limit_leaves_a_job_to_go_on(keepsake, busy):
    busy("ann", "te4")

    code, sent = ended(keepsake("remember", "Rain.", "--user", "te4", "--wait", "--timeout", "1"))

    assert code == 8
    assert "it takes longer; job_" in sent


def test_a_scan_shows_a_bar_for_each_stage(keepsake, repo, worker_of_module):
    code, sent = ended(keepsake("scan", str(repo.path), "--wait", "--force"))

    shown = CODES.sub("", sent)
    assert code == 0
    assert re.search(r"parse +━+ \d/\d files", shown)
    assert re.search(r"commit +[0-9a-f]{40}", shown)


def test_a_job_that_has_ended_is_watched_to_its_end(keepsake, client):
    job = client.memory.add("I like figs.", user_id="te5")
    job.wait(_SECONDS)

    code, sent = ended(keepsake("jobs", "watch", job.id))

    assert (code, "succeeded" in sent) == (0, True)


def test_all_of_an_owners_jobs_are_watched_as_lines_of_json_until_ctrl_c(keepsake, client):
    watching = keepsake("jobs", "watch", "--json", columns=10_000)
    watching.expect(r'\{"kind": "snapshot".*\r\n')
    job = client.memory.add("I like figs.", user_id="te9")
    watching.expect(rf'\{{"kind": "[^\n]*"job_id": "{job.id}"[^\n]*\}}\r\n')
    watching.sendintr()

    code, sent = ended(watching)

    assert (code, "Traceback" in sent) == (130, False)


def test_a_key_is_typed_unseen(keepsake, environment):
    adding = keepsake("profiles", "add", "work", "--url", environment["KEEPSAKE_URL"])
    adding.expect("API key:")
    adding.sendline("ksk_typed")

    code, sent = ended(adding)

    assert (code, "ksk_typed" in sent) == (0, False)


def test_before_an_erasure_the_terminal_is_asked(keepsake, client):
    asked = keepsake("erase", "te6")
    asked.expect("Erase all that is kept of te6")
    asked.sendline("n")

    code, _ = ended(asked)

    assert code == 1


def test_before_many_jobs_are_changed_the_terminal_is_asked(keepsake, client, busy):
    busy("ann", "te8")
    job = client.memory.add("I like rain.", user_id="te8")
    asked = keepsake("jobs", "cancel", "--all", "--status", "pending")
    asked.expect(r"1 jobs are meant. Go on\?")
    asked.sendline("n")

    code, _ = ended(asked)

    assert (code, job.refresh().status) == (1, "pending")


def test_a_pipe_that_closes_early_is_quiet(environment, client):
    job = client.memory.add("I like figs. " * 700, user_id="te7")
    job.wait(_SECONDS)

    piped = subprocess.run(
        ["bash", "-c", "keepsake jobs show $0 | true; echo ${PIPESTATUS[0]}", job.id],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert (piped.stdout.strip() in {"0", "141"}, piped.stderr) == (True, "")


def test_bash_completes_commands_options_states_and_profiles(terminal, keepsake):
    keepsake("profiles", "add", "workplace", "--key-file", "/dev/null").expect(pexpect.EOF)
    shell = terminal("bash", "--norc", "--noprofile", "-i", PS1="> ")
    shell.sendline('eval "$(keepsake completion bash)"; echo loaded')
    shell.expect("loaded\r\n")

    for typed, completed in [
        ("keepsake search-c\t", "search-code "),
        ("keepsake jobs ls --sta\t", "--status "),
        ("keepsake jobs ls --status dead\t", "dead_letter "),
        ("keepsake status --profile work\t", "workplace "),
    ]:
        shell.send(typed)
        shell.expect_exact(completed)
        shell.sendcontrol("u")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_given_a_script_and_its_answers(environment, shell):
    def said(*arguments: str, **variables: str) -> str:
        return subprocess.run(
            ["keepsake", *arguments], env={**environment, **variables},
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip

    asked = {"_KEEPSAKE_COMPLETE": f"{shell}_complete"}

    assert "_KEEPSAKE_COMPLETE" in said("completion", shell)
    begun = {"zsh": {"COMP_WORDS": "keepsake search", "COMP_CWORD": "1"},
             "fish": {"COMP_WORDS": "keepsake search", "COMP_CWORD": "search"}}  # fmt: skip
    assert "search-code" in said(**asked, **begun[shell])
