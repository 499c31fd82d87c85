"""The domains `code` and `snippet`: remarks about named code, and fenced code with its purpose."""

import re
from collections.abc import Iterator
from datetime import date

from keepsake.memory.domains.declaration import Clause, Domain
from keepsake.memory.models import Candidate, Code, Turn

_CODE_NAME = re.compile(r"`[^`\n]{2,80}`|\b[A-Za-z_]\w*\(\)")
_MIN_WORDS = 3
_CONFIDENCE = 0.6

_FENCED = re.compile(r"```[ \t]*([\w+#.-]*)[^\n]*\n(.*?)```", re.DOTALL)
_SIGNS = (
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


def _is_remark(clause: Clause) -> bool:
    """Whether it names code and says something of it."""
    named = clause.states and _CODE_NAME.search(clause.text)
    return bool(named) and len(clause.text.split()) > _MIN_WORDS


def _remark(clause: Clause, _: date) -> Iterator[Candidate]:
    yield Candidate(CODE.name, clause.text, confidence=_CONFIDENCE)


def _snippets(turn: Turn) -> Iterator[Candidate]:
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
    return Candidate(SNIPPET.name, title, code=Code(body, language), confidence=0.9)


def _language(tag: str, body: str) -> str:
    named = tag.lower()
    if named:
        return _ALIASES.get(named, named)
    languages = (name for name, sign in _SIGNS if re.search(sign, body, re.MULTILINE))
    return next(languages, "text")


def _purpose(before: str) -> str:
    """The line of prose that leads to the block."""
    prose = _FENCED.sub("\n", before)
    lines = [line.strip(" :\t#*") for line in prose.splitlines() if line.strip(" :\t#*`")]
    return lines[-1][-_PURPOSE_CHARS:] if lines else ""


CODE = Domain(name="code", belongs=_is_remark, read=_remark, source="code")
"""Remarks about named code."""
SNIPPET = Domain(name="snippet", read_turn=_snippets, source="code")
"""Fenced code, with its language and purpose."""
