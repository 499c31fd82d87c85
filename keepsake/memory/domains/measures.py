"""Numbers with a unit as facts: unit, verb or preposition says which attribute one is of."""

import re
from collections.abc import Iterator

from keepsake.memory.models import Slot

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


def measures(plain: str) -> Iterator[Slot]:
    """The measures that a clause gives."""
    for attribute, pattern in _MEASURES:
        match = pattern.search(plain)
        if match:
            value = next(group for group in match.groups() if group)
            yield Slot(attribute, value.lower().strip(" .,"), single=True)
