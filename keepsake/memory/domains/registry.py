"""All memory domains, and the first two steps of ingesting a turn: classify and extract.

Those read from the turn as a whole stand here: the turn itself, its image and its code. A new
domain is a module with its rules and declaration, and a line in `DOMAINS`.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any
from unicodedata import normalize

from pydantic_core import CoreSchema, core_schema

from keepsake.memory.domains.amends import amendments, may_amend
from keepsake.memory.domains.answers import answer_in_full
from keepsake.memory.domains.clauses import clauses
from keepsake.memory.domains.earnest import plays_on
from keepsake.memory.domains.instructions import FORGET
from keepsake.memory.domains.material import spoken
from keepsake.memory.domains.other_languages import is_own
from keepsake.memory.domains.parse import parse
from keepsake.memory.domains.plain_facts import is_secret
from keepsake.memory.domains.profile import PROFILE, parsed
from keepsake.memory.domains.spelling import without_asides
from keepsake.memory.domains.statement_filter import normal, states
from keepsake.memory.domains.temporal import TEMPORAL
from keepsake.memory.languages.detection import ENGLISH, language_of
from keepsake.memory.models import Candidate, Clause, Code, ConfirmedTurn, Domain
from keepsake.memory.turn import Turn

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


def verbatim(turn: Turn) -> Candidate:
    """The turn itself, which is kept whatever becomes of the rest."""
    return Candidate(SUMMARY.name, turn.user_query)


def _images(turn: Turn) -> Iterator[Candidate]:
    """The image by reference: no model looked at it, so nothing is said of what it shows."""
    if turn.image_url:
        yield Candidate(IMAGE.name, f"Image {reference(turn.image_url)}")


def reference(image_url: str) -> str:
    """A URL as it is; of a data URI its type and the digest of its data."""
    if not image_url.startswith("data:"):
        return image_url
    kind = image_url[5:].split(",", 1)[0].split(";", 1)[0] or "text/plain"
    return f"({kind}, sha256 {hashlib.sha256(image_url.encode()).hexdigest()[:16]})"


SUMMARY = Domain(name="summary", reported=True)
"""What was said, verbatim (`verbatim`). It has the name by which XMem's clients ask for it."""
IMAGE = Domain(name="image", read_turn=_images, source="image", reported=True)
"""An image that was shown, by reference; described only by a vision model."""

DOMAINS: dict[str, Domain] = {
    domain.name: domain for domain in (PROFILE, TEMPORAL, SUMMARY, CODE, SNIPPET, IMAGE)
}
MODEL_DOMAINS = tuple(name for name, domain in DOMAINS.items() if domain.asked_of_model)
"""The domains that a configured language model is asked to keep."""
_REMINDER = re.compile(r"^(?:please )?(?:remind me|do not let me forget)\b", re.IGNORECASE)
_COLON = re.compile(r":\s|\N{FULLWIDTH COLON}")
_MIXED = ""
_SURE = 2
"""How many words tell that a sentence, or what is before a colon, is in another language."""
_MOST_CHARS = 1_000
"""A longer clause states nothing plainly, and reading it would take long."""
_MOST_CLAUSES = 60
"""A longer turn is material more likely than not; what it says first is read."""


@dataclass(frozen=True, slots=True)
class _OneOf:
    """One of some names, for validation and for OpenAPI."""

    names: tuple[str, ...]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: Callable[[Any], CoreSchema]
    ) -> CoreSchema:
        return core_schema.literal_schema(list(self.names))


DomainName = Annotated[str, _OneOf(tuple(DOMAINS))]
ModelDomainName = Annotated[str, _OneOf(MODEL_DOMAINS)]


@dataclass(frozen=True, slots=True)
class Classified:
    """A clause and the domains it belongs to."""

    clause: Clause
    domains: tuple[Domain, ...]


def classify(turn: Turn) -> list[Classified]:
    """Split what the user said into clauses and sort out those that state something.

    Only the user's words become facts: what an agent answers may itself be recalled memory, and
    remembering that again is how stores fill with junk. Each sentence is read by the rules of its
    own language; one that could be of any is of that of the turn.
    """
    said = normalize("NFC", turn.user_query)
    speaker, sentences = spoken(said, turn.speaker)
    language = language_of(said)
    by_sentence = {sentence: _spoken_in(sentence, language) for sentence in sentences}
    spoken_in = {clause: of for sentence, of in by_sentence.items() for clause in clauses(sentence)}
    english = [clause for clause, each in spoken_in.items() if each == ENGLISH]
    readable = {clause.text: clause for clause in _readable(english, speaker)}
    if is_own(said) and speaker in {"user", turn.speaker.lower()}:
        readable |= {
            text: Clause(text, "", states=False, reminder=False, speaker=speaker, foreign=True)
            for text, each in spoken_in.items()
            if each not in {ENGLISH, _MIXED} and len(text) <= _MOST_CHARS
        }  # fmt: skip
    ordered = (readable[text] for text in spoken_in if text in readable)
    classified = (Classified(clause, _domains(clause)) for clause in ordered)
    return [each for each in classified if each.domains]


def _spoken_in(sentence: str, of_turn: str) -> str:
    """The language of a sentence; what is quoted after a colon in another one is nobody's."""
    spoken_in = language_of(sentence, otherwise=of_turn, least=_SURE)
    sides = {language_of(side, otherwise=spoken_in, least=_SURE)
             for side in _COLON.split(sentence, maxsplit=1)}  # fmt: skip
    return spoken_in if len(sides) == 1 else _MIXED


def extract(turn: Turn, classified: list[Classified], said_on: date) -> list[Candidate]:
    """The turn itself, then what its clauses say, then what is read from it as a whole."""
    candidates = [verbatim(turn)]
    for each in classified:
        for domain in each.domains:
            candidates += domain.read(each.clause, said_on) if domain.read else ()
    for domain in DOMAINS.values():
        candidates += domain.read_turn(turn) if domain.read_turn else ()
    return candidates


def answered(
    turn: Turn, said_on: date, asked: str, asker: ConfirmedTurn | None, told: str = ""
) -> list[Candidate]:
    """What `extract` gives; a short turn is read together with the one before.

    That is an answer to what an agent `asked`, or is about what the user `told`. What follows from
    both is of both turns.
    """
    if plays_on(told):
        return unplayed(extract(turn, classify(turn), said_on))
    answer, others = answer_in_full(asked, turn.user_query)
    if not answer:
        alone = extract(turn, classify(turn), said_on)
        if any(each.slot and not each.slot.attribute for each in alone):
            return alone  # it names both values itself
        return alone + _amending(turn, said_on, told, asked=asked.rstrip().endswith("?"))
    full = turn.model_copy(update={"user_query": answer, "agent_response": ""})
    rest = extract(turn, classify(turn.model_copy(update={"user_query": others})), said_on)
    facts = [each for each in extract(full, classify(full), said_on)[1:] if each.slot]
    return [rest[0], *(replace(each, confirms=asker) for each in facts), *rest[1:]]


def claims(candidates: Iterable[Candidate]) -> bool:
    """Whether anything is claimed beside that the turn was said."""
    return any(DOMAINS[each.domain].asked_of_model for each in candidates)


def unplayed(candidates: Iterable[Candidate]) -> list[Candidate]:
    """What is left of a turn that goes on with a play: what it claims is the part's."""
    return [each for each in candidates if not claims([each])]


def _amending(turn: Turn, said_on: date, told: str, *, asked: bool) -> list[Candidate]:
    """What a turn corrects or takes back of the one before."""
    plain = without_asides(turn.user_query).strip()
    if not told or not may_amend(plain):
        return []

    def read(text: str) -> list[Candidate]:
        said = turn.model_copy(update={"user_query": text, "agent_response": ""})
        return [each for each in extract(said, classify(said), said_on) if each.slot]

    return amendments(plain, told, read, asked=asked)


def _readable(parts: Iterable[str], speaker: str) -> list[Clause]:
    """Clauses that may be read at all: short ones, which tell no credential, and not too many.

    What states something is parsed, all of it at once.
    """
    plain = {text: normal(text) for text in parts if len(text) <= _MOST_CHARS}
    safe = [(text, said) for text, said in plain.items() if not is_secret(text)][:_MOST_CLAUSES]
    reminders = {text for text, said in safe if _REMINDER.match(said)}
    earnest = {text for text, said in safe if text not in reminders
               and (states(text) or FORGET.match(said))}  # fmt: skip
    grammar = parse([parsed(said) if text in earnest else "" for text, said in safe])
    assertions = dict(zip((text for text, _ in safe), grammar, strict=True))
    return [
        Clause(text, said, text in earnest, text in reminders, speaker,
               tuple(assertions.get(text, ())))
        for text, said in safe
    ]  # fmt: skip


def _domains(clause: Clause) -> tuple[Domain, ...]:
    return tuple(domain for domain in DOMAINS.values() if domain.belongs and domain.belongs(clause))
