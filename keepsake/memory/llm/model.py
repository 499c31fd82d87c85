"""Asking for a structured answer: fallbacks, one repair, a budget, and an account of it all."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Generic, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from keepsake.inference.client import Reply
from keepsake.inference.errors import BudgetSpent, ModelUnusable
from keepsake.inference.fallback import first
from keepsake.inference.settings import LlmSettings
from keepsake.inference.usage import Usage
from keepsake.memory.llm.calls import Calls, Step

Schema = TypeVar("Schema", bound=BaseModel)
Message = dict[str, Any]

_ROUNDS = (0, 1)
"""The asking, and the repair."""
_FENCED = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Answer(Generic[Schema]):
    """What was asked for, in the shape it was asked for in."""

    value: Schema
    usage: Usage
    model: str
    context: tuple[str, ...]


class Model:
    """The configured endpoints as one. Threads may share it."""

    def __init__(self, settings: LlmSettings, calls: Calls) -> None:
        self._settings = settings
        self._calls = calls
        self._client = httpx.Client(follow_redirects=False, trust_env=False)

    def ask(
        self,
        schema: type[Schema],
        messages: list[Message],
        step: Step | None = None,
        context: Sequence[str] = (),
    ) -> Answer[Schema]:
        """An answer that fits the schema; a second chance is given with what was wrong.

        step: what it is for; its replies are kept, so that a repeat asks nobody. None: it is asked
            once, and nothing is kept.
        context: what the messages refer to by number; the answer's is that of its own asking.

        Raises:
            ModelAway: No endpoint answered in time.
            ModelRefused: All refused.
            ModelUnusable: The answer did not fit, twice.
            BudgetSpent: It would take more than a turn may.
        """
        request = _request(schema, messages, self._settings.tokens_per_turn)
        reply, used = self._round(request, step, 0, Usage(), context)
        value, faults = _parsed(schema, reply.text)
        if value is None:
            messages = [*messages, {"role": "assistant", "content": reply.text[:20_000]},
                        {"role": "user", "content": _repair(faults)}]  # fmt: skip
            request = _request(schema, messages, self._settings.tokens_per_turn)
            reply, again = self._round(request, step, 1, used, reply.context)
            used = used.plus(again)
            value, faults = _parsed(schema, reply.text)
        if value is None:
            raise ModelUnusable("the answer does not fit what was asked for, twice")
        return Answer(value, used, reply.model, reply.context)

    def spent(self, step: Step) -> Usage:
        """What the replies to a step have cost, of use or not."""
        kept = (self._calls.find(step, number) for number in _ROUNDS)
        prices = (self._price(reply) for reply in kept if reply is not None)
        return reduce(Usage.plus, prices, Usage())

    def _round(
        self,
        request: dict[str, Any],
        step: Step | None,
        number: int,
        spent: Usage,
        context: Sequence[str],
    ) -> tuple[Reply, Usage]:
        """One reply: the one that was kept, or a new one, which is kept before it is read."""
        reply = self._calls.find(step, number) if step else None
        if reply is None:
            self._afford(spent)
            found = first(self._client, self._settings, request)
            reply = replace(found, context=tuple(context))
            if step:
                self._calls.keep(step, number, reply)
        return reply, self._price(reply)

    def _afford(self, spent: Usage) -> None:
        settings = self._settings
        if spent.calls >= settings.calls_per_turn or spent.tokens >= settings.tokens_per_turn:
            raise BudgetSpent("the calls or tokens allowed for a turn are used up")

    def _price(self, reply: Reply) -> Usage:
        """What it cost where it was paid; those kept without prices are the first endpoint's."""
        read, written = reply.prices or self._settings.endpoints[0].prices
        cost = (reply.input_tokens * read + reply.output_tokens * written) / 1_000_000
        return Usage(1, reply.input_tokens, reply.output_tokens, cost)


def _request(schema: type[BaseModel], messages: list[Message], most_tokens: int) -> dict[str, Any]:
    """Strict servers ask for every field and for no other; the schemas are written so."""
    wanted = {"name": schema.__name__, "strict": True, "schema": schema.model_json_schema()}
    return {
        "messages": messages, "temperature": 0, "max_tokens": min(4_000, most_tokens),
        "response_format": {"type": "json_schema", "json_schema": wanted},
    }  # fmt: skip


def _parsed(schema: type[Schema], text: str) -> tuple[Schema | None, list[str]]:
    """The answer, or what is wrong with it: places and kinds of faults, never values."""
    fenced = _FENCED.search(text)
    try:
        return schema.model_validate_json(fenced[1] if fenced else text.strip()), []
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        return None, [f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in faults[:10]]


def _repair(faults: list[str]) -> str:
    listed = json.dumps(faults)
    return f"That does not fit the schema. Faults: {listed}. Answer again with the JSON alone."
