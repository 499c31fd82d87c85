"""What is uploaded is read conversation by conversation, as it would be read at once."""

import io
import json
import struct
import tracemalloc
import zipfile
from contextlib import suppress
from datetime import datetime

import pytest

from keepsake.memory.errors import NoTurns
from keepsake.memory.importing import archives, parts, splitting, takeout
from keepsake.memory.importing.archives import parts_of_archive
from keepsake.memory.importing.chats import turns_of
from keepsake.memory.importing.parts import parts_of
from keepsake.memory.importing.shown_times import shown_time
from keepsake.memory.importing.splitting import divided, json_elements, lines
from keepsake.memory.shared_links import read_transcript
from tests.unit.memory.exports import ANSWERED, ASKED, CHAT_HTML, COMPANY, PAIRED, chatgpt

CUT = {"a log of OpenAI's chat", "Slack's folder"}
"""Lists that need each other: only where they are small are they read together."""


def pieces(document: bytes, size: int):
    return lambda: (document[at : at + size] for at in range(0, len(document), size))


def read(listed) -> list:
    """The words of all parts."""
    return [
        (turn.speaker, turn.user_query, turn.agent_response, turn.session_datetime)
        for part in listed
        for turn in turns_of(part.read())
    ]


def page(*activities: tuple[str, str, str]) -> str:
    """Takeout's page of activities: the prompt, the time and the answer."""
    cell = (
        '<div class="outer-cell mdl-cell"><div class="mdl-grid"><div class="header-cell"><p '
        'class="mdl-typography--title">Gemini Apps<br></p></div><div class="content-cell '
        'mdl-cell--6-col mdl-typography--body-1">{}<br>{}<br>{}</div><div class="content-cell '
        'mdl-typography--text-right"></div><div class="content-cell mdl-typography--caption">'
        "<b>Products:</b><br>&emsp;Gemini Apps<br></div></div></div>"
    )
    shown = "".join(cell.format(*activity) for activity in activities)
    return f"<html><head><style>.a {{}}</style></head><body>{shown}</body></html>"


def zipped(*members: tuple[str, str | bytes], **options) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file


ACTIVITIES = page(
    ("Prompted&nbsp;I moved to Rome.", "Jul 6, 2025, 9:01:22\u202fPM CEST", "<p>Nice.</p>"),
    (
        "Prompted&nbsp;Where is Lima?",
        "Jul 5, 2025, 10:01:22\u202fAM CEST",
        "<p>In <b>Peru</b>.</p>",
    ),
    ("Watched&nbsp;A film", "Jul 5, 2025, 9:01:22\u202fAM CEST", ""),
)


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_the_elements_of_a_list_are_found_wherever_they_are_cut(size):
    values = [{"a": ']}"\\'}, [1, {"b": "{["}], {"c": {"d": [[]]}}, "no", 7, {"e": "ü\\\\"}]
    document = json.dumps(values, indent=1, ensure_ascii=False).encode()

    found = list(json_elements(pieces(document, size)()))

    assert [json.loads(element.raw) for element in found] == [
        value for value in values if not isinstance(value, str | int)]  # fmt: skip


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_elements_of_lists_in_an_object_come_with_what_the_object_says_before(size):
    document = {"channel": {"id": 1}, "n": "x", "messages": [{"a": 1}, {"a": 2}], "z": 1,
                "more": [{"b": [3]}]}  # fmt: skip

    found = list(json_elements(pieces(json.dumps(document).encode(), size)()))

    wholes = [json.loads(each.head + b"[" + each.raw + b"]}") for each in found]
    about = {"channel": {"id": 1}, "n": "x"}
    assert wholes == [about | {"messages": [{"a": 1}]}, about | {"messages": [{"a": 2}]},
                      about | {"more": [{"b": [3]}]}]  # fmt: skip


def test_what_is_too_large_is_passed_over_and_what_follows_is_read(monkeypatch):
    monkeypatch.setattr(splitting, "MOST_BYTES", 1_000)
    listed = [{"a": 1}, {"b": ["x"] * 1_000}, {"c": 2}]
    raws = [each.raw for each in json_elements(pieces(json.dumps(listed).encode(), 100)())]
    rows = b'{"a": 1}\n' + b'"' + b"x" * 5_000 + b'"\n\n{"c": 2}'
    parted = [each.raw for each in lines(pieces(rows, 100)())]

    assert [raw and json.loads(raw) for raw in raws] == [{"a": 1}, None, {"c": 2}]
    assert parted == [b'{"a": 1}', None, b'{"c": 2}']
    with pytest.raises(NoTurns):
        list(json_elements(pieces(b'["' + b"x" * 5_000, 100)()))


def test_a_page_is_divided_at_its_marks():
    document = b"head<a>1<a>22<a>333<a>4444"

    assert b"".join(divided(pieces(document, 3)(), b"<a>", 8)) == document[4:]
    assert all(part.startswith(b"<a>") for part in divided(pieces(document, 3)(), b"<a>", 8))


@pytest.mark.parametrize("name", [*PAIRED, *COMPANY])
def test_a_large_export_gives_the_turns_of_a_small_one(name, monkeypatch):
    text = {**PAIRED, **COMPANY}[name]
    expected = [(turn.speaker, turn.user_query, turn.agent_response, turn.session_datetime)
                for turn in read_transcript(text).turns]  # fmt: skip
    document = pieces(text.encode(), 50)

    assert read(parts_of(document)) == expected
    monkeypatch.setattr(parts, "WHOLE_BYTES", 200)
    assert (read(parts_of(document)) == expected) is (name not in CUT)


def test_each_conversation_is_a_part_and_messages_of_one_stay_together(monkeypatch):
    monkeypatch.setattr(parts, "WHOLE_BYTES", 1_000)
    monkeypatch.setattr(parts, "_RUN_ELEMENTS", 4)
    chats = json.dumps([chatgpt() for _ in range(5)]).encode()
    said = [{"role": role, "content": f"{role} {number}"} for number in range(9)
            for role in ("user", "assistant", "assistant")]  # fmt: skip

    by_chat = list(parts_of(pieces(chats, 99), "conversations.json"))
    by_message = list(parts_of(pieces(json.dumps(said).encode(), 99)))

    assert [part.name for part in by_chat] == [f"conversations.json {n}" for n in range(1, 6)]
    assert len(by_message) == 5
    assert [turn[2].count("assistant") for turn in read(by_message)] == [2] * 9


def test_takeouts_page_is_read_as_its_json_is(monkeypatch):
    (chat,) = takeout.page(ACTIVITIES)
    said = [(message.text, message.said_at) for message in chat.messages]
    monkeypatch.setattr(parts, "WHOLE_BYTES", 500)
    monkeypatch.setattr(parts, "_CELLS_BYTES", 10)
    large = read(parts_of(pieces(ACTIVITIES.encode(), 100)))

    first, second = "2025-07-05T08:01:22+00:00", "2025-07-06T19:01:22+00:00"
    assert said == [(ASKED, first), (ANSWERED, first), ("I moved to Rome.", second),
                    ("Nice.", second)]  # fmt: skip
    assert sorted(large) == sorted([("", ASKED, ANSWERED, first),
                                    ("", "I moved to Rome.", "Nice.", second)])  # fmt: skip


@pytest.mark.parametrize(("shown", "meant"), [
    ("Jul 5, 2025, 10:01:22 PM CEST", "2025-07-05T20:01:22+00:00"),
    ("5 Jul 2025, 22:01:22 BST", "2025-07-05T21:01:22+00:00"),
    ("05.07.2025, 10:01:22 MESZ", "2025-07-05T08:01:22+00:00"),
    ("5 juil. 2025, 10:01:22 CEST", "2025-07-05T08:01:22+00:00"),
    ("5 de dez. de 2025 10:01:22 GMT-03:00", "2025-12-05T13:01:22+00:00"),
    ("2025/07/05 10:01:22 JST", "2025-07-05T01:01:22+00:00"),
    ("7/5/2025, 12:01:22 AM", "2025-07-05T00:01:22"),
    ("31/12/2025, 23:01:22", "2025-12-31T23:01:22"),
    ("Dec 32, 2025, 10:01:22 AM", ""),
])  # fmt: skip
def test_a_time_is_read_as_a_page_shows_it(shown, meant):
    assert shown_time(shown) == meant
    assert not meant or datetime.fromisoformat(meant)


def test_a_zip_is_read_by_what_is_in_it():
    ratings = json.dumps([{"role": "user", "content": "no"}])
    chats = json.dumps([chatgpt()])
    slack = {"users.json": [{"id": "U1", "real_name": "Ana"}, {"id": "U2", "real_name": "Ben"}]}
    day = [{"type": "message", "user": f"U{n}", "ts": f"171576720{n}.1", "text": f"I ski {n}."}
           for n in (1, 2)]  # fmt: skip
    of_chatgpt = zipped(("user.json", "{}"), ("model_comparisons.json", ratings),
                        ("conversations.json", chats), ("chat.html", CHAT_HTML))  # fmt: skip
    folder = "Takeout/My Activity/Gemini Apps/MyActivity"
    of_takeout = zipped((f"{folder}.html", ACTIVITIES), ("Takeout/Keep/note.json", "{}"),
                        ("Takeout/archive_browser.html", "<html></html>"))  # fmt: skip
    of_both = zipped((f"{folder}.html", ACTIVITIES), (f"{folder}.json", PAIRED["Gemini's Takeout"]))
    of_slack = zipped(("users.json", json.dumps(slack["users.json"])),
                      ("general/2024-05-15.json", json.dumps(day)))  # fmt: skip
    of_whatsapp = zipped(("IMG.jpg", b"\xff\xd8"), ("_chat.txt", COMPANY["WhatsApp on iOS"]))

    assert [turn[1:3] for turn in read(parts_of_archive(of_chatgpt))] == [(ASKED, ANSWERED)]
    assert [turn[1] for turn in read(parts_of_archive(of_takeout))] == [ASKED, "I moved to Rome."]
    assert len(read(parts_of_archive(of_both))) == 1
    assert [turn[:2] for turn in read(parts_of_archive(of_slack))] == [
        ("Ana", "I ski 1."), ("Ben", "I ski 2.")]  # fmt: skip
    assert [turn[0] for turn in read(parts_of_archive(of_whatsapp))] == ["Ana", "Ben Ray"]


def test_each_day_of_slack_comes_with_the_users_that_it_names_alone():
    people = [{"id": f"U{n}", "profile": {"real_name": f"Ana {n}", "title": "x" * 5_000}}
              for n in range(500)]  # fmt: skip
    days = [(f"general/2024-05-{day}.json",
             json.dumps([{"type": "message", "user": "U7", "ts": "1715767201.1",
                          "text": "I ski with <@U8>."}])) for day in range(10, 30)]  # fmt: skip
    archive = zipfile.ZipFile(zipped(("users.json", json.dumps(people)), *days))
    users, *members = sorted(archive.infolist(), key=lambda member: len(member.filename))
    named = archives._people(archive, [users, *members])

    sent = [b"".join(archives._pieces(archive, member, named)) for member in members]

    assert max(map(len, sent)) < 300
    assert {turn[:2] for turn in read(parts_of_archive(archive.fp))} == {
        ("Ana 7", "I ski with @Ana 8.")}  # fmt: skip


def test_a_member_that_holds_more_than_it_says_is_not_unpacked_at_once():
    day = [{"type": "message", "user": "U1", "ts": "1715767201.1", "text": "I ski."}]
    size = 60_000_000
    whole = zipped(("users.json", b" " * size), ("general/2024-05-15.json", json.dumps(day)))
    lying = whole.getvalue().replace(struct.pack("<I", size), struct.pack("<I", 100))

    tracemalloc.start()
    with pytest.raises(NoTurns):
        list(parts_of_archive(io.BytesIO(lying)))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert most < 10_000_000


def test_no_member_that_cannot_be_read_keeps_the_others_out():
    archive = zipped(("a.txt", "\n" * 300_001), ("b.json", json.dumps([chatgpt()])))

    good, bad = parts_of_archive(archive)

    assert (read([good])[0][1:3], bad.name) == ((ASKED, ANSWERED), "a.txt 1")
    with pytest.raises(NoTurns):
        list(bad.read())


@pytest.mark.parametrize("wrong", [0, 0xFF])
def test_whatever_byte_of_a_zip_is_wrong_it_is_read_or_refused(wrong):
    whole = zipped(("caf\u00e9.json", "[]")).getvalue()

    for at in range(len(whole)):
        file = io.BytesIO(whole[:at] + bytes([wrong]) + whole[at + 1 :])
        with suppress(NoTurns):
            assert read(parts_of_archive(file)) == []


def test_a_zip_that_is_no_export_is_refused(monkeypatch):
    bomb = zipped(("conversations.json", b"[" + b" " * 50_000_000))
    whole = zipped(("conversations.json", json.dumps([chatgpt()]))).getvalue()
    damaged = io.BytesIO(whole[:60] + b"\xff\xff\xff\xff" + whole[64:])
    cut = io.BytesIO(whole[:-30])
    odd = io.BytesIO()
    with zipfile.ZipFile(odd, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("conversations.json", json.dumps([chatgpt()]))

    many = zipped(*((f"{number}.json", "") for number in range(300)))
    read(parts_of_archive(many))

    for file in (bomb, damaged, cut, odd):
        with pytest.raises(NoTurns):
            read(parts_of_archive(file))
    monkeypatch.setattr(archives, "_MOST_READ_BYTES", 10_000)
    with pytest.raises(NoTurns):
        read(parts_of_archive(many))
    monkeypatch.setattr(archives, "_MOST_UNPACKED_BYTES", 100)
    with pytest.raises(NoTurns):
        read(parts_of_archive(io.BytesIO(whole)))


def told(document: str) -> tuple[list[str], list[str]]:
    """What is read of a document, and why parts of it are not."""
    words, why = [], []
    for part in parts_of(pieces(document.encode(), 1000)):
        try:
            words += [turn.user_query for turn in turns_of(part.read())]
        except NoTurns as error:
            why.append(str(error))
    return words, why


CHATS = [{"id": f"c{n}", "messages": [{"role": "user", "content": f"I keep {n} hens."}]}
         for n in range(3)]  # fmt: skip
LINES = "".join(f"{json.dumps(chat)}\n" for chat in CHATS)
ALL = ["I keep 0 hens.", "I keep 1 hens.", "I keep 2 hens."]


@pytest.mark.parametrize(
    ("document", "words", "why"),
    [
        (json.dumps(CHATS), ALL, []),
        (json.dumps(CHATS)[:-30], ALL[:2], ["the document breaks off"]),
        (json.dumps({"conversations": CHATS})[:-30], ALL[:2], ["the document breaks off"]),
        (json.dumps(CHATS).replace('"c1"', '"c1'), ALL[:1], ["the document breaks off"]),
        (json.dumps(CHATS).replace('"c1"', "c1"), [ALL[0], ALL[2]], ["it is no JSON"]),
        (LINES, ALL, []),
        (LINES[:-30], ALL[:2], ["the document breaks off"]),
        (LINES.replace('"c1"', '"c1'), [ALL[0], ALL[2]], ["it is no JSON"]),
        ("[05.01.24, 12:00:00] Ana: Hi\n[05.01.24, 12:01:00] Bo: Hello", None, []),
    ],
)
def test_what_cannot_be_read_of_a_small_document_is_told_and_keeps_nothing_else_out(
    document, words, why
):
    read_words, read_why = told(document)

    assert words is None or read_words == words
    assert read_why == why


def test_a_chat_of_an_unknown_shape_is_a_part_in_which_nothing_is_found():
    document = json.dumps([*CHATS, {"messages": 3}])

    found = [len(list(part.read())) for part in parts_of(pieces(document.encode(), 1000))]

    assert found == [1, 1, 1, 0]
