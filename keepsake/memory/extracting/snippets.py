"""Fenced code in a turn: its language and what it is for."""

import re
from collections.abc import Iterator

from keepsake.memory.models import Candidate, Code, Domain, Turn

_FENCED = re.compile(r"```[ \t]*([\w+#.-]*)[^\n]*\n(.*?)```", re.DOTALL)
_TELLS = (
    ("python", r"^\s*(?:def \w+\(|import \w+|from \w+ import|class \w+.*:)"),
    ("javascript", r"\b(?:const|let) \w+ =|=> \{|function \w*\(|console\.log"),
    ("java", r"\bpublic (?:static|class|void)\b"),
    ("go", r"^package \w+|\bfunc \w+\("),
    ("rust", r"\bfn \w+\(|\blet mut\b"),
    ("c", r"^#include\b"),
    ("sql", r"^\s*(?i:select\b.*\bfrom|insert into|create table|update \w+ set)\b"),
    ("bash", r"^#!.*sh\b|^\$ "),
    ("html", r"^\s*<(?i:!doctype|html|div|body)"),
    ("json", r"^\s*[{\[]\s*[\"{\[]"),
)
_ALIASES = {"py": "python", "js": "javascript", "ts": "typescript", "sh": "bash", "rs": "rust"}
_PURPOSE_CHARS = 200


def snippets(turn: Turn) -> Iterator[Candidate]:
    """One candidate per fenced block of the user's or the agent's.

    An agent's code may be kept: unlike its claims it says nothing about the user.
    """
    for text in (turn.user_query, turn.agent_response):
        for match in _FENCED.finditer(text):
            body = match[2].strip("\n")
            if body.strip():
                before = text[: match.start()]
                yield _candidate(body, match[1], _purpose(before) or _purpose(turn.user_query))


def _candidate(body: str, tag: str, purpose: str) -> Candidate:
    language = _language(tag, body)
    title = purpose or f"{language} code"
    return Candidate(Domain.SNIPPET, title, code=Code(body, language), confidence=0.9)


def _language(tag: str, body: str) -> str:
    named = tag.lower()
    if named:
        return _ALIASES.get(named, named)
    found = (name for name, tell in _TELLS if re.search(tell, body, re.MULTILINE))
    return next(found, "text")


def _purpose(before: str) -> str:
    """The line of prose that leads to the block."""
    prose = _FENCED.sub("\n", before)
    lines = [line.strip(" :\t#*") for line in prose.splitlines() if line.strip(" :\t#*`")]
    return lines[-1][-_PURPOSE_CHARS:] if lines else ""
