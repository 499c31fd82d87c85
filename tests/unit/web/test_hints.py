"""Every type that an error can have says what to do, and is listed in docs/api.md."""

import ast
import re
from pathlib import Path

from keepsake.jobs.errors import Failure
from keepsake.memory.errors import Contended, NoTurns
from keepsake.outbound.errors import FetchError
from keepsake.scanner.errors import NotIndexed, ParserFailed, ScanError
from web.job_views.schemas import HINTS

ROOT = Path(__file__).parents[3]
KINDLESS = {ScanError, FetchError, NotIndexed}
"""What is never raised itself, or never in a job."""


def below(kind):
    return {kind}.union(*(below(subclass) for subclass in kind.__subclasses__()))


def spelled_out():
    """The types that the engine writes where no failure was raised."""
    for folder in ("keepsake/jobs", "middleware"):
        for module in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(module.read_text())):
                if isinstance(node, ast.Dict):
                    row = {
                        getattr(k, "value", 0): v
                        for k, v in zip(node.keys, node.values, strict=True)
                    }
                    if {"kind", "message"} <= row.keys():
                        yield row["type"]


def test_every_type_of_error_says_what_to_do_and_nothing_else_does():
    domain = below(ScanError) | below(FetchError) | {NoTurns, Contended, ParserFailed}
    raised = {
        Failure.of(kind.__new__(kind)).error_type
        for kind in domain - below(NotIndexed) - KINDLESS
        if not kind.__subclasses__()
        or kind.__name__ in {"GitFailed", "Unauthorised", "Unreachable"}
    }
    ours = {kind.error_type for kind in below(Failure)}
    written = {node.value for node in spelled_out() if isinstance(node, ast.Constant)}

    assert {"internal", "poison", "deadline-passed"} <= written
    assert raised | ours | written == HINTS.keys()


def test_the_page_lists_every_type_of_error():
    page = (ROOT / "docs" / "api.md").read_text()
    section = page.partition("## When a job fails")[2].partition("\n## ")[0]

    assert dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", section, re.MULTILINE)) == HINTS
