"""Sentences in parts, written out, and which of them state something in earnest.

Questions, requests, hypotheses and what others said are about something else than the user; a
memory made of them is junk that is later recalled as truth.
"""

import re

from sentencex import segment

from keepsake.memory.domains.frames import ANY_RELATION
from keepsake.memory.domains.tastes import tells_taste

_SHORT = {
    "im": "I am", "ive": "I have", "dont": "do not", "doesnt": "does not", "didnt": "did not",
    "cant": "can not", "cannot": "can not", "wont": "will not", "isnt": "is not",
    "arent": "are not", "wasnt": "was not", "werent": "were not", "havent": "have not",
    "hasnt": "has not", "hadnt": "had not", "wouldnt": "would not", "couldnt": "could not",
    "shouldnt": "should not", "thats": "that is", "theres": "there is", "hes": "he is",
    "shes": "she is", "theyre": "they are", "youre": "you are", "weve": "we have",
    "youve": "you have", "theyve": "they have", "u": "you", "ur": "your", "i": "I",
    "wanna": "want to", "gonna": "going to", "gotta": "got to", "rlly": "really",
    "pls": "please", "plz": "please",
    "gf": "girlfriend", "bf": "boyfriend", "bro": "brother", "sis": "sister", "hubby": "husband",
    "favourite": "favorite", "favourites": "favorites", "colour": "color",
}  # fmt: skip
_WORDS = re.compile(rf"(?<![\w'-])(?:{'|'.join(_SHORT)})(?![\w-]|'(?!s\b))", re.IGNORECASE)
_FAMILIAR = r"(?:mum|mom|dad|mummy|daddy|grandma|grandpa|granny|hubby)"
_HOUSEHOLD = r"(?:kids|children|boys|girls|twins|dog|cat|puppy|wife|husband|baby|in-laws)"
_PREDICATE = (
    r"(?:an?|the|called|named|from|in|on|at|not|also|still|\d+|\w+ing|\w+ years? old|"
    r"left-handed|right-handed|vegan|vegetarian|pregnant|retired|deaf|blind|allergic|married|"
    r"divorced|"
    r"(?-i:[A-Z])\w+(?:ish|an|ese|ch|i))\b(?! \w+ (?:is|was|has|had)\b)"
)
_CONTRACTIONS = tuple(
    (re.compile(pattern, re.IGNORECASE), long)
    for pattern, long in (
        ("[\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}`\N{ACUTE ACCENT}]", "'"),
        (r"\bcan't\b", "can not"), (r"\bwon't\b", "will not"), (r"\bi'm\b", "I am"),
        (r"n't\b", " not"), (r"'ve\b", " have"), (r"'ll\b", " will"),
        (r"\b(i|we|he|she|they|you|it)'d\b", r"\1 would"), (r"'re\b", " are"),
        (r"\bit's\b", "it is"), (r"\bany more\b", "anymore"),
        (r"\bmy names\b", "my name is"),
        (r"\b(?P<best>my favou?rite [\w ]+?) (?:has|have|has got|have got|would have) "
         r"to be\b", r"\g<best> is"),
        (r"^not (?:much of |really )?(?=(?:an?|into|on|allergic|religious) )", "I am not "),
        (r"\bnot much of (?=an? )", "not "),
        (r"^(?:a )?(?P<big>big |huge |massive )?fan of ", r"I am a \g<big>fan of "),
        (r"^(?P<v>[\w' -]{2,40}?) (?:is|are) (?:definitely |still |by far |probably )?"
         r"(?P<what>my (?:absolute |all-time )?favou?rite [\w -]+?)(?=(?: ever| by far)?[.!]*$)",
         r"\g<what> is \g<v>"),
        (r"\b(?P<is>is|are) (?:spelled|spelt|written|pronounced) (?=(?-i:[A-Z]))", r"\g<is> "),
        (r"(?P<new>(?-i:[A-Z])[\w-]+) not (?=(?-i:[A-Z])[\w-]+[.!]*$)", r"\g<new>, not "),
        (r"(?<= )\*(?P<said>\w[\w' -]*)\*", r"\g<said>"),
        (rf"^(?P<name>(?-i:[A-Z])\w+(?: (?-i:[A-Z])\w+)?) is (?:now )?my (?P<kin>{ANY_RELATION})"
         r"(?: again| now| these days)?(?=[.!]*$)", r"my \g<kin> is \g<name>"),
        (r",? (?:at all|whatsoever|in the (?:least|slightest)|to be honest|tbh|to tell the truth|"
         r"i'm afraid|i am afraid)(?=[.,!;]|$)", ""),
        (r"\b(?P<what>(?:the|my|our) [\w-]+)'s (?=(?:on|in|at|off|not|now|called|over|gone)\b)",
         r"\g<what> is "), (r"\bgo-to\b", "usual"),
        (r"\b(got|been|was|were) let go\b", r"\1 fired"),
        (rf"^(?P<kin>{_FAMILIAR})(?=(?:'s)? )", r"my \g<kin>"),
        (rf"^the (?P<kin>{_HOUSEHOLD})(?='s| (?:is|are|was|were|has|have|goes?|\w+s)\b)",
         r"my \g<kin>"),
        (r"(?<=\w)'s (?=got\b|been\b)", " has "),
        (rf"\b(?P<of>(?:my|our) (?:\w+ )?(?:{ANY_RELATION}))'s (?={_PREDICATE})", r"\g<of> is "),
        (r"\b(?P<side>left|right) handed\b", r"\g<side>-handed"),
        (r"\b(?P<kin>\w+) in law\b", r"\g<kin>-in-law"),
        (r"\b(?:more|a bit|kind|sort|something|quite a bit) of (?=an? )", ""),
        (r"\bhave got\b(?! to)", "have"), (r"\bhave not got\b", "do not have"),
        (r"\bhas got\b(?! to)", "has"), (r"\b(I have|we have) not got\b", r"\1 not"),
    )
)  # fmt: skip
_QUOTED = re.compile(r"[\"“«]([^\"“«”»]*)[\"”»]|(?<!\w)'([^'\n]{12,})'(?!\w)")
_SHORT_QUOTE_WORDS = 2
_LEAD = re.compile(
    r"^(?:if i (?:have|had) to (?:choose|pick)|given the choice|if you ask me|not gonna lie|ngl|"
    r"just fyi|(?:(?:please|pls) )?(?:remember|note|keep in mind|be aware|know)(?: that)?|"
    r"(?:please )?(?:do not|don't|dont) forget(?: that)?|fyi|btw|by the way|"
    r"just so you know|(?:scratch|strike) that|correction|my mistake|my bad|(?:that'?s|that is|"
    r"you'?re|i was|i am|i'm) (?:wrong|mistaken|incorrect|not (?:right|true|correct))|"
    r"actually|well|so|yes|yeah|yep|basically|luckily|sadly|unfortunately|thankfully|fun fact|"
    r"(?:it )?turns out(?: that)?|for (?:context|reference|info)|long story short|personally|"
    r"(?:the )?thing is|finally|lately|recently|as it happens|truth be told|in my case|heads up|"
    r"no(?=[,.;:!]|\s(?:i|we|it|that|this|my|the|you|he|she|they|there|wait|actually|sorry|not)\b)|"
    r"nope|ok|"
    r"okay|oh|hi|hello|hey|hi all|also|and|but|sorry|wait|update|anyway|the truth is|"
    r"to be honest|honestly|tbh|in fact|these days|nowadays|for the record|as you know|"
    r"oops|hmm+|haha+|lol|aww*|ah|ugh|wow)\b[,:.!]*\s*",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^(?:do|does|did|is|are|am|was|were|can|could|will|would|should|has|had|may|shall|have|"
    r"don't|doesn't|isn't|aren't)(?: not)? (?:i|you|we|he|she|they|it|the|my|your|there|this|that|"
    r"anyone|someone|anybody)\b|^(?:where|what|when|who|why|how|which|whose)\b"
    r"(?! (?:a|an)\b| (?:I|we|my (?:\w+ )?\w+) [\w ]+ (?:is|are) )",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"^(?:please |can you|could you|would you|will you|can i|could i|may i|should i|help me|let us|"
    r"let's|i (?:need|want|would like) (?:you|help|to (?:know|ask|see|understand|say|talk|check))|"
    r"write|translate|imagine|pretend|suppose|act|summari[sz]e|fix|explain|rewrite|generate|give|"
    r"tell|show|make|create|find|compare|describe|list|say|what if|assume|ignore|repeat|answer|"
    r"consider|think of)(?!\w)",
    re.IGNORECASE,
)
_UNREAL = re.compile(
    r"\bif\b|^(?:as long as|provided|providing|assuming|supposing|whether|in case|should|"
    r"had) (?:that )?"
    r"(?:i|we|my)\b|\b(?:i wish|wish i|would (?!love|rather)|could have|might|maybe|perhaps|"
    r"as if|in my dream|i dreamt|i dreamed|in the (?:story|book|movie|film|game|novel)|"
    r"my character|hypothetically|let us say|let's say|kidding|joking|toying with|"
    r"thinking (?:of|about)|considering|according to|apparently|supposedly|allegedly)\b",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?!I\b|[Ww]e\b)(?:[Hh]e|[Ss]he|[Tt]hey|[Ss]ome(?:one|body)|[Pp]eople|[Ee]veryone|[Ii]t|"
    r"[Mm]y (?:\w+ )?\w+|[Tt]he (?:\w+ )?\w+|[A-Z]\w+)"
    r"(?: (?:just|also|once|always|has|had))* (?:said|says|told|asked|wrote|writes|thinks?|claims?|"
    r"claimed|replied|believes?|insists?|sang|sings)\b"
)
ADOPTED = re.compile(
    r"\b(?:said|says|told|advised|recommended|wants|asked)\b.*\b(?:should|to|must|need to)\s+"
    r"(?:avoid|not eat|not drink|stop eating|stop drinking|cut out|give up|stay off|quit)\s+"
    r"(?P<v>[\w -]{2,30}?),? (?:so|and) I (?:do|did|have|am|will)\b",
    re.IGNORECASE,
)
"""What was advised and is done."""
_FILLER = re.compile(
    r"^(?:i|we) (?:am |are )?(?:see|agree|know|think so|understand|guess(?: so)?|do not know|"
    r"hope so|mean(?: it)?|sorry|good|fine|ok|okay|done|back|not sure|sure|here|confused|lost|"
    r"ready|glad|happy|sad|tired|hungry|bored|busy|late|afraid|curious|wondering|stuck|"
    r"(?:like|love|hate) (?:it|that|this))(?: (?:now|then|too|that|it|this|about (?:it|that|this)|"
    r"what you mean|here|so|much|today|right now|for you|to hear (?:it|that)))*\W*$",
    re.IGNORECASE,
)
_NO_SUBJECT = re.compile(
    r"^(?:love|hate|dislike|prefer|enjoy|adore|got|moved|"
    r"handed in|quit|left|sold|bought|joined|resigned|retired|grew up|used to|"
    r"have (?:an?|no|two|three|four|five|\d+)|own an?|live (?:in|with|near|alone)|"
    r"work (?:at|for|in|as|from|nights|part|full)|speak(?! (?:up|slowly|to|with|in)\b)|"
    r"do not (?:like|eat|drink|have|speak|own|smoke)|can not (?:stand|eat|drink|swim|drive|have|"
    r"bear|abide|be doing|get enough|live without)|"
    r"never (?:eat|drink|liked|been|had|learned|learnt|owned|worn|tried))\b(?= [\w']|\W*$)",
    re.IGNORECASE,
)
_DOING = re.compile(
    r"^(?P<be>been )?(?:studying|working|living|learning|teaching)\b", re.IGNORECASE
)
_LENT = re.compile(
    rf"\b(?P<of>(?:my|our) (?:\w+ )?(?:{ANY_RELATION}))s "
    rf"(?P<what>(?:{ANY_RELATION}|birthday|name|job)\b)",
    re.IGNORECASE,
)
"""A possessive without its apostrophe: `my sisters husband`."""
_BARE_STATE = re.compile(
    r"^(?P<what>(?:severely |very )?(?:allergic to|based in|married to|"
    r"originally from)\s.+?|(?P<state>vegan|vegetarian|pescatarian|[\w-]+(?:ist|er|or))"
    r"(?= here\b)) ?(?:here|btw|lol)?$",
    re.IGNORECASE,
)
_SAME_SUBJECT = re.compile(
    r" and (work|live|study|speak|love|like|hate|play|drive|own|use|teach|run|have|prefer|enjoy|"
    r"take|go|joined|moved|started|bought|took|quit|left)\b"
)
_INFINITIVE = re.compile(r"\b(?:to|can|will|could|would|not|never) [\w ]{1,20}$")
_NAMES_FOLLOW = re.compile(
    r"\b(?P<before>(?:liv(?:e|es|ing)|based|born|raised|am|is|originally|comes?) (?:in|from) "
    r"|moved to |work(?:s|ing)? (?:at|for) |(?:called|named|name is) )(?P<name>[a-z][\w-]{2,})"
    r"(?= (?:and|but|with|as|since|for|now|btw|lol|right)\b|[ .,!]*$)"
)
"""Where a lower-case writer names a place, an employer or somebody."""


def sentences(text: str) -> list[str]:
    """The sentences of a text, without the blanks around them."""
    lines = (" ".join(line.split()) for line in text.splitlines() if line.strip())
    parts = (part.strip() for line in lines for part in segment("en", line))
    return [part for part in parts if part]


def states(clause: str) -> bool:
    """Whether a clause states something about its speaker's world, in earnest."""
    plain = normal(clause)
    if ADOPTED.search(plain) or (not clause.endswith("?") and tells_taste(plain)):
        return True
    if clause.endswith(("?", ":")) or _REQUEST.match(plain) or _FILLER.match(plain.rstrip(".! ")):
        return False
    if _QUESTION.match(plain) or _QUESTION.match(clause):
        return False
    return not (_UNREAL.search(plain) or _REPORTED.search(without_lead(clause)))


def normal(clause: str) -> str:
    """The clause without its lead-in, as somebody careful would write it.

    Contractions are written out, also those without an apostrophe; a subject that was left out is
    there, and names that nobody capitalised are capitalised.
    """
    plain = without_lead(unquoted(clause))
    plain = _WORDS.sub(lambda match: _SHORT[match[0].lower()], plain)
    for short, long in _CONTRACTIONS:
        plain = short.sub(long, plain)
    plain = without_lead(" ".join(plain.split()))
    plain = _LENT.sub(r"\g<of>'s \g<what>", _SAME_SUBJECT.sub(_repeated, plain))
    if clause == clause.lower():
        plain = _NAMES_FOLLOW.sub(lambda m: m["before"] + m["name"].capitalize(), plain)
    return _with_subject(plain)


def _repeated(match: re.Match[str]) -> str:
    """The subject again before `and work`, which looks like a noun."""
    before = match.string[: match.start()]
    own = re.match(r"(?:I|we)\b", before, re.IGNORECASE)
    return f" and I {match[1]}" if own and not _INFINITIVE.search(before) else match[0]


def _with_subject(plain: str) -> str:
    if re.match(r"(?:born|raised)\b.* in ", plain, re.IGNORECASE):
        return f"I was {plain[0].lower()}{plain[1:]}"
    bare = _BARE_STATE.match(plain.rstrip(".! "))
    if bare:
        what = bare["what"][0].lower() + bare["what"][1:]
        diet = re.match(r"vegan|vegetarian|pescatarian", what)
        return f"I am {'a ' if bare['state'] and not diet else ''}{what}"
    doing = _DOING.match(plain)
    if doing:
        return f"I {'have' if doing['be'] else 'am'} {plain[0].lower()}{plain[1:]}"
    if _NO_SUBJECT.match(plain):
        return f"I {plain[0].lower()}{plain[1:]}"
    return plain[:1].upper() + plain[1:]


def without_lead(clause: str) -> str:
    """A clause without its lead-in: `By the way, I moved` says that I moved."""
    before = ""
    while before != clause:
        before, clause = clause, _LEAD.sub("", clause)
    return clause


def unquoted(clause: str) -> str:
    """Without what is quoted, unless it is a name or a word or two."""

    def keep(match: re.Match[str]) -> str:
        inner = match[1] if match[1] is not None else match[2]
        return inner if len(inner.split()) <= _SHORT_QUOTE_WORDS else " "

    return _QUOTED.sub(keep, clause)
