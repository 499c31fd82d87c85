"""The toolset, driven by Pydantic AI's own agent; only the model's words are made."""

import asyncio
from dataclasses import dataclass

from pydantic_ai import Agent, RunContext
from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import FunctionModel

from keepsake_client import AsyncKeepsake
from keepsake_client.adapters.pydantic_ai import INSTRUCTIONS, memory_toolset


def scripted(*parts):
    """A model that says some parts in turn, and what it was asked and offered."""
    asked, offered, left = [], [], list(parts)

    def answer(messages, info):
        asked.append(messages)
        offered.append(info)
        return ModelResponse([left.pop(0)])

    return FunctionModel(answer), asked, offered


def results(messages):
    return [part.content for message in messages for part in message.parts
            if isinstance(part, ToolReturnPart)]  # fmt: skip


def test_an_agent_remembers_and_recalls_by_the_toolset(client, user):
    model, asked, offered = scripted(
        ToolCallPart("remember", {"text": "I am allergic to peanuts."}),
        ToolCallPart("recall", {"query": "What may I not eat?"}),
        TextPart("No peanuts."),
    )

    async def act():
        async with AsyncKeepsake() as awaiting:
            agent = Agent(model, toolsets=[memory_toolset(awaiting, user)])
            return (await agent.run("I am allergic to peanuts.")).output

    assert asyncio.run(act()) == "No peanuts."
    remembered, recalled = results(asked[-1])
    assert remembered == "Remembered."
    assert "I am allergic to peanuts." in recalled
    assert [memory.content for memory in client.memory.list(user_id=user)] == [
        "I am allergic to peanuts."
    ]
    tools = {tool.name: tool for tool in offered[0].function_tools}
    assert set(tools) == {"remember", "recall"}
    assert tools["recall"].parameters_json_schema["properties"]["query"]["description"]
    assert INSTRUCTIONS in (offered[0].instructions or "")


@dataclass
class Deps:
    user_id: str


def test_a_toolset_of_the_run_knows_the_user_of_its_dependencies(client, user):
    model, asked, _ = scripted(ToolCallPart("recall", {"query": "home"}), TextPart("In Faro."))
    client.memory.add("I live in Faro.", user_id=user).result()

    async def act():
        async with AsyncKeepsake() as awaiting:
            agent = Agent(model, deps_type=Deps)

            @agent.toolset
            def memory(ctx: RunContext[Deps]):
                return memory_toolset(awaiting, ctx.deps.user_id)

            await agent.run("Where do I live?", deps=Deps(user))

    asyncio.run(act())
    assert "I live in Faro." in results(asked[-1])[0]


def test_the_page_says_what_happens(shown):
    shown("pydantic-ai.md")
