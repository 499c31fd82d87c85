"""A sentence in clauses that each have a subject and a verb, also where these were left out."""

import re
from collections.abc import Iterator

from keepsake.memory.domains.frames import ANY_RELATION
from keepsake.memory.domains.statement_filter import without_lead
from keepsake.memory.domains.values import fits
from keepsake.memory.models import Term

_FINITE = (
    r"(?:(?:is|are|was|were|has|have|had|does|do|did|can|could|will|would)(?:n't|nt)?|cannot|never|"
    r"always|also|still|got|grew|came|went|left|live|work|speak|love|like|hate|own|play|drive|"
    r"prefer|teach|study|\w{2,}(?:s|ed))"
)
_KIN = rf"(?:my|our) (?:[\w'-]+ ){{0,2}}?(?:{ANY_RELATION})(?: (?-i:[A-Z])[\w-]+)?"
_OWN_START = (
    r"(?:(?:now |then |instead |today |these days )?(?:i|i'm|im|i've|ive|we|we're)|"
    r"my (?:[\w-]+ ){1,3}?(?:is|are|was|has|have|lives?|works?|"
    rf"speaks?|plays?|loves?|hates?)|{_KIN}(?: {_FINITE}|'s(?= (?!\w+ (?:is|was|has|\w+s) ))))"
)
_CLAUSES = re.compile(
    rf",?\s+(?:and|but|so|while|whereas|n|&)\s+(?!i (?:do|did|have|am)\W*$)(?={_OWN_START}(?!\w))|"
    r";\s+"
    rf"|,\s+(?:(?:and|but)\s+)?(?={_OWN_START}(?!\w))|\s+[\N{{EN DASH}}\N{{EM DASH}}-]+\s+"
    r"|,\s+(?=(?:he|she|they|you|it|this|that)(?:'s|'re)?\s+\w"
    r"|(?:the|our|his|her|their) [\w-]+ (?:is|was|are|were|has|had|will|said)\b)"
    r"|,\s+(?=(?-i:[A-Z])[\w-]+ (?:is|was|has) (?:now )?my\b)"
    r"|,\s+(?=(?:handed in|quit|left|sold|bought|started|joined|resigned|retired)\s)"
    r"|,\s+(?=(?:love|hate|dislike|prefer|can'?t stand|don'?t like)\s)"
    r"|,\s+(?=(?:give|let|tell|show|send|ask|try|seen|been|found) )"
    r"|\s+(?P<run_on>)(?=(?:im|ive|hes|shes|theyre)\s)"
    r"|,\s+(?=(?:should|can|could|do|would|will) (?:i|you|we)\b|(?:what|how|where|which) )",
    re.IGNORECASE,
)
_HANGS = re.compile(
    r"^(?:and |but |so )?(?:if|when|whenever|while|once|unless|until|after|before|as soon as|"
    r"wherever|in case|even if|the day|in (?:the )?future|from now on|please)\b[^,]*$|"
    r"^(?:and |but |so )?my [\w-]+(?: [\w-]+)?$",
    re.IGNORECASE,
)
"""A beginning that what follows the comma hangs on."""
_HEARSAY = re.compile(
    r"\b(?:goes|says|said|say|(?:is|was|were|are|be|am|'s|'re) (?:all )?like|went|told \w+|asked|"
    r"thinks|claims|claimed|wrote|shouted|replied)[,:]?$",
    re.IGNORECASE,
)
"""How a part ends whose next one is another's words."""
_GOVERNS = re.compile(
    r"\b(?:that|if|when|while|because|cuz|coz|cos|bc|since|as|so|and|but|or|than|like|why|what|who|how|"
    r"where|which|whether|though|tho|unless|until|til|till|think|know|guess|hope|say|says|said|told|me|"
    r"feel|feels|mean|swear|sure|glad|afraid|sorry|realise|realize|now that|n)$",
    re.IGNORECASE,
)
"""What a clause without a comma may hang on; else another one begins there."""
_INSERTED = re.compile(
    rf"^(?P<who>(?:and |but )?{_KIN}),? (?:(?P<name>(?-i:[A-Z])[\w-]+),? )??"
    r"(?P<what>(?:an?|the) (?:[\w'-]+ ?){1,5}|who (?:is|was|has|\w+s)\b[^,]*|\d{1,2}), "
    r"(?P<rest>[\w']+ .+)$",
    re.IGNORECASE,
)
"""What is said of a relation before the verb: `my sister Ana, a nurse, lives …`."""
_ADDED = re.compile(
    r"(?P<what>(?:i am|i'm|im) an? [\w' -]+?),? "
    r"(?P<more>(?:based|living|working|specialising|specializing|studying) (?:in|at|for|near) .+)",
    re.IGNORECASE,
)
"""What is said after a noun: `I'm an illustrator based in Ghent`."""
_BARE = (
    r"(?:live|work|speak|own|have|teach|study|play|drive|love|hate|prefer|enjoy|grew up|moved|"
    r"used to|quit|born|raised|got|don't|do not|can't|never|married to|allergic to)"
)
_BARE_START = re.compile(rf"(?:i|we|{_BARE})\b", re.IGNORECASE)
_BARE_CLAUSE = re.compile(rf",\s+(?:and\s+)?(?={_BARE}\s)", re.IGNORECASE)
_INTRO = re.compile(
    r"^(?:(?:quick|short|little|brief|my) )?(?:intro(?:duction)?|about me|me|bio|background|"
    r"profile|facts about me|in short)\s*[:\N{EN DASH}\N{EM DASH}-]\s*",
    re.IGNORECASE,
)
_COUNT = r"(?:no|a|an|one|two|three|four|five|six|seven|eight|\d{1,2})"
_OWNED = re.compile(rf"{_COUNT} (?:[\w'-]+ ){{0,2}}(?P<noun>[\w'-]+)$", re.IGNORECASE)
_STATED = re.compile(
    r"(?:(?:severely |very )?(?:allergic|married|engaged) to|based in|living in|originally from)"
    r" \w.*$|from (?-i:[A-Z])\w.*$",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"(?:an? )?(?P<role>(?:[\w'-]+ ){0,3}?[\w'-]+)"
    r"(?P<more> (?:by (?:day|night|trade)|from (?-i:[A-Z])\w+|(?:in|at) (?-i:[A-Z])\w+|of .+))?$",
    re.IGNORECASE,
)
_VERBAL = re.compile(
    r"\b(?:i|i'm|im|you|we|he|she|they|it|is|are|was|were|has|will)\b|\?", re.IGNORECASE
)
_LEAST_MEMBERS = 2


def clauses(sentence: str) -> list[str]:
    """A sentence in parts that each have a subject: `I ride a bike and I live in Rome`.

    What follows `She goes,` is hers and left out. What says no more than what the speaker is and
    has (`Nurse, two kids`) is written out.
    """
    listed = [] if _VERBAL.search(sentence) else list(_fragments(sentence))
    if listed:
        return listed
    parts: list[str] = []
    start = 0
    for match in _CLAUSES.finditer(sentence):
        before = sentence[start : match.start()].strip()
        runs_on = match["run_on"] is not None
        if _HANGS.match(before) or (runs_on and _GOVERNS.search(before)):
            continue
        parts.append(before)
        start = match.end()
        if _HEARSAY.search(before):
            return [part for part in parts if part]
    whole = [part for part in (*parts, sentence[start:].strip()) if part]
    return [clause for part in whole for clause in _apart(part)]


def _apart(part: str) -> list[str]:
    """What is said of a subject before its verb, and clauses that share an unsaid `I`."""
    added = _ADDED.match(part)
    if added:
        return [added["what"], f"I am {added['more']}"]
    inserted = _INSERTED.match(part)
    if inserted:
        who = " ".join(filter(None, (inserted["who"], inserted["name"])))
        what = re.sub(r"^who ", "", inserted["what"].strip())
        verb = "" if what != inserted["what"].strip() else "is "
        return [f"{who} {verb}{what}", f"{who} {inserted['rest']}"]
    return _BARE_CLAUSE.split(part) if _BARE_START.match(without_lead(part)) else [part]


def _fragments(sentence: str) -> Iterator[str]:
    """The members of a sentence without a verb that says what the speaker is and has."""
    intro = _INTRO.match(sentence)
    body = sentence[intro.end() :] if intro else sentence
    members = [member.strip() for member in re.split(r",|;|\band\b", body.rstrip(".! "))]
    members = [member for member in members if member]
    stated = [text for text in map(_written_out, members) if text]
    jobs = [text for text in stated if re.match(r"I am an? [\w'-]+$", text)]
    several = len(stated) >= _LEAST_MEMBERS and len(jobs) < len(stated)
    if (several or (intro and stated)) and 2 * len(stated) >= len(members):
        yield from stated


def _written_out(member: str) -> str:
    """A member of such a sentence with its `I am` or `I have`; empty if it is none."""
    if re.fullmatch(r"\d{2}", member):
        return f"I am {member}"
    said = member[0].lower() + member[1:]
    if _STATED.match(member):
        return f"I am {said}"
    born = re.match(r"(?:born|raised|diagnosed|grew up)\b", said)
    if born:
        return f"I {'' if said.startswith('grew') else 'was '}{said}"
    owned = _OWNED.match(member)
    if owned and fits("possession", Term(owned["noun"], head=owned["noun"].lower())):
        return f"I have {said}"
    role = _ROLE.match(said)
    head = role["role"].split(" ")[-1] if role else ""
    if role is None or not fits("role", Term(role["role"], head=head)):
        fan = re.match(r"(?:(?:big|huge) )?(?:fan|lover) of ", said)
        return f"I am a {said}" if fan else ""
    state = fits("state", Term(role["role"], head=head))
    article = "" if state or said.startswith(("a ", "an ")) else "a "
    return f"I am {article}{said}"
