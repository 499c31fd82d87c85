import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepsake.memory.conversations import MOST_TURNS, ChatMessage, turns
from keepsake.memory.errors import NoTurns
from keepsake.memory.shared_links import read_transcript

ASKED, ANSWERED = "Where is Lima?", "In Peru."
PAIRS = [{"user_query": ASKED, "agent_response": ANSWERED}]


def chatgpt():
    """An export with an edited message: only the branch that was kept counts."""

    def node(name, parent, role, text, **message):
        content = {"content_type": "text", "parts": [text]}
        said = {"id": f"m-{name}", "author": {"role": role}, "content": content, **message}
        return {"id": name, "parent": parent, "children": [], "message": said if role else None}

    nodes = [
        node("root", None, "", ""),
        node("sys", "root", "system", "Be nice."),
        node("old", "sys", "user", "Where is Lime?"),
        node("a", "sys", "user", ASKED, create_time=1_700_000_000.5),
        node("tool", "a", "tool", "searching"),
        node("b", "tool", "assistant", ANSWERED),
    ]
    return {"conversation_id": "c1", "title": "Lima", "current_node": "b",
            "mapping": {one["id"]: one for one in nodes}}  # fmt: skip


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
CHATGPT_STREAM = "<html><script>window.x.streamController.enqueue({});</script></html>".format(
    json.dumps(json.dumps([{"shared": chatgpt()}]))
)
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
    "ChatGPT's export": json.dumps([chatgpt()]),
    "Claude's export": json.dumps([CLAUDE]),
    "a list of messages": json.dumps(OPENAI["messages"]),
    "a request to a model": json.dumps(OPENAI),
    "our own pairs": json.dumps({"pairs": PAIRS}),
    "ChatGPT's page": CHATGPT_PAGE,
    "ChatGPT's streamed page": CHATGPT_STREAM,
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


def test_an_export_keeps_ids_and_times():
    (first,) = read_transcript(FORMATS["ChatGPT's export"]).turns
    (second,) = read_transcript(FORMATS["Claude's export"]).turns

    assert (first.source_id, first.session_id) == ("m-a", "c1")
    assert first.session_datetime == "2023-11-14T22:13:20.500000+00:00"
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


def test_a_tag_of_a_million_attributes_is_skipped_without_being_kept():
    said = "<user-query>I like figs.</user-query><model-response>Noted.</model-response>"
    page = f"<html><img {'a ' * 1_000_000}>{said}</html>"

    tracemalloc.start()
    transcript = read_transcript(page)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [turn.user_query for turn in transcript.turns] == ["I like figs."]
    assert peak < 10_000_000


def test_what_lies_beyond_the_most_turns_is_not_read():
    read = 0

    def messages():
        nonlocal read
        for number in range(3 * MOST_TURNS):
            read += 1
            yield ChatMessage(number % 2 == 0, f"message {number}")

    assert len(turns(messages())) == MOST_TURNS
    assert read == 2 * MOST_TURNS + 1
