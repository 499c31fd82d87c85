"""What commands print, for people and for programs."""

import json
import re
from datetime import datetime, timedelta
from io import StringIO

import pytest
from click.testing import CliRunner
from rich.console import Console

from keepsake_client.commands import Column, Output, OutputCommand, progress
from keepsake_client.commands.output import ago, lasting, printable, worded
from keepsake_client.commands.progress import Bars, Lines, line_of
from keepsake_client.models.jobs import LogLine, Progress

MOMENT = datetime.fromisoformat("2026-01-31T12:00:00+00:00")
COLUMNS = (
    Column("job", lambda row: row[0], whole=True),
    Column("error", lambda row: row[1]),
)
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m \u202egnp.exe"


def printed(print_, capsys, *, as_json=False) -> str:
    print_(Output(as_json=as_json))
    return capsys.readouterr().out


def test_a_list_is_a_table_for_people_and_one_document_for_programs(capsys):
    rows = [("job_1", "none"), ("job_22", "lost")]

    table = printed(lambda out: out.rows(rows, COLUMNS), capsys)
    document = printed(lambda out: out.rows(rows, COLUMNS), capsys, as_json=True)

    assert table == "job     error\njob_1   none\njob_22  lost\n"
    assert json.loads(document) == [["job_1", "none"], ["job_22", "lost"]]


def test_an_empty_list_is_a_sentence_for_people_and_an_empty_list_for_programs(capsys):
    assert printed(lambda out: out.rows([], COLUMNS, none="No jobs."), capsys) == "No jobs.\n"
    assert printed(lambda out: out.rows([], COLUMNS), capsys, as_json=True) == "[]\n"


def test_without_a_terminal_no_cell_is_cut(capsys):
    table = printed(lambda out: out.rows([("job_1", "x" * 500)], COLUMNS), capsys)

    assert "x" * 500 in table


@pytest.mark.parametrize(("width", "fits"), [(20, False), (40, True)])
def test_on_a_narrow_terminal_ids_stay_whole_and_the_rest_is_cut(monkeypatch, capsys, width, fits):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")

    table = printed(lambda out: out.rows([("job_" + "1" * 20, "x" * 500)], COLUMNS), capsys)

    shown = re.sub(r"\x1b\[\d*m", "", table)
    assert "job_" + "1" * 20 in shown
    assert ("error" in shown, max(map(len, shown.splitlines())) <= max(width, 26)) == (fits, True)


def test_fields_without_a_value_are_left_out(capsys):
    fields = [("job", "job_1"), ("error", None), ("labels", []), ("created", MOMENT)]

    shown = printed(lambda out: out.record({}, fields), capsys).splitlines()

    assert shown == ["job      job_1", f"created  {worded(MOMENT)}"]


def test_nothing_that_strangers_wrote_commands_a_terminal(capsys):
    def everything(out):
        out.rows([("job_1", HOSTILE)], COLUMNS)
        out.record({"error": HOSTILE}, [("error", HOSTILE), ("result", {"text": HOSTILE})])
        out.event({"message": HOSTILE}, printable(HOSTILE))

    for as_json in (False, True):
        shown = printed(everything, capsys, as_json=as_json)
        assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown) == []
        assert "gnp.exe" in shown


def test_json_says_what_was_there(capsys):
    shown = printed(lambda out: out.document({"said": HOSTILE}), capsys, as_json=True)

    assert json.loads(shown) == {"said": HOSTILE}


def test_a_stream_is_a_line_of_json_each(capsys):
    def two(out):
        out.event({"kind": "state"}, "running")
        out.event({"kind": "end"}, "")

    assert printed(two, capsys, as_json=True) == '{"kind": "state"}\n{"kind": "end"}\n'
    assert printed(two, capsys) == "running\n"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59, "59 s"), (60, "1 min"), (7_199, "1 h"), (200_000, "2 d"), (None, "")],
)
def test_a_span_is_told_in_its_largest_unit(seconds, words):
    assert lasting(seconds) == words


def test_an_age_is_told_from_now():
    now = datetime.now(MOMENT.tzinfo)

    soon = now + timedelta(minutes=1)  # it may be a moment later by now

    assert [ago(now - timedelta(hours=2)), ago(soon), ago(None)] == ["2 h ago", "now", ""]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ""),
        (True, "yes"),
        ([], ""),
        (["a", "b"], "a, b"),
        ({"a": {"b": 1}}, '{"a": {"b": 1}}'),
    ],
)
def test_a_value_is_told_in_words(value, words):
    assert worded(value) == words


def test_progress_without_a_terminal_is_lines_some_seconds_apart(capsys, monkeypatch):
    monkeypatch.setattr(progress, "_BETWEEN_LINES", 3_600)
    with Lines() as shown:
        for status in ("pending", "pending", "running"):
            shown.state(status)
        for stage, done in (("parse", 1), ("parse", 2), ("embed", 0), ("embed", 9)):
            shown.progress(Progress(stage=stage, done=done, total=9, unit="files"))
        shown.log(LogLine(at=MOMENT, level="info", message="read"))

    printed = capsys.readouterr()
    assert printed.err.splitlines() == [
        "pending", "running", "parse, 1 of 9 files", "embed, 0 of 9 files", "read",
    ]  # fmt: skip
    assert printed.out == ""


def test_progress_on_a_terminal_is_a_bar_for_each_stage_with_rate_and_time_left(monkeypatch):
    screen = Console(file=StringIO(), force_terminal=True, width=100, color_system=None)
    monkeypatch.setattr("keepsake_client.commands.progress.console", lambda **_: screen)
    bars, clock = Bars(), [0.0]
    bars._bars.get_time = lambda: clock[0]

    def shown() -> list[str]:
        screen.print(bars._bars.get_renderable())
        return screen.file.getvalue().splitlines()[-len(bars._bars.tasks) :]

    bars.state("pending")
    assert shown()[0].startswith("pending")
    for stage, done in (("parse", 0), ("parse", 20), ("parse", 40), ("embed", 0)):
        bars.progress(Progress(stage=stage, done=done, total=100, unit="files"))
        if done == 40:
            (parse,) = shown()
            assert re.match(r"parse ━+.* 40/100 files, 10 files/s +00:06$", parse)
        clock[0] += 2
    bars.state("succeeded")

    assert [line.split()[0] for line in shown()] == ["parse", "embed"]


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (Progress(stage="parse", done=3, total=9, unit="files", message="about 2 s left"),
         "parse, 3 of 9 files, about 2 s left"),
        (Progress(stage="read", done=0, unit="turns"), "read, 0 turns"),
        (Progress(stage="\x1b[2J", done=1), "\\x1b[2J, 1"),
    ],
)  # fmt: skip
def test_progress_is_told_in_one_line(progress, line):
    assert line_of(progress) == line


def test_a_command_whose_reader_has_left_is_quiet(monkeypatch):
    def speak(out):
        raise BrokenPipeError

    quieted = []
    monkeypatch.setattr("keepsake_client.commands.calling._be_quiet", lambda: quieted.append(1))

    ended = CliRunner().invoke(OutputCommand("speak", callback=speak))

    assert (ended.exit_code, ended.output, quieted) == (141, "", [1])
