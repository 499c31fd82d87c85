"""The frames of facts: which verb with which slot gives which attribute, and what ends it."""

import re
from dataclasses import dataclass
from typing import Literal

from keepsake.memory.domains import words
from keepsake.memory.languages.letters import folded

RELATIONS = words("relations")
"""Whom the user may speak of as `my …`."""
ANY_RELATION = "|".join(sorted(RELATIONS, key=len, reverse=True))
ONE_OF_A_KIND = words("one_of_a_kind")
"""Relations of which one has one at a time: without a name they say who is meant."""
PETS = words("pets")

PRONOUNS = frozenset({"he", "she", "they"})
_SPEAKER = frozenset({"i", "we", "me"})
_OF_US = re.compile(r"(?:both|neither|none|all|each) of us$", re.IGNORECASE)
_RELATIVE = re.compile(
    rf"^(?:(?:both|all|neither|none|each)(?: of)? )?(?:my|"
    rf"our) (?P<who>(?:(?!name\b)[\w'-]+ ){{0,3}}?"
    rf"(?:ex-|step-?|half-|great-)?(?:{ANY_RELATION})(?:-in-law)?)"
    r"(?P<name>(?:,? (?-i:[A-Z])[\w-]+){0,2}),?$",
    re.IGNORECASE,
)
_KIN = re.compile(
    rf"(?:my|our) (?P<who>(?:(?!name\b)[\w-]+ ){{0,2}}?"
    rf"(?:{ANY_RELATION}|{'|'.join(sorted(PETS, key=len, reverse=True))})(?:-in-law)?)"
    r"(?=$|[\s'])",
    re.IGNORECASE,
)
_OWN = re.compile(r"(?:my|our) (?P<what>\S.*)", re.IGNORECASE)


def whose(nouns: list[str]) -> tuple[tuple[str, ...], str]:
    """Whom the subjects of a sentence mean, `my wife and I` being two; and which thing of theirs.

    That is `user`, relations of the user, a pronoun that may go back to one, or nobody whom the
    user can speak for.
    """
    ours = any(noun.lower().split(" ")[0] in _SPEAKER or _OF_US.match(noun) for noun in nouns)
    subjects = ["user"] if ours else []
    for noun in nouns:
        match = _RELATIVE.match(noun)
        thing = _OWN.match(noun)
        if match:
            name = (match["who"] + match["name"]).replace(",", "").lower()
            subjects.append(name)
        elif thing and not subjects:
            return ("user",), thing["what"].lower().replace("'s", "")
        elif noun.lower() in PRONOUNS and len(nouns) == 1:
            return (noun.lower(),), ""
        elif not subjects:
            return (), ""
    return tuple(dict.fromkeys(subjects)), ""


def kin_of(plain: str) -> str:
    """The relation or animal of the speaker that a clause begins with: `my son's shoe size`."""
    match = _KIN.match(plain)
    return match["who"].lower() if match else ""


def same_person(one: str, other: str) -> bool:
    """Whether two subjects are one: `ana` is `ana silva`, but no friend is the other friend."""
    one, other = folded(one), folded(other)
    related = "'" in one or not RELATIONS.isdisjoint(one.split())
    return one == other or (
        not related and (one.startswith(f"{other} ") or other.startswith(f"{one} "))
    )


Filler = Literal[
    "place", "employer", "company", "person", "school", "language", "role", "thing", "taste",
    "substance", "possession", "vehicle", "condition", "project", "medicine", "practice", "app",
    "shift", "food", "service", "destination", "state",
    "worn", "degree", "pursuit", "diet", "product", "course", "job", "business",
]  # fmt: skip
"""What may fill a slot (`keepsake.memory.domains.values`)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A verb with a slot.

    verbs: lemmas, see `Statement.verb`. slots: the first that is there is read. changes: the verb
    tells a change, so that in the past it says what is now; else its past gives `formerly_…`.
    ends: it says what is no more. progressive: `I am …ing` says so as well. beside: what another
    slot must hold, by its noun.
    """

    attribute: str
    verbs: tuple[str, ...]
    slots: tuple[str, ...]
    filler: Filler
    single: bool = False
    changes: bool = False
    ends: bool = False
    progressive: bool = False
    beside: tuple[str, ...] = ()


def _state(attribute: str, verbs: str, slots: str, filler: Filler, *, single: bool = False,
           progressive: bool = False, beside: str = "") -> Frame:  # fmt: skip
    return Frame(attribute, _list(verbs), _list(slots), filler, single, progressive=progressive,
                 beside=_list(beside))  # fmt: skip


def _change(attribute: str, verbs: str, slots: str, filler: Filler, *, single: bool = False,
            beside: str = "") -> Frame:  # fmt: skip
    return Frame(attribute, _list(verbs), _list(slots), filler, single, changes=True,
                 beside=_list(beside))  # fmt: skip


def _end(attribute: str, verbs: str, slots: str, filler: Filler, *, beside: str = "") -> Frame:
    return Frame(attribute, _list(verbs), _list(slots), filler, changes=True, ends=True,
                 beside=_list(beside))  # fmt: skip


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


FRAMES: tuple[Frame, ...] = (
    _state("lives_in", "live, reside, be based, be living, be settled",
           "in, at, near, of, outside", "place", single=True, progressive=True),
    _state("lives_in", "rent, own, have", "in", "place", single=True, progressive=True,
           beside="flat, apartment, house, room, studio"),
    _change("lives_in", "move, relocate, move back, settle, emigrate", "to, in", "destination",
            single=True),
    _end("lives_in", "move", "from", "place"),
    _end("lives_in", "move out, move away", "of, from", "place"),
    _state("works_at", "work, be employed, be working", "at, for, by", "employer", single=True,
           progressive=True),
    _state("works_at", "be", "at, with", "company", single=True),
    _change("works_at", "sign, sign on, sign up", "with", "company", single=True),
    _change("works_at", "join, start at, start with", "object", "company", single=True),
    _change("works_at", "start", "at, with", "employer", single=True),
    _change("works_at", "get, land, take", "at, with", "company", single=True,
            beside="job, position, role"),
    _change("works_at", "accept", "from, at", "company", single=True,
            beside="offer, job, position"),
    _end("works_at", "leave, quit, quit working at", "object", "company"),
    _end("works_at", "resign", "from, at", "company"),
    _end("works_at", "be fired, be sacked, be laid, let go, be let", "from, by", "company"),
    _end("works_at", "hand in, hand, give in, give", "at, to", "company",
         beside="notice, resignation"),
    _state("works", "work, do, have", "object, measure", "shift"),
    _state("works_as", "work, freelance, be employed, be working", "as", "job", single=True,
           progressive=True),
    _change("works_as", "be promoted, be made, be hired", "to, as", "role", single=True),
    _state("is", "be, be self, be color", "is", "role"),
    _change("is", "become, turn", "is, object", "role"),
    _change("born_in", "be born, be raised, raise, be brought", "in", "place", single=True),
    _change("grew_up_in", "grow up", "in", "place", single=True),
    _state("from", "be, come, be originally", "from", "place", single=True),
    _state("married_to", "be married, be engaged", "to", "person", single=True),
    _change("married_to", "marry", "object", "person", single=True),
    _state("allergic_to", "be allergic, be intolerant", "to", "substance"),
    _state("allergic_to", "have", "to", "substance", beside="allergy"),
    _state("condition", "have", "object", "condition"),
    _state("condition", "suffer", "from", "condition"),
    _change("condition", "be diagnosed", "with", "condition"),
    _change("takes", "be prescribed", "measure, object", "medicine"),
    _change("takes", "be put", "on", "medicine"),
    _change("follows", "be put", "on", "diet"),
    _state("avoids", "avoid, skip", "object", "food", progressive=True),
    _change("avoids", "cut out, give up, cut, quit", "object", "food"),
    _end("takes", "be taken, be took, come", "off", "medicine"),
    _state("eats", "eat, drink, consume", "object", "food"),
    _state("takes", "take, be", "object, on", "medicine", progressive=True),
    _change("takes", "start, begin, go", "on, object", "medicine"),
    _state("taste", "like, love, enjoy, adore", "object", "taste"),
    _state("taste", "be fond", "of", "taste"),
    _state("taste", "be keen, be big", "on", "taste"),
    _state("taste", "be crazy", "about", "taste"),
    _state("taste", "be", "into", "taste"),
    _state("taste", "be", "of", "taste", beside="fan, lover"),
    _state("distaste", "hate, dislike, detest, loathe, despise", "object", "taste"),
    _state("speaks", "speak, know", "object", "language"),
    _state("speaks", "be fluent", "in", "language"),
    _state("learns", "learn, study", "object", "thing", progressive=True),
    _state("studied_at", "study, go, be studying", "at, to", "school", progressive=True),
    _change("studied_at", "graduate, attend", "from, object", "school"),
    _state("studies", "do, study, read, pursue, be", "object, for", "degree", progressive=True),
    _state("studied_at", "do, pursue", "at", "employer", progressive=True,
           beside="phd, doctorate, degree, master, bachelor, apprenticeship, mba"),
    _state("saves_for", "save, save up", "for", "thing", progressive=True),
    _state("plays", "play", "object", "practice"),
    _state("uses", "use", "object", "app", progressive=True),
    _state("uses", "work", "with", "app"),
    _state("uses", "be", "on", "product"),
    _change("uses", "switch, migrate, convert", "to", "app"),
    _change("uses", "get, subscribe, sign up, install, download", "object, to, for",
            "service"),
    _end("uses", "switch", "from", "app"),
    _end("uses", "cancel, delete, uninstall, ditch, drop", "object", "app"),
    _state("drives", "drive, ride", "object", "vehicle", single=True),
    _state("has", "have, own, have got", "object", "possession"),
    _change("has", "buy, adopt, get, inherit", "object", "possession"),
    _change("has", "swap, trade", "for", "possession"),
    _end("has", "sell, get rid, give away, give up, donate, swap, trade, trade in",
         "object, of", "thing"),
    _end("has", "trade", "in", "thing"),
    _state("wears", "wear, have", "object", "worn"),
    _state("collects", "collect", "object", "taste"),
    _state("runs", "run", "object", "employer"),
    _state("runs", "own", "object", "business"),
    _state("teaches", "teach", "object", "practice"),
    _state("does", "do, practice, practise", "object", "practice"),
    _change("does", "take up", "object", "practice"),
    _change("plays", "switch, move", "to", "practice"),
    _end("plays", "switch, move", "from", "practice"),
    _end("does", "give up, quit, drop", "object", "practice"),
    _end("learns", "give up, quit, drop", "object", "language"),
    _change("does", "switch, change", "to", "pursuit"),
    _end("does", "quit, stop, drop, give up", "object", "pursuit"),
    _state("takes_class", "do, take, attend, join", "object", "course", progressive=True),
    _state("works_on", "build, develop, write, work", "on, object", "project", progressive=True),
)  # fmt: skip
"""In the order in which they are tried; all that fit are read."""

ALSO_DENIED = {
    "owns_pet": ("has",),
    "has": ("owns_pet", "drives", "uses"),
    "works_at": ("uses",),
    "uses": ("has",),
    "avoids": ("takes",),
    "drives": ("has",),
    "does": ("plays", "learns", "teaches"),
}
"""What the denial of one attribute denies as well: who has no dog has no dog named Rex."""

MEMBERS = {
    "pets": PETS,
    "siblings": frozenset({"brother", "brothers", "sister", "sisters"}),
    "kids": frozenset({"son", "sons", "daughter", "daughters", "children"}),
    "children": frozenset({"son", "sons", "daughter", "daughters", "kids"}),
}
"""Kinds of what one has: who has no pets has no dog."""

_MEAT = ("vegan", "vegetarian", "pescatarian")
_WEDDED = ("husband name", "wife name", "spouse name", "married_to")
_TOGETHER = (*_WEDDED, "partner name", "boyfriend name", "girlfriend name", "fiance name")

EXCLUDES: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("is", "divorced"): (*((name, "") for name in _WEDDED), ("is", "married"), ("is", "engaged")),
    ("is", "separated"): (*((name, "") for name in _WEDDED), ("is", "married")),
    **{("is", state): (*((name, "") for name in _WEDDED), ("is", "married"))
       for state in ("widowed", "widow", "widower")},
    ("is", "dead"): (("lives_in", ""), ("works_at", ""), ("works_as", ""), ("age", "")),
    **{("has", who): (("is", "single"),)
       for who in ("girlfriend", "boyfriend", "partner", "fiance", "fiancee", "wife", "husband")},
    ("is", "single"): (*((name, "") for name in _TOGETHER), ("is", "married"), ("is", "engaged")),
    ("is", "married"): (("is", "single"), ("is", "divorced"), ("is", "engaged"), ("is", "widowed")),
    ("married_to", ""): (("is", "single"), ("is", "divorced"), ("is", "widowed")),
    ("is", "engaged"): (("is", "single"),),
    **{(name, ""): (("is", "single"),) for name in _TOGETHER},
    ("is", "retired"): (("works_at", ""), ("works_as", ""), ("is", "unemployed")),
    ("is", "unemployed"): (("works_at", ""), ("works_as", "")),
    ("works_at", ""): (("is", "unemployed"), ("is", "retired")),
    **{("is", diet): tuple(("is", other) for other in _MEAT if other != diet) for diet in _MEAT},
    **{("eats", food): tuple(("is", diet) for diet in _MEAT)
       for food in ("meat", "beef", "pork", "chicken", "steak", "bacon")},
    **{("eats", food): (("is", "vegan"), ("is", "vegetarian")) for food in ("fish", "seafood")},
    **{("eats", food): (("is", "vegan"),)
       for food in ("cheese", "dairy", "eggs", "milk", "honey", "yoghurt", "yogurt")},
}  # fmt: skip
"""What a fact takes back: attributes and values, any value where none is named.

The first key that fits is used: that of the value, else that of the attribute with any value.
"""
