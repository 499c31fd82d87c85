"""A sentence in clauses that each have a subject and a verb, also where these were left out."""

import re

from keepsake.memory.domains.fragments import fragments
from keepsake.memory.domains.frames import ANY_RELATION
from keepsake.memory.domains.statement_filter import without_lead

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
    r"|,\s+(?=(?:should|can|could|do|would|will) (?:i|you|we)\b|(?:what|how|where|which)(?:'?s)? )",
    re.IGNORECASE,
)
_HANGS = re.compile(
    r"^(?:and |but |so )?(?:if|when|whenever|while|once|unless|until|after|before|as soon as|"
    r"wherever|in case|even if|the day|in (?:the )?future|from now on|please)\b[^,]*$|"
    r"^(?:and |but |so )?(?:my|our) [\w-]+(?: [\w-]+)?$",
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


def clauses(sentence: str) -> list[str]:
    """A sentence in parts that each have a subject: `I ride a bike and I live in Rome`.

    What follows `She goes,` is hers and left out. What the speaker is and has, said without a verb
    (`Nurse, two kids`), is written out.
    """
    said = fragments(sentence)
    if said:
        return [*said[:-1], *_parts(said[-1])]
    return _parts(sentence)


def _parts(sentence: str) -> list[str]:
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
