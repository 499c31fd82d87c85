"""Which sentences of a turn may be read for facts at all.

Questions, requests, quotes, fiction and what others said are about something else than the user;
a memory made of them is junk that is later recalled as truth.
"""

import re
from collections.abc import Iterator

from sentencex import segment

_CONTRACTIONS = (
    ("\N{RIGHT SINGLE QUOTATION MARK}", "'"), ("can't", "can not"), ("won't", "will not"),
    ("cannot", "can not"), ("i'm", "i am"), ("n't", " not"), ("'ve", " have"), ("'ll", " will"),
    ("'d", " would"), ("'re", " are"), ("it's", "it is"), ("favourite", "favorite"),
    ("colour", "color"), ("any more", "anymore"),
)  # fmt: skip
_FENCE = re.compile(r"```.*?(?:```|$)", re.DOTALL)
_QUOTED = re.compile(r"[\"“«]([^\"“«”»]*)[\"”»]|(?<!\w)'([^'\n]{12,})'(?!\w)")
_QUOTED_LINE = re.compile(r"^\s*>.*$", re.MULTILINE)
_SHORT_QUOTE_WORDS = 2
_CLAUSES = re.compile(
    r",?\s+(?:and|but|so)\s+(?=(?:I|I'm|I've|we|my)\b)|;\s+|,\s+(?=(?:I|I'm|I've|my)\s)"
    r"|\s+[\N{EN DASH}\N{EM DASH}-]+\s+"
)
_LEAD = re.compile(
    r"^(?:(?:please )?(?:remember|note|keep in mind|be aware|know)(?: that)?|fyi|btw|by the way|"
    r"just so you know|actually|well|so|yes|yeah|yep|"
    r"no(?! (?:me|vivo|trabajo|soy|tengo|es)\b)|nope|ok|okay|oh|hi|hello|hey|also|and|but|"
    r"sorry|wait|update|anyway|the truth is|to be honest|honestly|in fact|these days|nowadays|"
    r"for the record|as you know)\b[,:!]?\s*",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"^(?P<name>[A-Z][\w'-]*(?: [A-Z][\w'-]*){0,2}):\s+(?=\S)")
_NO_SPEAKERS = frozenset(
    ["note", "ps", "fyi", "update", "edit", "re", "todo", "warning", "question", "answer", "user",
     "correction", "reminder", "example", "remember"]
)  # fmt: skip
_MATERIAL = re.compile(
    r"^(?:(?:can|could|would) you |please )*(?:translate|rewrite|rephrase|proofread|correct|"
    r"summari[sz]e|paraphrase|edit|improve|fix|check|analy[sz]e|review|continue|complete|polish)\b"
    r".*:|^(?:here(?: is|'s| are)|this is) (?:\w+ ){0,3}(?:story|text|e-?mail|letter|draft|poem|"
    r"essay|paragraph|dialogue|script|article|bio|quote|message|chapter|scene|lyrics)\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"^(?:please |can you|could you|would you|will you|can i|could i|may i|should i|help me|let us|"
    r"let's|i (?:need|want|would like) (?:you|help|to (?:know|ask|see|understand|say|talk|check))|"
    r"write|translate|imagine|pretend|suppose|act|summari[sz]e|fix|explain|rewrite|generate|give|"
    r"tell|show|make|create|find|compare|describe|list|say|what if|assume|ignore|repeat|answer|"
    r"consider|think of)(?!\w)",
    re.IGNORECASE,
)
_FICTION = re.compile(
    r"^(?:(?:just|only) )?(?:kidding|joking|imagine|suppose|pretend|what if|let us say|let's say|"
    r"if (?:i|we|my)|in my dreams?|hypothetically)\b",
    re.IGNORECASE,
)
_UNREAL = re.compile(
    r"\b(?:if (?:i|we|my)|i wish|wish i|would (?!love|rather)|could have|might|maybe|perhaps|as if|"
    r"in my dream|i dreamt|i dreamed|in the (?:story|book|movie|film|game|novel)|my character|"
    r"hypothetically|let us say|let's say|kidding|joking)\b|\bif\b.*\bwere\b",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?!I\b|[Ww]e\b)(?:[Hh]e|[Ss]he|[Tt]hey|[Ss]ome(?:one|body)|[Pp]eople|[Ee]veryone|[Ii]t|"
    r"[Mm]y (?:\w+ )?\w+|[Tt]he (?:\w+ )?\w+|[A-Z]\w+)"
    r"(?: (?:just|also|once|always|has|had))* (?:said|says|told|asked|wrote|writes|thinks?|claims?|"
    r"claimed|replied|believes?|insists?|sang|sings)\b"
)
_FILLER = re.compile(
    r"^(?:i|we) (?:am |are )?(?:see|agree|know|think so|understand|guess(?: so)?|do not know|"
    r"hope so|mean(?: it)?|sorry|good|fine|ok|okay|done|back|not sure|sure|here|confused|lost|"
    r"ready|glad|happy|sad|tired|hungry|bored|busy|late|afraid|curious|wondering|stuck|"
    r"(?:like|love|hate) (?:it|that|this))\b[^,]{0,24}$",
    re.IGNORECASE,
)


def spoken(text: str) -> tuple[str, list[str]]:
    """Who speaks (`user` unless the text names a speaker) and the sentences they said."""
    speaker = speaker_of(text)
    body = text[len(speaker) + 1 :] if speaker else text
    body = _QUOTED_LINE.sub(" ", _FENCE.sub(" ", body))
    return speaker.lower() or "user", list(_own(sentences(body)))


def speaker_of(text: str) -> str:
    """The speaker's name in `Ana: I live here.`; empty when there is none."""
    match = _SPEAKER.match(text)
    return match["name"] if match and match["name"].lower() not in _NO_SPEAKERS else ""


def sentences(text: str) -> list[str]:
    """The sentences of a text, without the blanks around them."""
    lines = (" ".join(line.split()) for line in text.splitlines() if line.strip())
    parts = (part.strip() for line in lines for part in segment("en", line))
    return [part for part in parts if part]


def clauses(sentence: str) -> list[str]:
    """A sentence in parts that each have a subject: `I ride a bike and I live in Rome`."""
    return [clause.strip() for clause in _CLAUSES.split(sentence) if clause.strip()]


def states(clause: str) -> bool:
    """Whether a clause states something about its speaker's world, in earnest."""
    plain = normal(clause)
    if clause.endswith(("?", ":")) or _REQUEST.match(plain) or _FILLER.match(plain.rstrip(".! ")):
        return False
    return not (_UNREAL.search(plain) or _REPORTED.search(without_lead(clause)))


def normal(clause: str) -> str:
    """The clause without its lead-in, its contractions written out."""
    plain = without_lead(unquoted(clause))
    for short, long in _CONTRACTIONS:
        plain = re.sub(re.escape(short), long, plain, flags=re.IGNORECASE)
    return " ".join(plain.split())


def without_lead(clause: str) -> str:
    """A clause without its lead-in: `By the way, I moved` says that I moved."""
    before = ""
    while before != clause:
        before, clause = clause, _LEAD.sub("", clause)
    return clause


def unquoted(clause: str) -> str:
    """Without what is quoted, unless it is a name or a word or two."""

    def keep(match: re.Match[str]) -> str:
        inner = match[1] if match[1] is not None else match[2]
        return inner if len(inner.split()) <= _SHORT_QUOTE_WORDS else " "

    return _QUOTED.sub(keep, clause)


def _own(all_said: list[str]) -> Iterator[str]:
    """The sentences before material that the user hands over to work on: that is not about them."""
    for sentence in all_said:
        said = without_lead(sentence)
        if _MATERIAL.match(said):
            return
        if not _FICTION.match(said):
            yield sentence
