"""Numbers with a unit as facts: unit, verb or preposition says which attribute one is of."""

import re
from collections.abc import Iterator

from keepsake.memory.domains.frames import ANY_RELATION, ONE_OF_A_KIND
from keepsake.memory.models import Slot

_NUMBER = r"\d[\d.,]*"
_ABOUT = r"(?:(?:about|around|roughly|only|now|usually|down to|up to) )*"
_MONEY = (
    rf"[$€£]?{_NUMBER}k?(?: ?(?:euros?|dollars?|pounds?|bucks|francs|kroner|€|\$|£|[A-Z]{{3}}\b))?"
)
_PER = (
    r"(?: ?(?:a|an|per|/|each|every) ?(?:hour|day|week|month|year|annum)|"
    r" monthly| yearly| annually)"
)
_TIME = (
    r"(?:\d ?h ?\d\d\b|(?:\d[\d:.,]*|half an|an|one|two|three)"
    r"(?: ?(?:minutes?|mins?|hours?|hrs?|h|seconds?|secs?))?)"
)
_LENGTH = (rf"(?:{_NUMBER} ?(?:cm|m|metres|meters|ft|feet|foot)\b(?: ?\d+)?|"
           r"\dm\d\d\b|\d ?(?:'|ft|foot|feet) ?\d{1,2}\"?|"
           r"[12][.,]\d\d\b(?! ?(?:k|€|euros?)))")  # fmt: skip
_MASS = rf"{_NUMBER} ?(?:kg|kgs|kilos?|kilograms?|pounds|lbs?|stone)\b"
_BODY = (
    r"^(?:I (?:am|stand|measure|weigh)\b|my (?:height|weight) is\b|weigh\b|"
    r"(?=\d ?'\d|1\d\d ?cm\b|1m\d\d\b))(?:[^;]*?(?:,| and| at|weigh))??"
)
"""How one begins to tell one's measures."""
_CLOTHES = r"(?:shirts?|clothes|tops?|trousers|jeans|dress(?:es)?|jackets?)"
_RATED = (
    r"(?:rate|pressure|count|level|score|handicap|income|rent|mortgage|budget|salary|limit|quota|"
    r"pace|record|pb|bmi|iq|vo2max|allowance|deposit|savings|pension|premium|loan|debt|inseam|"
    r"waist|dose|rating|elo|gpa|ftp|sugar|cholesterol|commute|wage|fee)"
)
_MEASURES = tuple(
    (attribute, re.compile(pattern, re.IGNORECASE))
    for attribute, pattern in (
        ("age", r"(?:(?<!before )(?<!until )(?<!when )(?<!till )\bI (?:am|just turned|turned)|"
                r"^(?:just )?turned)(?: now)? (?P<v>\d{1,3})"
                r"(?=[.!]*$|,? (?:years? old|yrs?\b|and\b|now\b|today\b|last\b|this\b|yesterday\b)|"
                r",| yo\b)"),
        ("birth year", r"\bborn (?:back )?in (?P<v>'?\d\d|(?:19|20)\d\d)(?![\d.,]\d)\b"),
        ("blood type", r"\bblood type is (?P<v>(?:AB|A|B|O)\b ?(?:positive|negative|[+-])?)"),
        ("height", rf"{_BODY} ?{_ABOUT}(?P<v>{_LENGTH})(?! (?:away|from))"),
        ("weight", rf"{_BODY} ?{_ABOUT}(?P<v>{_MASS})"),
        ("shoe size", r"\b(?:shoe size is|size|a size) (?P<v>\d\d?(?:[.,]5)?)(?= (?:in )?shoes?\b)|"
                      r"\bshoe size(?: is|:)? (?P<v2>\d\d?(?:[.,]5)?)|"
                      r"\b(?P<v3>\d\d(?:[.,]5)?) in (?:shoes|boots|trainers)"),
        ("clothes size", rf"\bI (?:(?:wear|take) (?:an? )?(?:size )?|am (?:an? )?size )"
                         rf"(?P<v>(?:XX?)?[SMLX]|\d\d)(?=[.,!]*$| in {_CLOTHES})|"
                         rf"\ban? (?P<v2>(?:XX?)?[SMLX]|\d\d) in {_CLOTHES}"),
        ("salary", rf"\bI (?:earn|make|am paid|get paid) {_ABOUT}(?P<v>{_MONEY}{_PER}?)"
                   rf"(?=(?: (?:after|before) tax(?:es)?| net| gross)?[.,!]*$)|"
                   rf"\bI am on {_ABOUT}(?P<v2>{_MONEY}{_PER})"),
        ("sleep", r"\b(?:I|we) (?:usually )?(?:sleep|get) (?:about |around |only )?"
                  r"(?P<v>[\w.]+(?: to [\w.]+)? hours)(?: of sleep|(?<!get \S hours))"),
        ("commute", rf"\btakes me {_ABOUT}(?P<v>{_TIME}) to (?:commute|get to "
                    rf"(?:work|the office|school|uni))|"
                    rf"\bcommute (?:takes|is)(?: me)? {_ABOUT}(?P<v3>{_TIME})|"
                    rf"\b(?:drive|cycle|walk|travel|commute) {_ABOUT}(?P<v2>{_TIME}) to work"),
        ("pays", rf"^(?:I|we) pay {_ABOUT}(?P<v>{_MONEY}{_PER})[.!]*$"),
        ("rent", rf"^(?:my |our |the )?rent(?:'s| is|:)? {_ABOUT}(?P<v2>{_MONEY}{_PER}?)|"
                 rf"\b(?:I|we) pay {_ABOUT}(?P<v>{_MONEY}{_PER}?)(?: in rent| (?:for|in) "
                 rf"(?:my|our|the|a) (?:\w+ )?(?:flat|apartment|room|house|studio|place))"),
        ("budget", rf"\bbudget (?:(?:for [\w ]+? )?is|of) {_ABOUT}(?P<v>{_MONEY}(?: tops)?)"),
        ("home size", rf"^(?:my|our|we|I)\b.*?\b(?P<v>{_NUMBER} ?(?:m2|m²|sqm|sq\.? ?(?:m|ft)|"
                      rf"square (?:met(?:re|er)s?|feet)))"),
        ("experience", rf"\bI have {_ABOUT}(?P<v>{_NUMBER}\+? years) of (?:\w+ )?experience"),
    )
)  # fmt: skip
_NAMED = re.compile(
    rf"^(?:(?:my|our) |(?=mortgage|rent))(?P<what>(?:[\w-]+ ){{0,3}}?{_RATED}) is "
    rf"{_ABOUT}(?P<v>[$€£]?\d[^,;]*?)[.!]*$",
    re.IGNORECASE,
)
_LIFTED = re.compile(
    rf"^I (?:can )?(?P<what>bench|squat|deadlift|bench press) {_ABOUT}(?P<v>{_MASS})", re.IGNORECASE
)
_RACES = re.compile(r"^I (?:can )?(?:usually )?(?:run|swim|row|cycle|ride|do)\b", re.IGNORECASE)
_RACED = re.compile(
    rf"\b(?P<what>{_NUMBER} ?(?:k|km|miles?|m)\b|(?:half[ -])?marathon) in "
    rf"{_ABOUT}(?P<v>{_TIME})",
    re.IGNORECASE,
)
_VITAL = re.compile(
    r"\b(?P<what>(?:resting |max )?(?:hr|heart rate|pulse|blood pressure|bmi|vo2 ?max|ftp))"
    r"(?: is| of|:)? (?P<v>\d[\d/.]*)",
    re.IGNORECASE,
)
"""What says by its own words which attribute it is of."""


_OF_OTHER = re.compile(
    rf"^my (?P<who>{ANY_RELATION}) (?:is|weighs|measures) {_ABOUT}(?:(?P<height>{_LENGTH})|"
    rf"(?P<weight>{_MASS}))",
    re.IGNORECASE,
)


def measures(plain: str, who: str = "user") -> Iterator[Slot]:
    """The measures that a clause gives of who it is about.

    Of nobody known, it gives only those that it begins with: `the commute is an hour`.
    """
    one = who in ONE_OF_A_KIND or who in {"", "user"}
    for attribute, pattern in _MEASURES:
        match = pattern.search(plain)
        if match and (who or _begins(plain, match)):
            value = next(group for group in match.groups() if group)
            yield Slot(attribute, value.lower().strip(" .,"), single=one, subject=who or "user")
    for pattern in (_NAMED, _LIFTED):
        match = pattern.search(plain)
        if match:
            yield Slot(match["what"].lower(), match["v"].lower(), single=True)
    vital = _VITAL.search(plain)
    if vital and (who or _begins(plain, vital)):
        yield Slot(
            vital["what"].lower(), vital["v"].rstrip("./"), single=one, subject=who or "user"
        )
    for match in _RACED.finditer(plain) if _RACES.match(plain) else ():
        yield Slot(f"{match['what'].lower()} time", match["v"].lower().strip(" ."), single=True)
    other = _OF_OTHER.match(plain)
    for attribute, value in (other.groupdict() if other else {}).items():
        if other and value and attribute != "who":
            yield Slot(attribute, value.lower(), single=True, subject=other["who"].lower())


def _begins(plain: str, match: re.Match[str]) -> bool:
    return plain[: match.start()].strip().lower() in {"", "the"}
