"""The session and the tools, driven by the SDK's own runner; only the model's words are made."""

import asyncio

import pytest
from agents import Agent, ModelResponse, Runner, SessionSettings, Usage, set_tracing_disabled
from agents.memory import Session, SQLiteSession
from agents.models.interface import Model
from openai.types.responses import (
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseOutputText,
)

from keepsake_client import AsyncKeepsake
from keepsake_client.adapters.openai_agents import KeepsakeSession, memory_tools

set_tracing_disabled(disabled=True)


class Scripted(Model):
    """Says what it was given to say, and keeps what it was asked."""

    def __init__(self, *outputs) -> None:
        self.outputs, self.asked = list(outputs), []

    async def get_response(self, system_instructions, input, *arguments, **options):  # noqa: A002
        self.asked.append(input)
        return ModelResponse([self.outputs.pop(0)], Usage(), None)

    def stream_response(self, *arguments, **options):
        raise NotImplementedError


def says(text):
    part = ResponseOutputText(type="output_text", text=text, annotations=[])
    return ResponseOutputMessage(
        id="m", type="message", role="assistant", status="completed", content=[part]
    )


def calls(name, arguments):
    return ResponseFunctionToolCall(
        type="function_call", name=name, arguments=arguments, call_id=f"call-{name}"
    )


@pytest.fixture
def session(client, user):
    return KeepsakeSession("chat 1", client, user_id=user)


ITEMS = [
    {"role": "user", "content": "I live in Lisbon."},
    {"type": "reasoning", "id": "r1", "summary": [], "encrypted_content": "x" * 25_000},
    {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a": "\\u00e9 \\n"}'},
    {"type": "function_call_output", "call_id": "c", "output": " 漢字 \n\n"},
    {"role": "assistant", "content": [{"type": "output_text", "text": "Noted.", "n": 2.0}]},
]


def ran(session):
    """What the calls of a session answer, one after the other."""

    async def act():
        told = [await session.get_items(), await session.pop_item()]
        await session.add_items([])
        await session.add_items(ITEMS * 3)
        await session.add_items(ITEMS[:1])
        told += [await session.get_items(), await session.get_items(limit=2)]
        told += [await session.get_items(limit=0), await session.get_items(limit=99)]
        told += [await session.pop_item(), await session.pop_item(), await session.get_items()]
        await session.clear_session()
        return [*told, await session.get_items()]

    return asyncio.run(act())


def test_a_session_answers_as_the_sdks_own_does(session, tmp_path):
    assert isinstance(session, Session)
    assert ran(session) == ran(SQLiteSession("chat 1", tmp_path / "own.db"))


def test_sessions_and_users_are_apart_and_a_limit_is_a_setting(client, user, session):
    async def act():
        await session.add_items(ITEMS)
        others = [KeepsakeSession("chat", client, user_id=user),
                  KeepsakeSession("chat 1", client, user_id=f"{user}2")]  # fmt: skip
        limited = KeepsakeSession("chat 1", client, user_id=user,
                                  session_settings=SessionSettings(limit=1))  # fmt: skip
        return [await each.get_items() for each in (*others, limited)]

    assert asyncio.run(act()) == [[], [], ITEMS[-1:]]


def waited(client, user):
    """What is remembered of a user once all jobs have ended."""
    for job in client.jobs.list():
        client.jobs.wait(job.job_id, 60)
    return [memory.content for memory in client.memory.list(user_id=user)]


def test_what_the_user_says_is_remembered_and_items_are_no_memories(client, user, session):
    asyncio.run(session.add_items(ITEMS))
    silent = KeepsakeSession("chat 1", client, user_id=f"{user}2", remembers=False)
    asyncio.run(silent.add_items(ITEMS))

    assert waited(client, user) == ["I live in Lisbon."]
    turns = list(client.memory.list(user_id=user, kinds=["turn"]))
    assert [(turn.content, turn.response, turn.session_id) for turn in turns] == [
        ("I live in Lisbon.", "Noted.", "chat 1")
    ]
    assert waited(client, f"{user}2") == waited(client, f"{user}:sessions") == []


def test_a_runner_goes_on_with_what_was_said(session):
    model = Scripted(says("Lisbon it is."), says("In Lisbon."))
    agent = Agent("guide", model=model)

    Runner.run_sync(agent, "I live in Lisbon.", session=session)
    answer = Runner.run_sync(agent, "Where do I live?", session=session)

    assert answer.final_output == "In Lisbon."
    said = [item["content"] for item in model.asked[1] if item["role"] == "user"]
    assert said == ["I live in Lisbon.", "Where do I live?"]


def test_tools_remember_and_recall_for_one_user(client, user):
    async def act():
        async with AsyncKeepsake() as awaiting:
            model = Scripted(
                calls("remember", '{"text": "I am allergic to peanuts."}'),
                calls("recall", '{"query": "What may I not eat?"}'), says("No peanuts."),
            )  # fmt: skip
            tools = memory_tools(awaiting, user)
            agent = Agent("cook", model=model, tools=tools)
            await Runner.run(agent, "Remember it, then tell me.")
            return tools, model.asked[-1][-1]["output"]

    tools, recalled = asyncio.run(act())
    assert "I am allergic to peanuts." in recalled
    assert {tool.name: list(tool.params_json_schema["properties"]) for tool in tools} == {
        "remember": ["text"], "recall": ["query"],
    }  # fmt: skip
    assert all("user" in tool.description for tool in tools)


def test_what_fails_is_told_without_the_key(user):
    async def act():
        async with AsyncKeepsake(api_key="ksk_wrong") as awaiting:
            model = Scripted(calls("recall", '{"query": "food"}'), says("I cannot."))
            agent = Agent("cook", model=model, tools=memory_tools(awaiting, user))
            await Runner.run(agent, "What do I like?")
            return model.asked[-1][-1]["output"]

    said = asyncio.run(act())
    assert "error" in said
    assert "ksk_" not in said


def test_the_page_says_what_happens(shown):
    shown("openai-agents.md")
