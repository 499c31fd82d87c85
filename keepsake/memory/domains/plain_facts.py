"""Facts that are read from words rather than from grammar.

Credentials, measures, lists after a colon, standing instructions, introductions, and the plainest
statements of other languages.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from keepsake.memory.domains import words
from keepsake.memory.domains.statement_filter import ADOPTED
from keepsake.memory.domains.values import is_pet
from keepsake.memory.models import Slot

_SECRET = re.compile(
    r"pass(?:word|code|phrase|wd)|\bpin\b(?: (?:code|number|is|:)|$)|\bcvv\b|api ?key|\btoken\b|"
    r"\bsecret (?:key|is)\b|"
    r"(?:credit |debit |bank )?card (?:number|ends|is \d|no\b)|\bssn\b|social security|\biban\b|"
    r"private key|(?:door|alarm|gate|entry|access|security|verification|login|unlock|lock|house|"
    r"front door|garage) code|(?:code|key) (?:to|for|at|of) (?:the|my|our)\b|"
    r"\b(?:log-?in|credentials?|username)\b.*(?:\bis\b|\bare\b|:|/)|"
    r"passport (?:number|no)|licen[sc]e number|account number|routing number|sort code|"
    r"maiden name|expir(?:es|y) (?:on )?\d\d/\d\d|\b(?:sk|pk|ghp|xox[bp])[-_]\w{6,}|"
    r"\b(?:\d[ -]?){13,19}\b|\b[A-Z]{2}\d{2}(?: ?[\dA-Z]{4}){3,}|\b2fa\b|one-time code|recovery "
    r"code",
    re.IGNORECASE,
)


def is_secret(text: str) -> bool:
    """Whether a text tells a credential, which is kept in no fact."""
    return _SECRET.search(text) is not None


_NUMBER = r"\d[\d.,]*"
_END = r"(?=$|[ .,;!)]|\band\b)"
_MEASURES = tuple(
    (attribute, re.compile(pattern, re.IGNORECASE))
    for attribute, pattern in (
        ("age", r"\bI (?:am|just turned|turned)(?: now)? (?P<v>\d{1,3})"
                r"(?=[.!]*$|,? (?:years? old|yrs?\b|and\b|now\b|today\b)|,| yo\b)"),
        ("blood type", r"\bblood type is (?P<v>(?:AB|A|B|O)\b ?(?:positive|negative|[+-])?)"),
        ("height", rf"\b(?:I am|I stand|my height is)(?: about| around)? (?P<v>{_NUMBER} ?(?:cm|"
                   rf"m|metres|"
                   rf"meters|ft|feet|foot)\b(?: ?\d+)?|\d ?(?:'|ft|foot|feet) ?\d{{1,2}}\"?)"),
        ("weight", rf"\b(?:I weigh|my weight is|I am(?: [\w.,]+ ?(?:cm|m)\b(?: tall)?,? (?:and|"
                   rf",))?)"
                   rf"(?: about| around)? (?P<v>{_NUMBER} ?(?:kg|kgs|kilos?|kilograms?|pounds|lbs?|"
                   rf"stone)\b)"),
        ("shoe size", r"\b(?:shoe size is|size|a size) (?P<v>\d\d?(?:[.,]5)?)(?= (?:in )?shoes?\b)|"
                      r"\bshoe size(?: is|:)? (?P<v2>\d\d?(?:[.,]5)?)"),
        ("clothes size", r"\bI (?:wear|take|am) (?:a )?size (?P<v>(?:XX?)?[SMLX]|\d\d)"
                         r"(?=[.,!]*$| in (?:shirts|clothes|tops|trousers|jeans|dresses))"),
        ("salary", rf"\bI (?:earn|make) (?:about |around )?(?P<v>[$€£]?{_NUMBER}k?(?: \w+)?"
                   rf"(?: (?:a|per) (?:year|month|hour))?)(?=[.,!]*$)"),
        ("sleep", r"\bI (?:usually )?sleep (?:about |around |only )?(?P<v>[\w.]+(?: to [\w.]+)? "
                  r"hours)"),
        ("budget", rf"\bbudget(?: for [\w ]+?)? is (?:about |around |roughly "
                   rf")?(?P<v>[$€£]?{_NUMBER}k?"
                   rf"(?: (?:euros?|dollars?|pounds?|[A-Z]{{3}}|tops))*)"),
    )
)  # fmt: skip
LISTED = {
    "med": "takes", "meds": "takes", "medication": "takes", "medications": "takes",
    "medicine": "takes", "medicines": "takes", "supplements": "takes", "language": "speaks",
    "languages": "speaks", "allergies": "allergic_to", "allergy": "allergic_to",
    "hobbies": "does", "hobby": "does", "interests": "does", "sports": "does", "stack": "uses",
    "tools": "uses", "tech stack": "uses", "apps": "uses", "devices": "has", "instruments": "plays",
    "pets": "has", "cars": "has", "kids": "kids name", "children": "kids name",
    "diets": "is", "diet": "is", "dislikes": "distaste", "likes": "taste", "intolerances":
    "allergic_to", "conditions": "condition", "sisters": "sister name", "brothers": "brother name",
    "dogs": "dog name", "cats": "cat name", "sons": "son name", "daughters": "daughter name",
    "siblings": "sibling name",
}  # fmt: skip
_ANY_LIST = "|".join(sorted(LISTED, key=len, reverse=True))
_LIST = re.compile(
    rf"^(?:my |our )?(?P<what>(?:favou?rite (?!things?\b|parts?\b|ones?\b)\w+(?: (?!in\b|"
    rf"of\b)\w+)?)|{_ANY_LIST})"
    r"(?: are(?: called| named)?|:)\s+(?P<members>\S.*)",
    re.IGNORECASE,
)
_FAMILY = re.compile(
    r"\b(?:have|has) (?P<count>[\w ]*?)(?P<what>kids|children|sons|daughters|boys|girls|sisters|"
    r"brothers|dogs|cats|pets|siblings|twins)(?::| -| called| named|,) (?P<members>[A-Z].*)",
)
_NAME_IN_LIST = re.compile(r"(?:the baby,? )?(?P<name>[A-Z][\w'-]+)(?: ?\((?P<note>[^)]*)\))?$")
_MEMBERS = re.compile(r"\s*[,;/]\s*(?:and |or )?|\s+(?:and|&)\s+")
_MOST_MEMBERS, _MEMBER_WORDS = 12, 6
_SINGULAR = {"kids": "kid", "children": "child", "boys": "son", "girls": "daughter",
             "boy": "son", "girl": "daughter"}  # fmt: skip

_ANSWERS = (r"(?:answers?|repl(?:y|ies)|respon(?:d|ses?)|explanations?|emojis?|bullet points?|"
            r"talk(?:ing)? to me|write to me|address me|speak to me)")  # fmt: skip
_BIDDEN = "|".join(sorted(words("bidden")))
_INSTRUCTION = re.compile(
    rf"^(?:please )?(?:(?:always|never|from now on|from here on|in (?:the )?future|going forward|"
    rf"whenever|every time)\b,? (?:please |always |never |do not |only )*(?:{_BIDDEN})\b.*|"
    rf"(?:keep|make|format|use|give me|avoid|write|skip)\b.*\b(?:{_ANSWERS})\b.*|"
    rf"(?:answer|reply|respond|talk|speak)(?: to me| me)? (?:in|with|only|briefly|concisely)\b.*|"
    rf"do not (?:use|include|add|schedule|book|plan|call|text|email|disturb|wake|send|suggest|"
    rf"recommend|remind|address|start|explain)\b.*"
    rf"(?:\b(?:before|after|on (?:\w+day)s?|anything|emojis?|with me|{_ANSWERS})\b).*|"
    rf"no (?:emojis?|small talk|bullet points|tables|jargon|swearing)\b.*|"
    rf"stop \w+ing\b.*(?:\b(?:all the time|every time|so much|me|emojis?)\b).*|"
    rf"use (?:metric|imperial|british|american|simple|formal|informal|celsius|fahrenheit|the "
    rf"24)\b.*)$",
    re.IGNORECASE,
)
_ONCE = re.compile(
    r"\b(?:this (?:question|one|time|e-?mail|text)|now|today|tonight)\b$", re.IGNORECASE
)
_CALLED = re.compile(
    r"^(?:(?:please|you can|everyone|everybody|people|friends|just|they all|from now on,?) )*"
    r"calls? me (?P<v>[A-Z][\w'-]+(?: [A-Z][\w'-]+)?)(?:,? please| from now on)?[.!]*$|"
    r"^I (?:go by|changed my name to) (?P<v2>[A-Z][\w'-]+(?: [A-Z][\w'-]+){0,2})[.!]*$|"
    r"^(?:[Mm]y|[Tt]he) name is (?:now )?(?P<v3>[A-Z][\w'-]+(?: (?:[A-Z][\w'-]+|de|da|van|von|"
    r"der)){0,3})"
    r"(?=$|[.,!]|\s(?:and|but|by)\b)|"
    r"^I am (?P<v4>[A-Z][\w'-]+(?: [A-Z][\w'-]+)?), (?=\d\d\b|from\b|an? \w+)"
)  # fmt: skip
_INTRODUCED = re.compile(
    r"^I am (?P<name>[A-Z][\w'-]+)?,? ?(?P<age>\d{1,2})?,? ?(?:and |living |based |a \w+ )?"
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
_DIED = re.compile(r"^(?P<name>[A-Z][a-z]\w*) (?:has |had )?(?:died|passed away|was put down)\b")
_CORRECTION = re.compile(
    r"^(?:(?:no, )?I meant|I mean|correction[:,]?|it is|make that|that should be)"
    rf"\s+(?P<value>{_WORDS}),?\s+(?:and )?not\s+(?P<old>{_WORDS})[.!]*$",
    re.IGNORECASE,
)
_DETERMINER = re.compile(r"^(?:(?:a|an|the|my|our|some|in|at|on|to)\s+)+(?=\S)")


def plain_facts(plain: str, text: str) -> Iterator[Slot]:
    """The facts of a clause, as it is written out and as it was said."""
    correction = _CORRECTION.match(plain)
    if correction:
        yield Slot("", _value(correction["value"]), single=True,
                   instead_of=_value(correction["old"]))  # fmt: skip
        return
    yield from _names(plain)
    yield from _measures(plain)
    yield from _lists(plain)
    pet = _PET.search(plain)
    if pet and is_pet(pet["noun"]):
        yield Slot("owns_pet", f"{_value(pet['noun'])} {pet['name'].lower()}", single=False)
    elif pet:
        yield Slot(f"{_value(pet['noun'])} name", pet["name"].lower(), single=False)
    died = _DIED.match(plain)
    if died:
        yield Slot("owns_pet", died["name"].lower(), single=False, negated=True)
    adopted = ADOPTED.search(plain)
    if adopted:
        yield Slot("avoids", _value(adopted["v"]), single=False)
    yield from _foreign(text)


def is_correction(plain: str) -> bool:
    """Whether a clause says only which value takes another's place."""
    return _CORRECTION.match(plain) is not None


def instruction(plain: str) -> Slot | None:
    """What the user asks for once and for all, such as `Always answer in German`."""
    if not _INSTRUCTION.match(plain) or _ONCE.search(plain.rstrip(".! ")) or plain.endswith("?"):
        return None
    return Slot("instruction", plain.lower().rstrip(".! "), single=False)


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


def _measures(plain: str) -> Iterator[Slot]:
    for attribute, pattern in _MEASURES:
        match = pattern.search(plain)
        if match:
            value = next(group for group in match.groups() if group)
            yield Slot(attribute, value.lower().strip(" .,"), single=True)


def _lists(plain: str) -> Iterator[Slot]:
    family = _FAMILY.search(plain)
    if family:
        what = family["what"].lower()
        noun = _SINGULAR.get(what, what.rstrip("s"))
        if family["count"].strip():
            yield Slot("has", f"{_value(family['count'] + what)}", single=False)
        for member in _split(family["members"]):
            name = _NAME_IN_LIST.match(member)
            if name:
                yield Slot(f"{noun} name", name["name"].lower(), single=False)
                if (name["note"] or "").strip().isdigit():
                    yield Slot("age", name["note"].strip(), single=True,
                               subject=f"{noun} {name['name'].lower()}")  # fmt: skip
        return
    match = _LIST.match(plain)
    if match is None:
        return
    what = match["what"].lower()
    for member in _split(match["members"]):
        attribute = LISTED.get(what, what)
        if member[:1].isupper() or not attribute.endswith(" name"):  # `dogs are loyal`
            yield _listed(attribute, _value(member))


def _listed(attribute: str, value: str) -> Slot:
    if attribute in {"taste", "distaste"}:
        return taste(value, likes=attribute == "taste")
    return Slot(attribute, re.sub(r"\bcalled (?=\w)", "", value), single=False)


def taste(value: str, *, likes: bool, subject: str = "user") -> Slot:
    """Liking and disliking are values of one attribute, so that one supersedes the other."""
    return Slot(
        f"taste for {value}", "likes" if likes else "dislikes", single=True, subject=subject
    )


def _split(text: str) -> list[str]:
    bare = re.sub(r"\(([^)]*)\)", lambda m: f"({m[1].replace(',', ' ')})", text.rstrip(".! "))
    bare = re.sub(r"\bthe baby, ", "", bare)
    bare = re.split(r"\.\s|;|\s[-\N{EN DASH}\N{EM DASH}]\s", bare, maxsplit=1)[0]
    members = [member.strip(" .!") for member in _MEMBERS.split(bare)]
    return [m for m in members if m and len(m.split()) <= _MEMBER_WORDS][:_MOST_MEMBERS]


def _value(text: str) -> str:
    return _DETERMINER.sub("", " ".join(text.lower().strip(" ,.'\"").split()))


@dataclass(frozen=True, slots=True)
class _Phrase:
    """What begins a clause of another language: after `wenn` the same words say something else."""

    attribute: str
    says: re.Pattern[str]
    denies: re.Pattern[str] | None
    single: bool


_JOINED = r"(?:^|,?\s(?:und|et|y|e)\s)"
_STOPS = (r"(?=$|[.,;!]|\s(?:und|et|y|e|como|comme|als|come|desde|depuis|seit|con|avec|mit|en un|"
          r"en una|dans|in einem|in einer|pero|aber|mais|ma|porque|weil|wo|donde|"
          r"où)\s)")  # fmt: skip


def _phrase(attribute: str, says: str, denies: str = "", *, single: bool = True) -> _Phrase:
    value = rf"\s+(?!kein|nicht\b|plus\b)(?P<v>\S.*?)(?: (?:um)?gezogen)?(?<! nicht){_STOPS}"
    denial = re.compile(rf"^(?:{denies})\s+(?P<v>\S.*?){_STOPS}", re.IGNORECASE) if denies else None
    pattern = re.compile(rf"{_JOINED}(?:{says}){value}(?! nicht)", re.IGNORECASE)
    return _Phrase(attribute, pattern, denial, single)


_PHRASES = (
    _phrase("lives_in", r"(?:ich )?(?:wohne|lebe)(?: jetzt)? in|ich bin nach(?= \S+ (?:um)?gezogen)"
            r"|j'habite (?:à|en|au)|je vis (?:à|en|au)|(?:yo )?vivo en|abito a|vivo a|moro em|"
            r"vivo em",
            r"(?:yo )?ya no vivo en|je n'habite plus (?:à|en|au)|je ne vis plus (?:à|en|au)|"
            r"ich (?:wohne|lebe) nicht mehr in|non (?:vivo|abito) più a|(?:já )?não (?:moro|vivo) "
            r"(?:mais )?em"),
    _phrase("name", r"ich hei(?:ß|ss)e|mein name ist|je m'appelle|me llamo|mi nombre es|mi chiamo"
            r"|meu nome é|chamo-me"),
    _phrase("works_at", r"(?:ich )?arbeite (?:bei|für)|(?:je )?travaille (?:chez|pour)|"
            r"trabajo (?:en|para)|lavoro (?:per|presso)|trabalho (?:na|no|em)",
            r"ya no trabajo (?:en|para)|je ne travaille plus (?:chez|pour)|ich arbeite nicht mehr "
            r"(?:bei|für)|non lavoro più (?:per|presso)|(?:já )?não trabalho (?:mais )?(?:na|no|"
            r"em)"),
    _phrase("works_as", r"(?:ich )?arbeite als|(?:je )?travaille comme|trabajo (?:como|de)|"
            r"lavoro come|trabalho como"),
    _phrase("likes", r"ich (?:mag|liebe)|j'(?:aime|adore)|me gustan?|me encantan?"
            r"|mi piac(?:e|ciono)|(?:eu )?gosto de", single=False),
    _phrase("allergic_to", r"ich bin allergisch (?:gegen|auf)|je suis allergique (?:à|aux|au)"
            r"|soy alérgic[oa] (?:a|al)|sono allergic[oa] (?:a|alle|al)|sou alérgic[oa] (?:a|ao)",
            single=False),
)  # fmt: skip


def _foreign(text: str) -> Iterator[Slot]:
    if text.isascii() and re.match(r"(?:I|my|the|we)\b", text, re.IGNORECASE):
        return
    said = text.rstrip(".! ")
    for phrase in _PHRASES:
        denied = phrase.denies.search(said) if phrase.denies else None
        match = denied or phrase.says.search(said)
        if match is None:
            continue
        value = _value(
            re.sub(r"^(?:el|la|los|las|le|les|il|lo|der|die|das|o|os|as)\s", "", match["v"])
        )
        if phrase.attribute == "likes":
            yield taste(value, likes=True)
        else:
            yield Slot(phrase.attribute, value, phrase.single, negated=denied is not None)


FORGET = re.compile(
    r"^(?:(?:please|you can|you may|can you|could you|just) )*(?:forget|delete|remove|erase|wipe)"
    r"(?: about)?(?: that)? (?=(?:i|we|my (?:[\w-]+ ){1,3}?(?:is|are|was|has|works?|lives?))\b)",
    re.IGNORECASE,
)
"""Takes a statement back: `Forget that I live in Rome`."""
_FORGET_TOPIC = re.compile(
    r"^(?:(?:please|you can|you may|can you|could you|just) )*(?:(?:forget|delete|remove|erase|"
    r"wipe) "
    r"(?:(?:all|everything|anything|what(?:ever)?|whatever)(?: that)?(?: (?:I|you|we) (?:ever )?"
    r"(?:told you|said|mentioned|know|have|remember|stored|wrote|shared))?(?: (?:about|of|on|"
    r"regarding))?|"
    r"about|that)? ?)(?P<topic>(?:my|our|the|where|who|what|how)\b.+?)[.!?]*$",
    re.IGNORECASE,
)
_TOPIC_WORDS = {
    "where i live": "lives_in", "my home": "lives_in", "my address": "lives_in",
    "where i work": "works_at", "my job": "works_at works_as", "my work": "works_at works_as",
    "my employer": "works_at", "my name": "name", "who i am": "name", "how old i am": "age",
    "my allergies": "allergic_to", "my diet": "avoids eats is",
    "who i am married to": "married_to",
}  # fmt: skip


def forgotten_topic(plain: str) -> str:
    """What is to be forgotten: attributes, or the words that name it; empty when nothing is."""
    match = _FORGET_TOPIC.match(plain)
    if match is None:
        return ""
    topic = match["topic"].lower()
    if topic in _TOPIC_WORDS:
        return _TOPIC_WORDS[topic]
    noun = re.sub(r"^(?:my|our|the)\s", "", topic)
    return noun if len(noun.split()) <= _MEMBER_WORDS - 2 else ""
