"""Facts of lists: after a colon, and families by their members."""

import re
from collections.abc import Iterator

from keepsake.memory.domains.values import bare, taste
from keepsake.memory.models import Slot

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


def lists(plain: str) -> Iterator[Slot]:
    """The facts that a clause lists."""
    family = _FAMILY.search(plain)
    if family:
        what = family["what"].lower()
        noun = _SINGULAR.get(what, what.rstrip("s"))
        if family["count"].strip():
            yield Slot("has", f"{bare(family['count'] + what)}", single=False)
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
            yield _listed(attribute, bare(member))


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
