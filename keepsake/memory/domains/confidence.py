"""How sure a memory is that the rules read: as often as statements of its form were right.

The shares stand in `confidence.toml`, which `python -m bench.publish` writes.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

Form = Literal["event", "taste", "fact", "note"]
_TASTES = ("taste", "prefers")
_DATED = " date"
"""How the attribute of an event ends, see `keepsake.memory.domains.temporal`."""


def form_of(attribute: str) -> Form:
    """The form of a statement by the attribute of its fact, which is empty where it has none.

    It is an event, a taste, another fact in parts, or a note in words.
    """
    if not attribute:
        return "note"
    if attribute.endswith(_DATED):
        return "event"
    return "taste" if attribute.startswith(_TASTES) else "fact"


def confidence(form: Form) -> float:
    """The share of the statements of a form that readers called right."""
    return _shares()[form]


@cache
def _shares() -> dict[str, float]:
    return tomllib.loads(files(__package__).joinpath("confidence.toml").read_text("utf-8"))
