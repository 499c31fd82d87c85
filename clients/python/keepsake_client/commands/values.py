"""Kinds of values that are typed: times, labels, states, text and secrets."""

import re
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
_SPAN = re.compile(r"([+-]?)(\d{1,6})(s|m|min|h|d)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}
STATES = (
    "scheduled", "pending", "running", "retrying", "paused",
    "succeeded", "dead_letter", "cancelled",
)  # fmt: skip
"""The states of jobs."""
PRIORITIES = ("interactive", "bulk")
"""Of jobs: what is interactive starts before what is bulk."""


def at_most(default: int) -> Callable[[F], F]:
    """The option of a list that says how long it may be."""
    return click.option("--limit", "-n", type=click.IntRange(1), default=default,
                        show_default=True, help="At most so many.")  # fmt: skip


def moment(value: str) -> datetime:
    """A time: `2h` is two hours ago, `+2h` in two hours; or ISO 8601, else in this machine's zone.

    Raises:
        BadParameter: It is neither.
    """
    span = _SPAN.fullmatch(value)
    if span:
        seconds = int(span[2]) * _SECONDS[span[3]] * (1 if span[1] == "+" else -1)
        return datetime.now(timezone.utc) + timedelta(seconds=seconds)
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone()
    except (ValueError, OverflowError):
        raise click.BadParameter("say 15m, 2h, +3d or 2026-01-31T12:00") from None


def label(value: str) -> tuple[str, str]:
    """A name and a value, written `name=value`.

    Raises:
        BadParameter: It is not.
    """
    name, equals, content = value.partition("=")
    if not name or not equals:
        raise click.BadParameter("say name=value")
    return name, content


def fact_about(value: str) -> tuple[str, str | float | bool]:
    """A name and a value, written `name=value`; a number or `true` and `false` are such.

    Raises:
        BadParameter: It is none.
    """
    name, content = label(value)
    if content in {"true", "false"}:
        return name, content == "true"
    if not _NUMBER.fullmatch(content):
        return name, content
    return name, float(content) if "." in content else int(content)


def text_of(argument: str) -> str:
    """An argument, or what stdin holds where it is `-`."""
    return sys.stdin.read() if argument == "-" else argument


def secret_of(file: Path | None) -> str | None:
    """A secret in a file; `-` is stdin, so that it never stands in the arguments of a process."""
    if file is None:
        return None
    return (sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")).strip()
