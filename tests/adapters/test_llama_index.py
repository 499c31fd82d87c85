"""The memory block, as LlamaIndex's own `Memory` drives it."""

import asyncio
import os

from llama_index.core.llms import ChatMessage
from llama_index.core.memory import Memory

from keepsake_client import AsyncKeepsake
from keepsake_client.adapters.llama_index import KeepsakeMemoryBlock


def chat(*said):
    return [ChatMessage(role=role, content=content) for role, content in said]


def test_what_leaves_the_chat_is_remembered_and_comes_back_with_the_prompt(client, user):
    async def act():
        async with AsyncKeepsake() as awaiting:
            block = KeepsakeMemoryBlock(client=awaiting, user_id=user)
            memory = Memory.from_defaults(
                session_id="chat 1", token_limit=60, token_flush_size=10,
                chat_history_token_ratio=0.5, memory_blocks=[block],
            )  # fmt: skip
            await memory.aput_messages(
                chat(("user", "I am allergic to peanuts."), ("assistant", "Noted."),
                     ("user", "Tell me of the sea. " * 10), ("assistant", "It is blue. " * 10),
                     ("user", "What may I not eat?"))
            )  # fmt: skip
            return await memory.aget()

    prompt = asyncio.run(act())
    assert "allergic" not in " ".join(each.content for each in prompt if each.role != "system")
    assert prompt[0].role == "system"
    assert "I am allergic to peanuts." in prompt[0].content
    turn = next(client.memory.list(user_id=user, kinds=["turn"]))
    assert (turn.content, turn.response, turn.session_id) == (
        "I am allergic to peanuts.", "Noted.", "chat 1",
    )  # fmt: skip


def test_a_block_is_no_longer_than_asked_for_and_nothing_is_said_of_nobody(client, user):
    said = [{"user_query": f"I own boat number {number}."} for number in range(30)]
    client.memory.add_many([{**turn, "user_id": user} for turn in said]).result()

    async def act():
        async with AsyncKeepsake() as awaiting:
            of = [KeepsakeMemoryBlock(client=awaiting, user_id=user, max_tokens=tokens)
                  for tokens in (2_000, 200)]  # fmt: skip
            long, short = [await each.aget(chat(("user", "boats"))) for each in of]
            await of[0].aput(chat(("assistant", "Nothing.")))
            await of[0].aput(chat(("user", "")))
            return long, short, await of[0].aget(), await of[0].aget(chat(("user", "x" * 9_000)))

    long, short, unasked, much_asked = asyncio.run(act())
    assert len(short) < len(long)
    assert "boat number" in unasked
    assert "boat number" in much_asked


def test_nothing_that_shows_a_block_has_the_key(user):
    block = KeepsakeMemoryBlock(user_id=user)

    assert os.environ["KEEPSAKE_API_KEY"] not in f"{block!r} {block.model_dump()}"


def test_the_page_says_what_happens(shown):
    shown("llama-index.md")
