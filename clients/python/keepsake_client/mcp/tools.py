"""A tool: a function with a model of its arguments and of its result, as agents see it."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, get_type_hints

import mcp_types
from pydantic import BaseModel, ConfigDict, Field

from keepsake_client.mcp.calls import Call
from keepsake_client.mcp.results import ToolResult

Function = Callable[[Call, Any], Awaitable[ToolResult]]
UserId = Annotated[
    str,
    Field(
        max_length=256,
        pattern=r"^[\w.\-@:|+=~!$%&'*,;()\[\]{}]*$",
        description="Whose memory; leave it out for the memory of the API key's own owner",
    ),
]
JobId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\w+$")]
WaitSeconds = Annotated[
    int,
    Field(
        ge=0,
        le=600,
        description="For how long to wait for the end; after it the job goes on by itself and "
        "`job_status` says where it stands",
    ),
]


class Arguments(BaseModel):
    """What a tool is given; what it does not know is a mistake that is told."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)


@dataclass(frozen=True)
class Tool:
    """A tool, and how it is described to a model."""

    function: Function
    title: str
    annotations: mcp_types.ToolAnnotations

    @property
    def name(self) -> str:
        """Its name."""
        return self.function.__name__

    @property
    def arguments(self) -> type[Arguments]:
        """The model of its arguments."""
        model: type[Arguments] = get_type_hints(self.function)["given"]
        return model

    def listed(self) -> mcp_types.Tool:
        """How it stands in the list of tools."""
        result: type[ToolResult] = get_type_hints(self.function)["return"]
        return mcp_types.Tool(
            name=self.name,
            title=self.title,
            description=inspect.cleandoc(self.function.__doc__ or ""),
            input_schema=self.arguments.model_json_schema(),
            output_schema=result.model_json_schema(mode="serialization"),
            annotations=self.annotations,
        )


def reads(function: Function, title: str) -> Tool:
    """A tool that changes nothing."""
    annotations = mcp_types.ToolAnnotations(
        title=title, read_only_hint=True, idempotent_hint=True, open_world_hint=False
    )
    return Tool(function, title, annotations)


def writes(
    function: Function, title: str, *, destroys: bool, repeatable: bool, outside: bool = False
) -> Tool:
    """A tool that changes something.

    destroys: something is gone for good. repeatable: twice does what once does. outside: it asks
    servers elsewhere.
    """
    annotations = mcp_types.ToolAnnotations(
        title=title, read_only_hint=False, destructive_hint=destroys, idempotent_hint=repeatable,
        open_world_hint=outside,
    )  # fmt: skip
    return Tool(function, title, annotations)
