"""What speakers say of themselves without a verb, as sentences: `Ana, 34, a nurse, two kids`."""

import re
from collections.abc import Iterator

from keepsake.memory.domains import words
from keepsake.memory.domains.statement_filter import without_lead
from keepsake.memory.domains.values import PEOPLES, fits, is_pet
from keepsake.memory.models import Term

_INTRO = re.compile(
    r"^(?:(?:quick|short|little|brief|my) )?(?:intro(?:duction)?|about me|me|bio|background|"
    r"profile|facts about me|in short)\s*[:\N{EN DASH}\N{EM DASH}-]\s*",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"[,:]?\s+(?:that'?s|that is|is) me\b.*$", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:i am|i'm|im|my name is|my name's|my names) "
    rf"(?P<name>(?!(?i:{PEOPLES})\b)(?-i:[A-Z])[\w'-]+(?: (?-i:[A-Z])[\w'-]+)?), (?=\S)",
    re.IGNORECASE,
)
_BEING = re.compile(r"(?:i am|i'm|im) (?=[^,]+, )", re.IGNORECASE)
_PARTS = re.compile(r"(\s*[,;]\s*(?:and |but )?|\s+(?:and|but)\s+)")
_VERBAL = re.compile(
    r"\b(?:i|i'm|im|you|we|he|she|they|it|is|are|was|were|has|will)\b|\?", re.IGNORECASE
)
_NOT = re.compile(r"not\b", re.IGNORECASE)
_COUNT = r"(?:no|a|an|one|two|three|four|five|six|seven|eight|\d{1,2})"
_OWNED = re.compile(rf"{_COUNT} (?:[\w'-]+ ){{0,2}}(?P<noun>[\w'-]+)$", re.IGNORECASE)
_STATED = re.compile(
    r"(?:(?:severely |very )?(?:allergic|married|engaged) to|based in|living in|originally from)"
    r" \w.*$|from (?-i:[A-Z])\w.*$|(?:fe)?male$|(?:currently |now )?(?:learning|studying|training|"
    r"saving|expecting) .+$",
    re.IGNORECASE,
)
_BORN = re.compile(r"(?:born|raised|diagnosed|grew up)\b")
_MEASURED = (
    (re.compile(r"(?P<v>\d{2})(?: ?(?:years? old|years|yrs?|y/?o))?$", re.IGNORECASE), "am {}"),
    (re.compile(r"(?P<v>\d{2,3} ?(?:kgs?|kilos?|lbs?|pounds|stone))$", re.IGNORECASE), "weigh {}"),
    (re.compile(r"(?P<v>[12][.,]\d\d ?m?|1\d\d ?cm|\d ?ft ?\d{0,2}|\d'\d{1,2}\"?)$", re.IGNORECASE),
     "am {} tall"),
    (re.compile(r"(?:an? )?(?P<v>(?:desk|office) job)$", re.IGNORECASE), "have a {}"),
)  # fmt: skip
_NOW = re.compile(r" (?:at the moment|right now|now|these days)$", re.IGNORECASE)
_LACKED = re.compile(r"no (?P<what>alcohol|gluten|dairy|meat|pork|beef|fish|nuts|sugar|caffeine)$",
                     re.IGNORECASE)  # fmt: skip
_ROLE = re.compile(
    r"(?:an? )?(?P<role>(?:[\w'-]+ ){0,3}?[\w'-]+)"
    r"(?P<from> from (?-i:[A-Z]).*)?(?P<more> (?:by (?:day|night|trade)|(?:in|at) "
    r"(?-i:[A-Z])\w+|of .+))?$",
    re.IGNORECASE,
)
_AT_HOME = re.compile(
    r"(?:it is |it's |its )?(?:just|only) me(?P<who>(?: and| with|,) .+?)?"
    r"(?: in (?P<home>an? .+))?$",
    re.IGNORECASE,
)
_WITH = re.compile(
    r"with (?P<own>my )?(?P<what>(?:[\w'-]+ ){0,3}[\w'-]+)"
    r"(?: and (?:my |an? )?(?:[\w'-]+ ){0,3}?[\w'-]+)?, (?P<rest>.+)$",
    re.IGNORECASE,
)
_AS = re.compile(
    r"as (?P<what>(?P<role>(?:an? )?(?:[\w'-]+ ){0,3}?[\w'-]+)"
    r"(?: (?:of|at|in|for) [^,]{2,40}?)?),? "
    r"(?P<rest>(?:i|my|we|what|how|which|where|can i|do i|should i|is it)\b.*)$",
    re.IGNORECASE,
)
_OF_MINE = re.compile(r"\b(?:I|me|my|we|us|our)\b", re.IGNORECASE)
_ONCE = "|".join(sorted(words("irregular_past")))
_OF_ANOTHER = re.compile(
    rf"\byou\b|^(?:I|we) (?:was|were|had|did|used|{_ONCE}|[a-z]+ed|want|need|would|can|could|"
    r"should|must|wish)\b",
    re.IGNORECASE,
)
"""What one was as a child, what the agent would do as a lawyer, what users of a program want."""
_LEAST_MEMBERS = 2


def fragments(sentence: str) -> list[str]:
    """The sentences that such a one stands for; none if it has a verb of its own.

    What follows an introduction by name or before a question is left as it is, as the last one.
    """
    plain = without_lead(sentence)
    return _at_home(plain) or _known_before(plain) or _introduced(plain) or _listed(sentence)


def _at_home(plain: str) -> list[str]:
    """`Just me and the cat in a flat in Malmö`."""
    match = _AT_HOME.match(plain)
    if match is None or _VERBAL.search(plain[match.end("who") :]):
        return []
    with_whom = re.sub(r"^(?: and| with|,) (?:(?:my|the|our) )?", "", match["who"] or "").strip()
    told = [f"I live in {match['home']}"] if match["home"] else []
    if re.match(rf"{_COUNT}\b", with_whom):
        return [f"I have {with_whom}.", *told]
    return [f"I have a {with_whom}.", *told] if is_pet(with_whom or "nobody") else told


def _known_before(plain: str) -> list[str]:
    """What one is or has, said before a question or a statement: `With asthma, can I dive?`."""
    match = _WITH.match(plain)
    ill = match and fits("condition", Term(match["what"]))
    if match and ill and (match["own"] or _OF_MINE.search(match["rest"])):
        return [f"I have {match['what']}.", match["rest"]]
    match = _AS.match(plain)
    if match is None or not _OF_MINE.search(match["rest"]) or _OF_ANOTHER.search(match["rest"]):
        return []
    role = re.sub(r"^an? ", "", match["role"].lower())
    term = Term(role, head=role.split(" ")[-1], tag="NN")
    is_one = match["what"].lower().startswith(("a ", "an ", "head ", "chief "))
    if not is_one or not fits("role", term):
        return []
    return [f"I am {match['what']}.", match["rest"]]


def _introduced(plain: str) -> list[str]:
    """`I'm Ana, 34, a nurse from Kent, and I sing` up to where a verb comes."""
    named = _NAMED.match(plain)
    match = named or _BEING.match(plain)
    if match is None:
        return []
    parts = _PARTS.split(plain[match.end() :].rstrip(".! "))
    told = [[f"My name is {named['name']}."]] if named else []
    while parts and (stated := _written_out(parts[0])):
        told.append(stated)
        parts = parts[2:]
    if len(told) < _LEAST_MEMBERS:
        return []
    return [*(text for stated in told for text in stated),
            *filter(None, ["".join(parts).strip()])]  # fmt: skip


def _listed(sentence: str) -> list[str]:
    """The members of a sentence without a verb that says what the speaker is and has."""
    body = _CLOSING.sub("", sentence)
    if _VERBAL.search(body):
        return []
    intro = _INTRO.match(body)
    members = _PARTS.split(body[intro.end() if intro else 0 :].rstrip(".! "))[::2]
    members = [member for member in members if member]
    parts = [(member, _written_out(member)) for member in members]
    told = [stated for _, stated in parts if stated]
    jobs = [stated for stated in told if re.match(r"I am an? [\w'-]+$", stated[0])]
    ages = [stated for stated in told if re.match(r"I am \d", stated[0])]
    several = len(told) >= _LEAST_MEMBERS and max(len(jobs), len(ages)) < len(told)
    if (several or (intro and told)) and 2 * len(told) >= len(members):
        return [text for member, stated in parts for text in stated or [member]]
    return []


def _written_out(member: str) -> list[str]:
    """A member of such a sentence with its `I am` or `I have`; nothing if it is none."""
    member = member.strip()
    return [] if not member or _VERBAL.search(member) or _NOT.match(member) else list(_said(member))


def _said(member: str) -> Iterator[str]:
    member = _NOW.sub("", member)
    said = member[0].lower() + member[1:]
    for form, verb in _MEASURED:
        if match := form.match(member):
            yield f"I {verb.format(match['v'])}"
            return
    lacked, owned = _LACKED.match(member), _OWNED.match(member)
    if lacked:
        yield f"I avoid {lacked['what']}"
    elif _STATED.match(member):
        yield f"I am {said}"
    elif _BORN.match(said):
        yield f"I {'' if said.startswith('grew') else 'was '}{said}"
    elif owned and fits("possession", Term(owned["noun"], head=owned["noun"].lower())):
        yield f"I have {said}"
    else:
        yield from _as_role(said)


def _as_role(said: str) -> Iterator[str]:
    role = _ROLE.match(said)
    head = role["role"].split(" ")[-1] if role else ""
    if role is None or not fits("role", Term(role["role"], head=head)):
        if re.match(r"(?:(?:big|huge) )?(?:fan|lover) of ", said):
            yield f"I am a {said}"
        return
    state = fits("state", Term(role["role"], head=head))
    article = "" if state or said.startswith(("a ", "an ")) else "a "
    origin = role["from"] or ""
    yield f"I am {article}{said.removesuffix(origin)}"
    if origin:
        yield f"I am{origin}"
