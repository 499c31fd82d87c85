"""What `confidence` means: for each form of statement, how many readers called right.

`bench.facts` counts them, and `bench.publish` writes the table into docs/memory.md and the shares
into keepsake/memory/domains/confidence.toml. A share is (right + 1) / (statements + 2), so that few
verdicts make nobody sure.
"""

from collections.abc import Mapping
from typing import get_args

from bench import figures
from bench.servers import ROOT
from keepsake.memory.domains.confidence import Form

SHARES = ROOT / "keepsake" / "memory" / "domains" / "confidence.toml"
_HEAD = """\
# The share of statements of a form that readers called right (docs/memory.md): true, lasting and
# intelligible. Written by `python -m bench.publish` from bench/results/facts.json.

"""
Counts = Mapping[str, int]


def share(counts: Counts) -> float:
    """The share of right ones."""
    return round((counts["right"] + 1) / (counts["statements"] + 2), 2)


def shares(reliability: Mapping[str, Counts]) -> str:
    """The file of shares; a form without a verdict is as likely right as not."""
    none = {"right": 0, "statements": 0}
    lines = (f"{form} = {share(reliability.get(form, none))}" for form in get_args(Form))
    return _HEAD + "\n".join(lines) + "\n"


def rows(reliability: Mapping[str, Counts]) -> list[list[str]]:
    """The cells of the table, a row for each form."""
    return [
        [form, f"{share(counts):.2f}", figures.share(counts["right"], counts["statements"]),
         figures.share(counts["true"], counts["statements"])]
        for form, counts in reliability.items()
    ]  # fmt: skip


def shown(reliability: Mapping[str, Counts]) -> str:
    """The table in a terminal."""
    return figures.table(["form", "confidence", "right", "true"], rows(reliability))


def table(reliability: Mapping[str, Counts]) -> str:
    """The table of the document."""
    lines = ["| form | `confidence` | right | true |", "|---|--:|--:|--:|"]
    return "\n".join([*lines, *(f"| {' | '.join(cells)} |" for cells in rows(reliability))])
