"""Facts in parts: patterns that read an attribute and a value out of a sentence."""

import re
from dataclasses import dataclass

from memory.models import Slot

_END = r"(?=[.,;!?]|\s+(?:and|but|because|since|with|for|now|anymore|any more|these days)\b|$)"


@dataclass(frozen=True, slots=True)
class _Pattern:
    attribute: str
    single: bool
    regex: re.Pattern[str]
    negated: bool = False


def _patterns(attribute: str, *, single: bool, says: str, denies: str = "") -> list[_Pattern]:
    made = []
    if denies:
        made.append(_Pattern(attribute, single, _compiled(denies), negated=True))
    return [*made, _Pattern(attribute, single, _compiled(says))]


def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{text})\s+(?P<value>[^.,;!?]+?){_END}", re.IGNORECASE)


_NOT = r"(?:don't|do not|no longer)"
_DID = r"i(?:'ve| have)?(?: just)?"
_PATTERNS: tuple[_Pattern, ...] = (
    *_patterns("name", single=True, says=r"my name is|call me"),
    *_patterns(
        "lives_in", single=True,
        says=rf"(?:i|we) (?:now )?live in|{_DID} moved to|(?:i am|i'm) based in",
        denies=rf"i {_NOT} live in|i moved away from",
    ),
    *_patterns(
        "works_at", single=True,
        says=rf"i (?:now )?work (?:at|for)|{_DID} (?:joined|started at)",
        denies=rf"i {_NOT} work (?:at|for)|i (?:quit|left)",
    ),
    *_patterns("works_as", single=True, says=r"i work as(?: an?)?"),
    *_patterns("birthday", single=True, says=r"my birthday is(?: on)?|i was born on"),
    *_patterns(
        "allergic_to", single=False,
        says=r"(?:i am|i'm) allergic to",
        denies=r"(?:i am|i'm) (?:not|no longer) allergic to",
    ),
    *_patterns("owns_pet", single=False, says=r"i have a (?:pet|dog|cat|parrot) (?:named|called)"),
    *_patterns(
        "likes", single=False,
        says=r"i (?:really )?(?:like|love|enjoy|prefer)",
        denies=rf"i {_NOT} (?:like|love|enjoy)|i (?:hate|dislike)",
    ),
)  # fmt: skip


def read(sentence: str) -> list[Slot]:
    """The facts that a sentence states; a denial hides the statement it contains."""
    found: dict[str, Slot] = {}
    for pattern in _PATTERNS:
        match = pattern.regex.search(sentence)
        if match and pattern.attribute not in found:
            value = " ".join(match["value"].lower().split())
            found[pattern.attribute] = Slot(
                pattern.attribute, value, pattern.single, pattern.negated
            )
    return list(found.values())
