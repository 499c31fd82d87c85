"""`keepsake settings`: every setting, grouped by who needs it, as docs/operating.md lists them."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from keepsake.launcher import KINDS
from keepsake.storage import Audience, Settings
from keepsake_client.commands import Output, OutputCommand

_MARKS = re.compile(
    r"(?<=<!-- settings: written by `make docs` -->\n).*(?=<!-- /settings -->)", re.DOTALL
)


@click.command(cls=OutputCommand)
def settings(out: Output) -> None:
    """Show every setting with its default and meaning, as Markdown."""
    out.lines([*map(asdict, listed())], [tables()])


@dataclass(frozen=True)
class SettingRow:
    """A setting as it is listed; the default as it is written in the environment."""

    variable: str
    default: str
    meaning: str
    audience: str


def listed() -> Iterator[SettingRow]:
    """Every setting."""
    return (
        SettingRow(kind.variables()[name], _default(field), _meaning(field), audience.value)
        for audience in Audience
        for kind in KINDS
        for name, field in settings_of(kind)
        if kind.audience_of(name) is audience
    )


def tables() -> str:
    """One table for each audience."""
    return "\n".join(_table(audience) for audience in Audience)


def written_into(page: str) -> str:
    """A page with the tables between its marks."""
    return _MARKS.sub(lambda _: f"\n{tables()}\n", page)


def _table(audience: Audience) -> str:
    rows = [
        f"| `{row.variable}` | {_quoted(row.default)} | {row.meaning} |\n"
        for row in listed()
        if row.audience == audience.value
    ]
    return (
        f"### {audience.value}\n\n| setting | default | meaning |\n|---|---|---|\n{''.join(rows)}"
    )


def settings_of(kind: type[Settings]) -> Iterator[tuple[str, FieldInfo]]:
    """The settings of a class that it does not inherit."""
    return (
        (name, kind.model_fields[name])
        for name in kind.__annotations__
        if name in kind.model_fields
    )


def _meaning(field: FieldInfo) -> str:
    return " ".join((field.description or "").split()).removesuffix(".")


def _default(field: FieldInfo) -> str:
    """As it is written in the environment."""
    value: Any = "" if field.default_factory else field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, frozenset | tuple):
        value = json.dumps(sorted(map(str, value)))
    if isinstance(value, bool):
        value = int(value)
    shown = f"{value:g}" if isinstance(value, float) else value
    return "" if shown is None else str(shown)


def _quoted(default: str) -> str:
    return f"`{default}`" if default else "none"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(written_into(path.read_text()))
