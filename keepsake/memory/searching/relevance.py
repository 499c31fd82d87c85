"""Whether a statement answers a question, or only stands near it.

It is of whom the question is about, of what that names, as certain as it asks for, and of the kind
that is asked for. Read by words: a parser would take as long as the whole search.
"""

import re
from dataclasses import dataclass

from keepsake.memory.domains import words
from keepsake.memory.domains.clauses import clauses
from keepsake.memory.domains.dates import DAYS, MONTHS
from keepsake.memory.domains.statement_filter import normal, unquoted
from keepsake.memory.languages.letters import folded, spelled
from keepsake.memory.models import Kind
from keepsake.memory.searching.hits import MemoryHit
from keepsake.memory.searching.overview import USER
from keepsake.memory.searching.question import (
    BROAD,
    NAMED,
    ParsedQuestion,
    is_relative,
    names_attribute,
    own_name,
    proper_names,
    speaks_of_oneself,
)
from keepsake.memory.searching.terms import stems

_AUXILIARY = r"(?:do|does|did|am|is|are|was|were|has|have|had|can|could|will|would|should)"
_USER_ACTS = re.compile(rf"\b{_AUXILIARY}(?:n't| not)? (?:i|we)\b", re.IGNORECASE)
_RELATION = rf"(?:{'|'.join(sorted(words('relations'), key=len, reverse=True))})"
_SPEAKER = re.compile(r"\b(?:i|we)\b", re.IGNORECASE)
_OPINION = re.compile(
    r"^I (?:think|guess|know|believe|suppose|hear|heard|read|noticed)(?: that)? "
    r"(?!I\b|of\b|about\b)"
)
_POSSESSED = re.compile(
    r"^(?:my|our) (?P<what>(?:[\w'-]+ ){1,4}?)"
    r"(?:am|is|are|was|were|has|have|had|will|would|can|could|does|did)\b"
    r"|^(?:my|our) (?P<noun>[\w'-]+)",
    re.IGNORECASE,
)
_WISHED = re.compile(
    r"\b(?:want(?:s|ed)?|wish(?:es|ed)?|hop(?:e|es|ed|ing)|dream(?:s|ed|t|ing)? (?:of|about|to)"
    r"|(?:would|'d) (?:love|like|prefer|rather)|(?:i|we) (?:should|ought to)"
    r"|(?:was|were) (?:going|supposed) to|plan(?:s|ned|ning)? (?:to|on))\b",
    re.IGNORECASE,
)
_ASKS_WISH = re.compile(
    r"\b(?:want|wish|hope|dream|would|should|plan|goal|going to|will|next|upcoming|intend|aspir)",
    re.IGNORECASE,
)
_FORMER = re.compile(r"\b(?:used to|formerly|previously|no longer|any ?more)\b", re.IGNORECASE)
_BELIEVED = re.compile(r"\b(?:i|we) (?:thought|believed|assumed|supposed)\b", re.IGNORECASE)
_DENIED = re.compile(
    rf"\b{_AUXILIARY}(?:n't| not)\b(?! (?:only|just|stand|bear)\b)|\bnever\b|"
    r"\b(?:have|has|had|am|is|are) no\b",
    re.IGNORECASE,
)
_ASKS_THING = re.compile(r"\b(?:what|which|where|who|whom|whose)\b", re.IGNORECASE)
_LIKES = re.compile(r"\b(?:likes?|loves?|enjoys?|prefers?|favou?rites?)\b", re.IGNORECASE)
_DISLIKES = re.compile(
    r"\b(?:hates?|dislikes?|detests?|loathes?|despises?|can(?: ?not|'t) (?:stand|bear))\b",
    re.IGNORECASE,
)
_KIN_OF_OTHERS = re.compile(rf"\b[\w-]+['’]s (?:\w+ )?{_RELATION}s?\b", re.IGNORECASE)  # noqa: RUF001
_ASKS_STATE = re.compile(r"\b(?:do|does|am|is|are)\b", re.IGNORECASE)
_ASKS_WHO = re.compile(r"(?:by |to |with |from |for )?(?:who|whom|whose)\b", re.IGNORECASE)
_AMOUNT, _TIME, _PLACE, _SOMEBODY, _REASON = "amount", "time", "place", "somebody", "reason"
_ASKS = {
    name: re.compile(words, re.IGNORECASE) for name, words in {
        _TIME: r"\bwhen\b|\b(?:what|which) (?:year|month|day|date|time)\b|\bhow long\b",
        _AMOUNT: r"\bhow (?:many|much|often|old|tall|big|far|heavy|large|high|deep|fast)\b",
        _SOMEBODY: r"\bwho(?:m|se)?\b",
        _PLACE: r"\bwhere\b|\b(?:what|which) (?:city|country|place|town|village|state)\b",
        _REASON: r"\b(?:why|reasons?)\b",
    }.items()
}  # fmt: skip
"""What kind of answer a question asks for, by its words; the first that fits."""
_TELLS = {
    _TIME: re.compile(
        rf"\d|\b(?:yesterday|today|tonight|tomorrow|last|next|ago|since|recently|just|morning|"
        rf"night|(?:week|month|year|day|hour|minute)s?|weekends?|{'|'.join((*MONTHS, *DAYS))})\b",
        re.IGNORECASE,
    ),
    _AMOUNT: re.compile(
        r"\d|\b(?:an? (?:hour|day|week|month|year)|one|two|three|four|five|six|seven|eight|nine|"
        r"ten|eleven|twelve|\w+teen|\w+ty|hundreds?|thousands?|millions?|dozens?|several|few|many|"
        r"much|lots?|couple|pair|half|twice|once|no|none|both|every)\b",
        re.IGNORECASE,
    ),
    _PLACE: re.compile(
        r"\b(?:in|at|to|from|near|on|by|for) (?:the )?[A-Z]|\b(?:here|there|home|abroad|"
        r"(?:in|at|near) (?:an?|the|my|our|his|her|their))\b"
    ),
    _SOMEBODY: re.compile(rf"\b{_RELATION}s?\b"),
    _REASON: re.compile(
        r"\b(?:because|since|so|to|reason|as|due|inspired|motivat\w*|help\w*|cause)\b",
        re.IGNORECASE,
    ),
}
"""By which words a sentence may tell it; somebody also by a name."""
_PAST = re.compile(
    r"\b(?:\w+ed|was|were|had|did|went|got|made|took|saw|came|gave|bought|found|met|ran|won|told|"
    r"wrote|began|said|been)\b",
    re.IGNORECASE,
)
_ASKS_PAST = re.compile(r"\b(?:did|was|were|has|have|had)\b", re.IGNORECASE)
CLOSE = 0.45
"""The least chance of an answer. Below it `not known` is right more often (docs/memory.md)."""
_CALLS = "hey|hi|hello|dear|thanks|thank you|wow|oh|ok|yes|yeah|yep|no|congrats|woohoo"
_PLEASE = re.compile(r"^please\b|,? please[.!]*$", re.IGNORECASE)
_REQUEST = re.compile(
    rf"^(?:(?:then|now|just|also|kindly|and|never|always|do not) )*"
    rf"(?:(?:{'|'.join(words('requests'))})\b(?!')|(?:{'|'.join(words('requests_of_something'))}) "
    r"(?:the|a|an|this|that|these|those|my|our|your|his|her|their|its|all|some|any|every|each|it|"
    r"me|us|him|them|up|down|out|off|on|in|at|to|for|with|from|two|three|four|five|\d+)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody said, by which memory or turn, and how well it answers the question.

    nearness: its cosine with the question. whole: it is all that its source says, so that it is as
    near as that. chance: how probably it is the answer.
    asked: it is a fact of just what is asked for, which is as probable as its reading.
    former: it holds no longer.
    planned: the day that it tells of was still to come; empty if none was.
    """

    hit: MemoryHit
    text: str
    speaker: str
    nearness: float = 0.0
    whole: bool = False
    chance: float = 0.0
    asked: bool = False
    former: bool = False
    planned: str = ""

    @property
    def close(self) -> bool:
        """Whether it answers by itself, without a model to judge that."""
        return self.asked or self.chance >= CLOSE

    @property
    def verbatim(self) -> bool:
        """Whether the words are the speaker's own, rather than a model's or an editor's."""
        return self.hit.kind is Kind.TURN or self.hit.provenance["model"].startswith("rules")


def is_request(text: str) -> bool:
    """Whether a sentence asks for something to be done: it says nothing that is so."""
    plain = normal(text)
    return bool(_PLEASE.search(plain) or _REQUEST.match(plain))


def speaks_to(question: ParsedQuestion, statement: Statement) -> bool:
    """Whether a statement is of whom and what a question names, and says so in earnest."""
    text = unquoted(statement.text)
    return (
        _is_of_what_is_named(question, statement, text)
        and _is_as_certain(question, text)
        and is_affirmed(question, text)
        and _has_amount(question, text)
        and _has_somebody(question, text)
        and _is_of_whom(question, statement, text)
    )


def _is_of_what_is_named(question: ParsedQuestion, statement: Statement, text: str) -> bool:
    said = stems(text)
    told = said | stems(statement.speaker)
    if not question.acting <= stems(_without_kin(question, text)) | stems(statement.speaker):
        return False
    if not question.names <= told | stems(statement.hit.content):
        return False
    if question.polar and question.objects and question.objects.isdisjoint(said):
        return False
    attributes = question.attributes - BROAD
    if not attributes or names_attribute(attributes, text):
        return True
    shared = question.objects & said
    return not question.polar and len(shared) > 1 and 2 * len(shared) >= len(question.objects)


def _denies(question: ParsedQuestion) -> bool:
    """Whether a question may be answered by what is not so: `Do I …?`, `What don't I …?`."""
    return question.polar or _DENIED.search(normal(question.asked)) is not None


def is_affirmed(question: ParsedQuestion, text: str) -> bool:
    """What is not so, was so or was believed says nothing of what is.

    It answers who asks whether it is so, or why, or when.
    """
    if _denies(question) or not _ASKS_THING.search(question.asked):
        return True
    likes = _LIKES.search(question.asked)
    return any(
        not _DENIED.search(plain) and not _BELIEVED.search(plain)
        and (question.past or not _FORMER.search(plain))
        and not (likes and _DISLIKES.search(plain))
        for plain in map(normal, clauses(text))
    )  # fmt: skip


def _is_as_certain(question: ParsedQuestion, text: str) -> bool:
    """What is wished for is no answer to what is."""
    if not _ASKS_STATE.search(question.asked) or _ASKS_WISH.search(question.asked):
        return True
    return _WISHED.search(normal(text)) is None


def tells_kind_asked_for(question: ParsedQuestion, text: str) -> bool | None:
    """Whether a text has what kind of thing a question asks for; None when that can be any."""
    kind = next((name for name, asks in _ASKS.items() if asks.search(question.asked)), None)
    if kind is None:
        return None
    named = kind == _SOMEBODY and bool(proper_names(text) - question.called)
    return named or _TELLS[kind].search(text) is not None


def is_of_another_kind(question: ParsedQuestion, text: str, attribute: str) -> bool:
    """Whether a fact lacks what is asked for: where somebody lives says not since when."""
    place = _ASKS[_PLACE].search(question.asked) or _ASKS[_SOMEBODY].search(question.asked)
    return tells_kind_asked_for(question, text) is False and not (place and attribute in NAMED)


def agrees_in_tense(question: ParsedQuestion, text: str) -> int:
    """1 when both speak of the past, -1 when only the question does."""
    if not _ASKS_PAST.search(question.asked):
        return 0
    return 1 if _PAST.search(text) else -1


def _has_amount(question: ParsedQuestion, text: str) -> bool:
    """An amount is told beside what is counted: `I bought a bike` does not say for how much."""
    return not _ASKS[_AMOUNT].search(question.asked) or _TELLS[_AMOUNT].search(text) is not None


def _has_somebody(question: ParsedQuestion, text: str) -> bool:
    """Who asks for somebody is told a name or a relation, unless the speaker does just that."""
    if not _ASKS_WHO.match(question.asked) or question.objects <= stems(text):
        return True
    return bool(_TELLS[_SOMEBODY].search(text) or proper_names(text) - question.called)


def _is_of_whom(question: ParsedQuestion, statement: Statement, text: str) -> bool:
    whose = question.subjects
    if USER in whose and statement.speaker == USER and _USER_ACTS.search(question.asked):
        return _is_of_speaker(question, normal(text))
    text = _without_kin(question, text)
    return not whose or any(_is_about(subject, statement, text) for subject in whose)


def _is_of_speaker(question: ParsedQuestion, plain: str) -> bool:
    """Whether a statement is of its speaker, or of a thing of theirs that is asked about.

    `My brother plays the drums` is neither.
    """
    plain = _OPINION.sub("", plain)
    if _SPEAKER.search(plain):
        return True
    match = _POSSESSED.match(plain)
    if match is None:
        return False
    what = match["what"] or match["noun"]
    return not re.match(_RELATION, what) and not stems(what).isdisjoint(question.terms)


def _without_kin(question: ParsedQuestion, text: str) -> str:
    """A text without kin of others, unless a question is about such: `Bob's sister` is not Bob."""
    return text if _KIN_OF_OTHERS.search(question.asked) else _KIN_OF_OTHERS.sub(" ", text)


def _is_about(subject: str, statement: Statement, text: str) -> bool:
    """Whether a statement is about somebody: by themselves, or one that names them."""
    if subject == USER:
        return statement.speaker == USER and speaks_of_oneself(text)
    if folded(subject) == folded(statement.speaker):
        return True
    if is_relative(subject) and statement.speaker != USER:
        return False
    told = stems(_without_calls(text, subject)) | stems(statement.speaker)
    return stems(own_name(subject) or subject.replace("'s", "")) <= told


def _without_calls(text: str, name: str) -> str:
    """A text where nobody is called by a name: `Thanks, Ana!` says nothing of Ana."""
    call = rf"(?:^|[,.!?]\s*|\b(?:{_CALLS})\s+){spelled(name)}(?=\s*(?:[,.!?]|$))"
    return re.sub(call, " ", text, flags=re.IGNORECASE)
