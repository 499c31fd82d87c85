"""Facts that are read from words rather than from grammar.

Credentials, introductions, measures and lists.
"""

import re
from collections.abc import Iterator

from keepsake.memory.domains import words
from keepsake.memory.domains.frames import PETS, RELATIONS
from keepsake.memory.domains.lists import lists
from keepsake.memory.domains.measures import measures
from keepsake.memory.domains.statement_filter import ADOPTED
from keepsake.memory.domains.tastes import tastes
from keepsake.memory.domains.values import PEOPLES, bare, fits, is_pet
from keepsake.memory.models import Slot, Term

_SECRET = re.compile(
    r"pass(?:word|code|phrase|wd)|\bpin\b(?: (?:code|number|is|:)|$)|\bcvv\b|api ?key|\btoken\b|"
    r"\bsecret (?:key|is)\b|"
    r"(?:credit |debit |bank )?card (?:number|ends|is \d|no\b)|\bssn\b|social security|\biban\b|"
    r"private key|(?:door|alarm|gate|entry|access|security|verification|login|unlock|lock|house|"
    r"front door|garage) code|(?:code|key) (?:to|for|at|of) (?:the|my|our)\b|"
    r"\b(?:log-?in|credentials?|username)\b.*(?:\bis\b|\bare\b|:|/)|"
    r"passport (?:number|no)|licen[sc]e number|account number|routing number|sort code|"
    r"(?:national insurance|nhs|tax|health insurance|identity(?: card)?|id card|driver'?s|"
    r"driving licen[sc]e) (?:number|no|id|identification)\b|\btax id\b|"
    r"maiden name|expir(?:es|y) (?:on )?\d\d/\d\d|\b(?:sk|pk|ghp|xox[bp])[-_]\w{6,}|"
    r"\b(?:\d[ -]?){13,19}\b|\b[A-Z]{2}\d{2}(?: ?[\dA-Z]{4}){3,}|\b2fa\b|one-time code|recovery "
    r"code",
    re.IGNORECASE,
)


def is_secret(text: str) -> bool:
    """Whether a text tells a credential, which is kept in no fact."""
    return _SECRET.search(text) is not None


_CALLED = re.compile(
    r"^(?:(?:please|you can|everyone|everybody|people|friends|just|they all|from now on,?) )*"
    rf"[Cc]alls? me (?!(?:{PEOPLES.title()})\b)(?P<v>[A-Z][\w'-]+(?: [A-Z][\w'-]+)?)"
    r"(?:,? please| from now on|, (?:not|never|nobody|everybody|everyone|all|my|as)\b.*)?[.!]*$|"
    r"^I (?:go by|changed my name to) (?P<v2>[A-Z][\w'-]+(?: [A-Z][\w'-]+){0,2})(?=[.!,]|$)|"
    r"^(?:[Mm]y|[Tt]he) name is (?:now )?(?P<v3>[A-Z][\w'-]+(?: (?:[A-Z][\w'-]+|de|da|van|von|"
    r"der)){0,3})"
    r"(?=$|[.,!]|\s(?:and|but|by)\b)|"
    rf"^I am (?!(?:{PEOPLES.title()})\b)(?P<v4>[A-Z][\w'-]+(?: [A-Z][\w'-]+)?), "
    r"(?=\d\d\b|from\b|an? \w+)"
)  # fmt: skip
_INTRODUCED = re.compile(
    rf"^I am (?P<name>(?!(?:{PEOPLES.title()})\b)[A-Z][\w'-]+)?,? ?(?P<age>\d{{1,2}})?,? ?"
    r"(?:and |living |based |a \w+ )?"
    r"(?:from|in) (?P<place>[A-Z][\w-]+(?: [A-Z][\w-]+)*)[.!]*$"
)
_PET = re.compile(
    r"\b(?:I|we) (?:have|got|adopted|own|just got|just adopted)(?: also)? (?:an?|another|one) "
    r"(?P<noun>[a-z -]{2,30}?),? (?:named|called) (?P<name>[A-Z][\w'-]+)",
    re.IGNORECASE,
)
_WORDS = (
    r"(?!(?:just|so|that|like|something|nothing|anything|really|very|you|what)\b)"
    r"(?:in |at |on |the )*[\w'-]+(?: (?!(?:I|we|it|you|they|can|do)\b)[\w'-]+){0,3}?"
)
_DIED = re.compile(
    r"^(?P<name>[A-Z][a-z]\w*) (?:has |had )?(?:died|passed away|was put (?:down|to sleep))\b|"
    r"^(?:I|[Ww]e) (?:had to )?put (?:my |our )?(?P<kind>[a-z]+ )?(?P<put>[A-Z][a-z]\w*) (?:down|"
    r"to sleep)\b"
)
_LACKING = re.compile(r"no \w", re.IGNORECASE)
_HAD = words("had") | RELATIONS | PETS | {"pet", "allergie", "allergy", "licence", "license"}
"""What it is worth knowing that somebody has not."""
_CORRECTION = re.compile(
    r"^(?:(?:no, )?I meant|I mean|correction[:,]?|it is|make that|that should be)"
    rf"\s+(?P<value>{_WORDS}),?\s+(?:and )?not\s+(?P<old>{_WORDS})[.!]*$",
    re.IGNORECASE,
)


def plain_facts(plain: str, who: str = "user") -> Iterator[Slot]:
    """The facts of a clause that is written out; `who` is whom it is about, if that is known."""
    correction = _CORRECTION.match(plain)
    if correction:
        yield Slot("", bare(correction["value"]), single=True,
                   instead_of=bare(correction["old"]))  # fmt: skip
        return
    yield from _names(plain)
    yield from measures(plain, who)
    yield from lists(plain)
    yield from tastes(plain)
    pet = _PET.search(plain)
    if pet and is_pet(pet["noun"]):
        yield Slot("owns_pet", f"{bare(pet['noun'])} {pet['name'].lower()}", single=False)
    elif pet:
        yield Slot(f"{bare(pet['noun'])} name", pet["name"].lower(), single=False)
    yield from _gone(plain)
    died = _DIED.match(plain)
    if died:
        name = (died["name"] or died["put"]).lower()
        gone = f"{died['kind'] or ''}{name}"
        yield Slot("owns_pet", gone, single=False, negated=True, instead_of=name)
    adopted = ADOPTED.search(plain)
    if adopted:
        yield Slot("avoids", bare(adopted["v"]), single=False)
    yield from _lacking(plain)
    yield from _spoken(plain)


def _lacking(plain: str) -> Iterator[Slot]:
    """`No kids, no pets`."""
    if not _LACKING.match(plain):
        return
    for part in re.split(r",| and | or |[.;!]", plain):
        noun = re.sub(r"^\s*no ", "", part, flags=re.IGNORECASE).strip().lower()
        if noun and {noun, noun.removesuffix("s"), noun.split()[-1].removesuffix("s")} & _HAD:
            yield Slot("has", noun, single=False, negated=True)


_ANY_LANGUAGE = "|".join(sorted(words("languages"), key=len, reverse=True))
_SOME_WAY = r"(?:(?:still|pretty|quite|very|rather|only|really|mostly|at|about|around) ){0,3}"
_LEVEL = (
    r"(?:[ABC][12]|fluent|native|basic|rusty|good|decent|ok|okay|fine|intermediate|advanced|perfect|"
    r"conversational|passable|strong|excellent|better|near-native)\b"
)
_MY_LANGUAGE = re.compile(
    rf"^my (?:(?P<who>{'|'.join(RELATIONS)})'s )?(?P<v>{_ANY_LANGUAGE}) (?:is|has become) "
    rf"{_SOME_WAY}{_LEVEL}",
    re.IGNORECASE,
)
_AND_LANGUAGE = re.compile(
    rf",? (?:and |but )?(?:my )?(?P<v>{_ANY_LANGUAGE}) (?:is )?{_SOME_WAY}{_LEVEL}", re.IGNORECASE
)


def _spoken(plain: str) -> Iterator[Slot]:
    """The languages whose level one tells: `my German is B2, French basic`."""
    match = _MY_LANGUAGE.match(plain)
    who = (match["who"] or "user").lower() if match else ""
    while match:
        yield Slot("speaks", match["v"].lower(), single=False, subject=who)
        match = _AND_LANGUAGE.match(plain, match.end())


_NO_MORE = re.compile(
    r"^no more (?P<v>[\w' -]{2,30}?) for (?:me|us)\b|"
    r"^I am (?:so |totally |completely )?(?:done|finished|through) with "
    r"(?P<v2>(?!(?:it|this|that|the|my|our|them|you|your|him|her|a|an|all)\b)[\w' -]{2,30}?)"
    r"(?= (?:for good|forever|now)|[.,!]|$)",
    re.IGNORECASE,
)
_HEALED = re.compile(
    r"^my (?:(?P<allergy>allergy to )?(?P<v>[\w' -]+?)) (?:is|are|has|have) (?:completely |"
    r"finally |all )?"
    r"(?:gone|cured|over|healed|cleared up|disappeared|history)\b",
    re.IGNORECASE,
)
_UNTRUE = re.compile(
    r"^(?:that|the|this|my old) (?P<noun>number|address|e-?mail|name|date|time|age|size|salary|job|"
    r"phone|weight|height|birthday)(?: (?:that )?I (?:gave|told|sent) you)? (?:is|was) "
    r"(?:wrong|not right|incorrect|out of date|outdated|no longer (?:valid|right|correct|mine|"
    r"in use)|"
    r"not (?:valid|mine|correct|up to date|my \w+))\b",
    re.IGNORECASE,
)


def _gone(plain: str) -> Iterator[Slot]:
    """What is no more, or was never so: by its own name, or that of its attribute."""
    ended = _NO_MORE.match(plain)
    if ended:
        what = bare(ended["v"] or ended["v2"])
        yield Slot("does", what, single=False, negated=True, instead_of=what)
    healed = _HEALED.match(plain)
    if healed:
        what = bare(healed["v"])
        if healed["allergy"]:
            yield Slot("allergic_to", what, single=False, negated=True)
        elif fits("condition", Term(what)):
            yield Slot("condition", what, single=False, negated=True)
    untrue = _UNTRUE.match(plain)
    if untrue:
        yield Slot(untrue["noun"].lower(), "", single=True, negated=True)


def is_correction(plain: str) -> bool:
    """Whether a clause says only which value takes another's place."""
    return _CORRECTION.match(plain) is not None


def _names(plain: str) -> Iterator[Slot]:
    called = _CALLED.match(plain)
    if called:
        name = next(value for value in called.groups() if value)
        yield Slot("name", name.lower(), single=True)
    introduced = _INTRODUCED.match(plain)
    if introduced and (introduced["age"] or introduced["name"]):
        if introduced["name"] and not called:
            yield Slot("name", introduced["name"].lower(), single=True)
        if introduced["age"]:
            yield Slot("age", introduced["age"], single=True)
        yield Slot("from", introduced["place"].lower(), single=True)
