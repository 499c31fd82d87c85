"""Facts of lists: after a colon, under a head, in lines, and families by their members."""

import re
from collections.abc import Iterator

from keepsake.memory.domains.frames import ANY_RELATION, ONE_OF_A_KIND, PETS, RELATIONS
from keepsake.memory.domains.values import bare, taste
from keepsake.memory.models import Slot

_LISTED = {
    "med": "takes", "meds": "takes", "medication": "takes", "medications": "takes",
    "medicine": "takes", "medicines": "takes", "supplements": "takes", "language": "speaks",
    "languages": "speaks", "allergies": "allergic_to", "allergy": "allergic_to",
    "hobbies": "does", "hobby": "does", "interests": "does", "sports": "does", "stack": "uses",
    "tools": "uses", "tech stack": "uses", "apps": "uses", "devices": "has", "instruments": "plays",
    "pets": "has", "cars": "has", "kids": "kids name", "children": "kids name",
    "diets": "is", "diet": "is", "dislikes": "distaste", "likes": "taste", "intolerances":
    "allergic_to", "conditions": "condition", "sisters": "sister name", "brothers": "brother name",
    "dogs": "dog name", "cats": "cat name", "sons": "son name", "daughters": "daughter name",
    "siblings": "sibling name", "no-gos": "distaste", "pet peeves": "distaste",
    "avoids": "avoids", "things": "has",
    "parents": "parents name", "grandparents": "grandparents name",
}  # fmt: skip
_FIELDS = {
    "name": "My name is", "full name": "My name is", "age": "I am", "city": "I live in",
    "town": "I live in", "location": "I live in", "home": "I live in", "residence": "I live in",
    "job": "I work as a", "occupation": "I work as a", "profession": "I work as a",
    "employer": "I work at", "company": "I work at", "workplace": "I work at",
    "hometown": "I am from", "birthday": "My birthday is", "date of birth": "My birthday is",
    "born": "My birthday is", "height": "My height is", "weight": "My weight is",
    "shoe size": "My shoe size is", "nationality": "My nationality is", "wife": "My wife is",
    "husband": "My husband is", "partner": "My partner is", "blood type": "My blood type is",
}  # fmt: skip
"""What a line of a form says, up to its value."""
_ANY_LIST = "|".join(sorted(_LISTED, key=len, reverse=True))
_FOR_WHAT = (
    r" (?:for (?:the|my|your|our|a|this) (?:[\w-]+ ){0,2}?(?:form|records?|file|school|nursery|"
    r"camp|trip|doctor|nurse|menu|profile|paperwork|application|kitchen|caterer|airline|hotel|"
    r"hospital)|"
    r"(?:in|by) (?:age|order|full)|(?:from )?old(?:est)? to young(?:est)?|(?:old|young)est first)"
)
"""What a list is for, or how it is ordered."""
_LIST = re.compile(
    rf"^(?:my |our )?(?P<what>(?:favou?rite (?!things?\b|parts?\b|ones?\b)\w+(?: (?!in\b|"
    rf"of\b)\w+)?)|{_ANY_LIST})"
    rf"(?:{_FOR_WHAT}(?=:|\s-))?(?: are(?: called| named)?|:|\s-)\s+(?P<members>\S.*)",
    re.IGNORECASE,
)
_FAMILY = re.compile(
    r"\b(?:have|has) (?P<count>[\w ]*?)(?P<what>kids|children|sons|daughters|boys|girls|sisters|"
    r"brothers|dogs|cats|pets|siblings|twins)(?::| -| called| named|,) (?P<members>[A-Z].*)",
)
_NAME = r"[A-Z][\w'-]+"
_NAME_IN_LIST = re.compile(
    rf"(?:(?:the baby|and|little|baby|our),? )*(?P<name>{_NAME})"
    rf"(?: ?\((?P<note>[^)]*)\)|(?: is|,)? (?P<age>\d{{1,2}})\b.*)?$"
)
_PEOPLE = re.compile(
    rf"\b(?:my|our|an?|two|three|four|five|the(?= (?:{'|'.join(PETS)})\b)) (?P<noun>{ANY_RELATION})"
    rf"(?:,| called| named| are(?: called| named)?|:)? "
    rf"(?-i:(?P<names>{_NAME}(?:(?:,| and|, and) {_NAME})+|(?<=, ){_NAME}|"
    rf"(?<=ed ){_NAME}|(?<=\b[tT]he (?:dog|cat) ){_NAME}))(?!')",
    re.IGNORECASE,
)
_OF_KIN = re.compile(rf"\b(?P<name>{_NAME}) \((?:my |our )?(?P<noun>(?i:{ANY_RELATION}))\)")
_MEMBERS = re.compile(r"\s*[,;/]\s*(?:and |or )?|\s+(?:and|&)\s+")
_MOST_MEMBERS, _MEMBER_WORDS = 12, 6
_SINGULAR = {"kids": "kid", "children": "child", "boys": "son", "girls": "daughter",
             "boy": "son", "girl": "daughter"}  # fmt: skip
_BARE_HEAD = re.compile(r"(?:[\w'-]+ ){0,4}[\w'-]+")
_ITEM = re.compile(r"^\s*(?:[-*\N{BULLET}\N{EN DASH}]|\d{1,2}[.)])\s+(?=\S)")
_FIELD = re.compile(rf"^\s*(?P<key>{'|'.join(_FIELDS)}):\s+(?P<value>\S.{{0,40}})$", re.IGNORECASE)
_HEAD = re.compile(
    r"^(?:[\w' -]{2,30}? (?:that |which )?(?=(?:I|we)\b))?"
    r"(?P<head>(?:I|we)(?: [\w']+){1,4}|I'm [\w ]+ to)(?::|\s-)\s+(?P<members>\S.*)$",
    re.IGNORECASE,
)
_AS_LIST = tuple(
    (re.compile(rf"(?:I|we) (?:{verbs})$", re.IGNORECASE), head)
    for verbs, head in (
        (r"(?:\w+ )?(?:hate|dislike|can't stand|cannot stand|don'?t like)", "Dislikes"),
        (r"(?:\w+ )?(?:love|like|enjoy|adore)", "Likes"),
        (r"(?:can )?(?:speak|know)", "Languages"), (r"(?:have to |must )?take", "Meds"),
        (r"(?:don'?t|can'?t|cannot|never|won'?t|am not allowed to) (?:eat|have|drink)|avoid|skip",
         "Avoids"),
        (r"am allergic to|react to", "Allergies"), ("play", "Instruments"), ("use", "Tools"),
        (r"have|own|have got", "Things"),
    )
)  # fmt: skip
_QUALIFIED = re.compile(
    r"\s*\([^)]*\)|\b(?:anything|everything) (?:with|containing) |"
    r"^(?:a (?:bit|little)(?: of)?|some) |"
    r"\s+(?:a (?:little|bit|lot)|badly|mildly|severely|slightly|sometimes|mostly|daily|at night|"
    r"(?:once|twice) a \w+|every \w+|in the \w+)$",
    re.IGNORECASE,
)
_DASHED = re.compile(rf"^(?:my |our )?({_ANY_LIST})\s[-\N{{EN DASH}}]\s", re.IGNORECASE)
_SHARED = re.compile(
    rf"^my (?:{ANY_RELATION})(?: {_NAME})? (?P<verb>is|lives|works|studies)\b.*(?:,| and) my\b",
    re.IGNORECASE,
)
_GAPPED = re.compile(
    rf"(?P<who>(?:, |\band )my (?:{ANY_RELATION})(?: (?-i:{_NAME}))?) (?=(?:an?|in|at|from|as)\b)",
    re.IGNORECASE,
)
"""A person whose verb was said of the one before: `my sister Jana a vet`."""


def is_head(label: str) -> bool:
    """Whether a word before a colon is the head of a list, or a field of a form."""
    return label.lower() in _LISTED or label.lower() in _FIELDS


def itemised(lines: list[str]) -> list[str]:
    """Lines with short items under their head, other items by themselves, and forms in words."""
    is_form = sum(map(bool, map(_FIELD.match, lines))) > 1
    joined: list[str] = []
    open_head = False
    for line, after in zip(lines, [*lines[1:], ""], strict=False):
        item = _ITEM.sub("", line).strip()
        listed = item != line.strip() and len(item.split()) <= _MEMBER_WORDS
        if open_head and listed and not re.match(r"(?:I|we|my)\b", item, re.IGNORECASE):
            joined[-1] += f"{'' if joined[-1].endswith(':') else ','} {item.rstrip('.;,')}"
            continue
        field = _FIELD.match(item) if is_form else None
        joined.append(f"{_FIELDS[field['key'].lower()]} {field['value']}" if field else item)
        heads = item == line.strip() and _ITEM.match(after) and _BARE_HEAD.fullmatch(item)
        joined[-1] += ":" if heads else ""
        open_head = joined[-1].endswith(":")
    return joined


def written_out(sentence: str) -> str:
    """A sentence with the head of its list in one word, and the verb that later persons share."""
    shared = _SHARED.search(sentence)
    if shared:
        return _GAPPED.sub(rf"\g<who> {shared['verb']} ", sentence)
    match = _HEAD.match(_DASHED.sub(r"\1: ", sentence))
    head = match["head"].replace("I'm", "I am") if match else ""
    name = next((name for said, name in _AS_LIST if said.match(head)), "")
    if match is None or not name:
        return _DASHED.sub(r"\1: ", sentence)
    members = (_QUALIFIED.sub("", member).strip() for member in _split(match["members"]))
    return f"{name}: {', '.join(member for member in members if member)}."


def lists(plain: str) -> Iterator[Slot]:
    """The facts that a clause lists."""
    family = _FAMILY.search(plain)
    if family:
        what = family["what"].lower()
        noun = _SINGULAR.get(what, what.rstrip("s"))
        if family["count"].strip():
            yield Slot("has", f"{bare(family['count'] + what)}", single=False)
        yield from _named(noun, family["members"])
    yield from _people(plain)
    match = _LIST.match(plain)
    if match is None or family:
        return
    attribute = _LISTED.get(match["what"].lower(), match["what"].lower())
    if attribute.endswith(" name"):
        yield from _named(attribute.removesuffix(" name"), match["members"])
        return
    for member in _split(match["members"]):
        yield _listed(attribute, bare(member))


def _named(noun: str, members: str) -> Iterator[Slot]:
    """The names of relations, and their ages where they are given."""
    for member in _split(members):
        name = _NAME_IN_LIST.match(member)
        if name:
            yield Slot(f"{noun} name", name["name"].lower(), single=False)
            age = (name["age"] or name["note"] or "").strip()
            if age.isdigit():
                yield Slot("age", age, single=True, subject=f"{noun} {name['name'].lower()}")


def _people(plain: str) -> Iterator[Slot]:
    """`Two daughters, Mia and Lea, and a son, Noah`."""
    for match in _PEOPLE.finditer(plain):
        noun = match["noun"].lower()
        plural = noun.endswith("s") and noun.removesuffix("s") in RELATIONS
        noun = _SINGULAR.get(noun, noun.removesuffix("s") if plural else noun)
        for name in re.findall(_NAME, match["names"]):
            if noun in PETS:
                yield Slot("owns_pet", f"{noun} {name.lower()}", single=False)
            elif name != "I":
                yield Slot(f"{noun} name", name.lower(), noun in ONE_OF_A_KIND)
    for match in _OF_KIN.finditer(plain):
        noun = match["noun"].lower()
        yield Slot(f"{noun} name", match["name"].lower(), noun in ONE_OF_A_KIND)


def _listed(attribute: str, value: str) -> Slot:
    if attribute in {"taste", "distaste"}:
        return taste(value, likes=attribute == "taste")
    return Slot(attribute, re.sub(r"\bcalled (?=\w)", "", value), single=False)


def _split(text: str) -> list[str]:
    said = re.sub(r"\(([^)]*)\)", lambda m: f"({m[1].replace(',', ' ')})", text.rstrip(".! "))
    said = re.sub(r"\bthe baby, ", "", said)
    said = re.split(r"\.\s|;|\s[-\N{EN DASH}\N{EM DASH}]\s", said, maxsplit=1)[0]
    members = [member.strip(" .!") for member in _MEMBERS.split(said)]
    return [m for m in members if m and len(m.split()) <= _MEMBER_WORDS][:_MOST_MEMBERS]
