"""Which attributes a question names, and whose: `Where is my home?`, the user's `lives_in`."""

import re

from keepsake.memory.extracting.phrases import RELATIONS

TASTE = "taste"
"""The first word of the attribute of liking something: `taste for tea`."""
_ASKED = {
    r"lives?|(?<!for a )living|home|address|city|town|resid(?:e|es|ing|ence)": ("lives_in",),
    r"jobs?|works?(?! on\b)|working(?! on\b)|employ\w*|company|profession|occupation|career"
    r"|for a living": ("works_at", "works_as"),
    r"pets?|animals?|dogs?|cats?|pupp(?:y|ies)|kittens?|parrots?|rabbits?": ("owns_pet",),
    r"likes?|loves?|enjoys?|prefers?|favou?rites?": ("prefers", TASTE),
    r"my name|am i called|who am i": ("name",),
    r"how old|age": ("age", "birthday"),
    r"birthday|birth|born": ("birthday", "born_in"),
    r"married|husband|wife|spouse|engaged": ("married_to",),
    r"allerg\w*|avoid|(?:not|never) (?:eat|drink)": ("allergic_to", "avoids"),
    r"languages?": ("speaks",),
    r"cars?": ("drives",),
    r"university|college|school|degree": ("studied_at",),
    r"hometown|originally|nationality": ("from", "born_in"),
    r"illness|disease|condition|diagnosis": ("condition",),
    r"instruments?|sports?": ("plays",),
    r"goals?|plans?|dreams?": ("goal",),
}  # fmt: skip
PATTERNS = [
    (re.compile(rf"\b(?:{words})\b", re.IGNORECASE), names) for words, names in _ASKED.items()
]
"""Words, and the attributes that they ask for."""
_PETS = frozenset({"dog", "cat", "puppy", "kitten", "parrot", "rabbit"})
_RELATION = re.compile(
    rf"\b(?:my|our) (?:\w+ )?({'|'.join(w for w in RELATIONS.split() if w not in _PETS)})\b",
    re.IGNORECASE,
)
_OWN = re.compile(r"\b(?:i|i'm|me|my|we|our|us|user)\b", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:did|was|were|had|used to|before|previous(?:ly)?|former(?:ly)?|once|until|ago)\b",
    re.IGNORECASE,
)


def kind(attribute: str) -> str:
    """What an attribute is asked for by: `taste for tea` is a taste."""
    return attribute.split(" ", maxsplit=1)[0]


def asked(query: str) -> frozenset[str]:
    """The attributes that a question names; none when it is about what was."""
    if _PAST.search(query):
        return frozenset()
    return frozenset(name for words, names in PATTERNS if words.search(query) for name in names)


def subjects(query: str, speakers: frozenset[str]) -> frozenset[str]:
    """Whose: the speakers named, else a relation of the user's, else the user, if any."""
    if speakers:
        return speakers
    relations = frozenset(word.lower() for word in _RELATION.findall(query))
    return relations or frozenset({"user"} if _OWN.search(query) else ())
