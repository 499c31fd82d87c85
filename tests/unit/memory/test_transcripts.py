import json
import tracemalloc
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepsake.memory.domains.registry import classify, extract
from keepsake.memory.errors import NoTurns
from keepsake.memory.importing import reading
from keepsake.memory.importing.chats import (
    MOST_CHARACTERS,
    Chat,
    ChatMessage,
    Voice,
    turns_of,
)
from keepsake.memory.shared_links import read_transcript
from tests.unit.memory.exports import (
    ANSWERED,
    ASKED,
    AT,
    COMPANY,
    PAIRED,
    chatgpt,
)

PAIRS = [{"user_query": ASKED, "agent_response": ANSWERED}]

CLAUDE = {
    "uuid": "c2",
    "chat_messages": [
        {"uuid": "m1", "sender": "human", "created_at": "2024-05-15T10:00:00Z", "text": ASKED},
        {"uuid": "m2", "sender": "assistant", "content": [{"type": "text", "text": ANSWERED}]},
    ],
}
OPENAI = {"messages": [{"role": "system", "content": "Be nice."},
                       {"role": "user", "content": [{"type": "text", "text": ASKED}]},
                       {"role": "assistant", "content": ANSWERED}]}  # fmt: skip

CHATGPT_PAGE = f"""<!DOCTYPE html><html><head><style>p {{}}</style></head><body><nav>Log in</nav>
<div data-message-author-role="user" data-message-id="m1"><div class="text">{ASKED}</div></div>
<div data-message-author-role="assistant"><div><p>In <b>Peru</b>.</p><button>Copy</button></div>
</div></body></html>"""
CLAUDE_PAGE = f"""<html><body><script>window.__PRELOADED_STATE__ = {
    json.dumps(
        {
            "chat": {
                "messages": [
                    {"sender": "human", "text": ASKED},
                    {"sender": "assistant", "text": ANSWERED},
                ]
            }
        }
    )
};</script></body></html>"""
CLAUDE_SHOWN = f"""<html><body><div data-testid="user-message"><p>{ASKED}</p></div>
<div data-testid="assistant-message"><p>{ANSWERED}</p></div></body></html>"""
GEMINI_PAGE = f"""<html><body><user-query><div><p>{ASKED}</p></div></user-query>
<model-response><message-content><p>{ANSWERED}</p></message-content></model-response></body></html>"""

FORMATS = {
    "Claude's export": json.dumps([CLAUDE]),
    "a list of messages": json.dumps(OPENAI["messages"]),
    "a request to a model": json.dumps(OPENAI),
    "our own pairs": json.dumps({"pairs": PAIRS}),
    "ChatGPT's page": CHATGPT_PAGE,
    "Claude's page": CLAUDE_PAGE,
    "Claude's page as shown": CLAUDE_SHOWN,
    "Gemini's page": GEMINI_PAGE,
    "plain text": f"User: {ASKED}\nAssistant: {ANSWERED}\n",
    "ChatGPT copied by hand": f"You said:\n{ASKED}\n\nChatGPT said:\n{ANSWERED}\n",
    "Cursor's Markdown": f"_Exported on 1/1/2025 from Cursor (1.0)_\n\n---\n\n**User**\n\n{ASKED}\n"
                         f"\n---\n\n**Cursor**\n\n{ANSWERED}\n",
    "Markdown with headings": f"# Chat Conversation\n\n### User Input\n\n{ASKED}\n\n"
                              f"### Planner Response\n\n{ANSWERED}\n",
    "Markdown in bold": f"**Human:** {ASKED}\n\n**Claude:** {ANSWERED}",
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_a_conversation_is_read_from(name):
    assert read_transcript(FORMATS[name]).pairs() == PAIRS


@pytest.mark.parametrize("name", PAIRED)
def test_the_words_of_both_sides_alone_are_read_from(name):
    turns = read_transcript(PAIRED[name]).turns

    assert [(turn.user_query, turn.agent_response) for turn in turns] == [(ASKED, ANSWERED)]
    assert [turn.speaker for turn in turns] == [""]


@pytest.mark.parametrize("name", COMPANY)
def test_people_speak_for_themselves_unless_one_is_the_user(name):
    said = read_transcript(COMPANY[name]).turns
    own = read_transcript(COMPANY[name], user_name="ana").turns

    assert [(turn.speaker, turn.user_query) for turn in said] == [
        ("Ana", "I ski.\nA lot."), ("Ben Ray", "Me too.")]  # fmt: skip
    assert [turn.said_at.strftime("%m-%d %H:%M") for turn in said] == ["05-15 10:00", "05-16 09:30"]
    assert [turn.speaker for turn in own] == ["", "Ben Ray"]


def test_a_named_speakers_facts_are_not_the_users():
    text = (
        "Al Jennings: I live in Bern.\n[x]: y\nMay: I live in Rome.\nAl Jennings: Bye.\nMay: Bye."
    )

    subjects = {
        each.slot.subject
        for turn in read_transcript(text).turns
        for each in extract(turn, classify(turn), date(2024, 5, 15))
        if each.slot
    }

    assert subjects == {"al jennings", "may"}


@pytest.mark.parametrize(("dates", "month"), [
    (["1/2/24", "13/2/24"], 2), (["1/2/24", "1/13/24"], 1), (["1/2/24", "2/2/24", "1/3/24"], 2),
    (["1/2/24", "1/3/24", "2/1/24"], 1), (["2024-01-02"], 1), (["01.02.24"], 2),
])  # fmt: skip
def test_the_order_of_dates_is_told_by_all_of_them(dates, month):
    text = "\n".join(f"{day}, 10:00 - Ana: Hi." for day in dates)

    assert read_transcript(text).turns[0].said_at.month == month


def test_statements_of_other_memories_are_kept_with_their_times():
    mem0 = {"results": [{"id": "f1", "memory": "Likes figs", "created_at": AT, "user_id": "ana"}]}
    zep = {"facts": [{"uuid": "f2", "fact": "Ana lives in Rome.", "valid_at": AT},
                     {"uuid": "f3", "fact": "Ana lives in Bonn.", "invalid_at": AT}]}  # fmt: skip

    turns = [turn for export in (mem0, zep) for turn in read_transcript(json.dumps(export)).turns]

    assert [(turn.source_id, turn.user_query, turn.session_datetime) for turn in turns] == [
        ("f1", "Likes figs", AT), ("f2", "Ana lives in Rome.", AT)]  # fmt: skip


def test_a_long_text_is_told_in_several_turns_and_nothing_is_cut():
    said, answer = "I ski. " * 4_000, "Nice! " * 2_500
    chat = Chat([ChatMessage(Voice.USER, said, id="m1"), ChatMessage(Voice.AGENT, answer)], "c1")

    turns = list(turns_of([chat]))

    assert " ".join(turn.user_query for turn in turns).split() == said.split()
    assert " ".join(turn.agent_response for turn in turns).split() == answer.split()
    assert [turn.source_id for turn in turns] == ["m1", "m1#2", "m1#3", "m1#4"]
    assert max(len(turn.user_query) for turn in turns) <= MOST_CHARACTERS


def test_what_names_itself_without_end_is_refused():
    loop = json.dumps([{"_1": 0}, "messages"])
    wide = json.dumps([{f"_{n}": 1 for n in range(2, 60)}, *[[n + 1] * 60 for n in range(1, 60)]])

    for text in (loop, wide, '[{"role": "user", "content": ' + "[" * 800 + "]" * 800 + "}]"):
        with pytest.raises(NoTurns, match="JSON Lines of ChatGPT"):
            read_transcript(text)


def test_an_export_keeps_ids_and_times():
    (first,) = read_transcript(json.dumps([chatgpt()])).turns
    (second,) = read_transcript(FORMATS["Claude's export"]).turns

    assert (first.source_id, first.session_id) == ("m-a", "c1")
    assert first.session_datetime == AT
    assert (second.source_id, second.session_id) == ("m1", "c2")
    assert second.said_at.isoformat() == "2024-05-15T10:00:00+00:00"


def test_several_messages_in_a_row_belong_together():
    text = "User: One.\nUser: Two.\nAssistant: Three.\nAssistant: Four.\nUser: Five.\n"

    assert read_transcript(text).pairs() == [
        {"user_query": "One.\n\nTwo.", "agent_response": "Three.\n\nFour."},
        {"user_query": "Five.", "agent_response": ""},
    ]


def test_a_speaker_within_code_is_no_speaker():
    text = "User: Fix this:\n```yaml\nuser: root\nassistant: none\n```\nAssistant: Done."

    (turn,) = read_transcript(text).turns

    assert turn.user_query == "Fix this:\n```yaml\nuser: root\nassistant: none\n```"


@pytest.mark.parametrize(
    "text",
    ["", "Just some prose.", "{}", "[]", "[1, 2]", "{", "<html></html>", "[" * 5_000, "null",
     '{"mapping": {"a": {"parent": "b"}, "b": {"parent": "a"}}, "current_node": "a"}'],
)  # fmt: skip
def test_what_is_no_conversation_is_said_to_be_none(text):
    with pytest.raises(NoTurns):
        read_transcript(text)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='{}[]":,<>/ab user:assistant\n#*`-\\', max_size=300))
def test_any_text_is_read_or_refused(text):
    try:
        assert read_transcript(text).turns
    except NoTurns:
        return


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["mapping", "messages", "author", "role", "content", "parts", "text", "id",
                         "sender", "current_node", "metadata", "user_query", "create_time"]),
        inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_any_json_is_read_or_refused(document):
    try:
        read_transcript(json.dumps([document]))
    except NoTurns:
        return


@pytest.mark.parametrize(
    "text",
    [
        r'[{"role": "user", "content": "I ski. \ud83d", "id": "m\ud800"},'
        r' {"role": "assistant", "content": "\udc00 Nice."}]',
        r'{"id": "c\ud800", "messages": [{"sender": "Ann\ud800", "text": "I ski. \ud83d"},'
        r' {"sender": "assistant", "text": "\udc00 Nice."}]}',
    ],
)
def test_half_of_a_surrogate_pair_costs_that_character_alone(text):
    (turn,) = read_transcript(text).turns

    assert (turn.user_query, turn.agent_response) == ("I ski. ?", "? Nice.")
    assert turn.model_dump_json()


def test_a_tag_of_a_million_attributes_is_skipped_without_being_kept():
    said = "<user-query>I like figs.</user-query><model-response>Noted.</model-response>"
    page = f"<html><img {'a ' * 1_000_000}>{said}</html>"

    tracemalloc.start()
    transcript = read_transcript(page)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [turn.user_query for turn in transcript.turns] == ["I like figs."]
    assert peak < 10_000_000


def test_more_turns_than_are_read_are_refused_not_cut(monkeypatch):
    monkeypatch.setattr(reading, "MOST_TURNS", 2)
    text = "User: I ski.\nAssistant: Nice.\n"

    assert len(read_transcript(2 * text).turns) == 2
    with pytest.raises(NoTurns, match="more than 2 turns"):
        read_transcript(3 * text)
