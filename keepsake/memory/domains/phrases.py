"""The phrases that state a fact: which attribute each gives, and what takes it back.

Contractions are written out here (`keepsake.memory.domains.statement_filter`): `I'm` is `i am`.
"""

import re
from dataclasses import dataclass

RELATIONS = (
    "mother mom mum father dad parents sister brother wife husband spouse partner girlfriend "
    "boyfriend fiance fiancee son daughter kid kids child children baby friend boss manager "
    "colleague coworker roommate flatmate neighbour neighbor aunt uncle cousin grandmother grandma "
    "grandfather grandpa niece nephew teacher mentor dog cat puppy kitten parrot rabbit"
)
_RELATION = (
    rf"(?-i:[Mm]y) (?:best |older |younger |little |big |elder |twin |new |old )?"
    rf"(?:{'|'.join(RELATIONS.split())})(?: (?-i:[A-Z][a-z]+))?"
)
_SUBJECT = rf"(?P<subject>\bi\b|\bwe\b|\b{_RELATION}\b)"
_ADVERBS = (
    r"(?:(?:now|just|recently|currently|really|also|actually|still|always|usually|often|mostly|"
    r"both|absolutely|totally|definitely|finally|have|has|had|do|does) )*?"
)
_BE = "(?:am|are|is)"
_NOT = r"(?:do not|does not|no longer|did not|never)"
_STATES = (
    r"(?:strict |lifelong |practi[cs]ing |former )?(?:vegan|vegetarian|pescatarian|muslim|"
    r"christian|jewish|hindu|buddhist|atheist|married|single|divorced|widowed|engaged|pregnant|retired|"
    r"unemployed|left-handed|color ?blind|deaf|diabetic|dyslexic|lactose|gluten|autistic|"
    r"transgender|gay|bisexual|introvert|extrovert|bilingual|self-employed)"
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """What says (or, negated, takes back) a value of an attribute."""

    attribute: str
    single: bool
    regex: re.Pattern[str]
    negated: bool = False


def _phrases(
    attribute: str, says: str, denies: str = "", *, single: bool = False
) -> tuple[Phrase, ...]:
    denial = [Phrase(attribute, single, _verb(denies), negated=True)] if denies else []
    return (*denial, Phrase(attribute, single, _verb(says)))


def _verb(verbs: str) -> re.Pattern[str]:
    return re.compile(rf"{_SUBJECT} {_ADVERBS}(?:{verbs})\s+(?P<value>\S.*)", re.IGNORECASE)


def _plain(attribute: str, text: str, *, single: bool = True) -> Phrase:
    pattern = re.compile(rf"\b(?:{text})\s+(?P<value>\S.*)", re.IGNORECASE)
    return Phrase(attribute, single, pattern)


def _begins(attribute: str, text: str, *, single: bool = True) -> Phrase:
    """What begins a clause: after `no` or `wenn` the same words say something else."""
    pattern = re.compile(
        rf"(?:^|,?\s(?:und|et|y|e)\s)(?:{text})\s+(?!kein|nicht\b)(?P<value>\S.*?)"
        r"(?: (?:um)?gezogen)?(?<! nicht)$",
        re.IGNORECASE,
    )
    return Phrase(attribute, single, pattern)


ALSO_DENIED = {"has": ("owns_pet",)}
"""What the denial of one attribute denies as well: who has no dog has no dog named Rex."""

PHRASES: tuple[Phrase, ...] = (
    _plain("name", r"my name is|(?:please |you can |just )?call me|i go by|everyone calls me"),
    *_phrases(
        "lives_in",
        rf"lives? (?:in|at|near)|{_BE} (?:now )?(?:based|living|settled) in"
        r"|(?:moved|relocated) (?:back )?(?:from [^.,]+? )?to",
        rf"{_NOT} lives? in|{_BE} not living in|moved (?:away from|out of)",
        single=True,
    ),
    *_phrases(
        "works_at",
        rf"works? (?:at|for)|{_BE} (?:now )?(?:working (?:at|for)|employed (?:at|by))"
        r"|joined|started (?:working )?(?:at|for)|got (?:a|the) (?:new )?job (?:at|with)",
        rf"{_NOT} works? (?:at|for)|quit(?! \w+ing\b)|left|resigned from"
        r"|(?:was|got) (?:fired|laid off) (?:from|by)",
        single=True,
    ),
    *_phrases("works_as", rf"works? as|{_BE} working as|got promoted to", single=True),
    _plain("birthday", r"my birthday is(?: on)?|my birth ?date is|i was born on"),
    *_phrases("born_in", r"(?:was|were) born in|grew up in|comes? from", single=True),
    *_phrases("from", rf"{_BE} (?:originally )?from", single=True),
    *_phrases(
        "age", rf"(?:just )?turned(?= \d)|{_BE}(?= \d{{1,3}}(?: years old|$|[.,!]| and))",
        single=True,
    ),
    *_phrases("married_to", rf"{_BE} (?:married|engaged) to|married(?= (?-i:[A-Z]))", single=True),
    *_phrases(
        "allergic_to", rf"{_BE} (?:very |severely |deathly )?allergic to",
        rf"{_BE} (?:not|no longer) allergic to",
    ),
    *_phrases("condition", r"suffers? from|(?:was|were|been) diagnosed with"),
    *_phrases(
        "avoids", r"(?:do not|does not|can not|never) (?:eat|drink|consume)",
        r"(?:eats?|drinks?)(?= .*\bagain\b)|started (?:eating|drinking)"
        r"|can (?:now )?(?:eat|drink)",
    ),
    *_phrases(
        "does", r"(?:started|took up|began)(?= (?:\w+ing|yoga|judo|golf)\b)",
        r"(?:quit|stopped|gave up|given up)(?= \w+ing\b)",
    ),
    *_phrases(
        "likes",
        rf"likes?|loves?|enjoys?|adores?|{_BE} (?:really )?(?:into|fond of|keen on|crazy about)"
        rf"|{_BE} an? (?:big |huge )?fan of",
        rf"{_NOT} (?:really )?(?:like|love|enjoy|care for)|hates?|dislikes?|detests?"
        rf"|can not stand|{_BE} not (?:really )?(?:into|fond of|keen on|a (?:big )?fan of)",
    ),
    *_phrases("prefers", r"prefers?|would rather have"),
    *_phrases("speaks", r"speaks?", rf"{_NOT} speak"),
    *_phrases(
        "learns", rf"{_BE} (?:learning|studying)|studies|study", r"stopped (?:learning|studying)"
    ),
    *_phrases("studied_at", r"graduated from|went to(?= .*\b(?:university|college|school)\b)"
              r"|attends?|studie[sd] at|study at"),
    *_phrases(
        "plays", rf"plays?|{_BE} playing(?= (?:the|for|in)\b)", rf"{_NOT} play|stopped playing"
    ),
    *_phrases(
        "uses", rf"uses?|{_BE} using|switched (?:from (?P<old>[^.,]+?) )?to",
        rf"{_NOT} use|stopped using|switched (?:away )?from(?!.* to )",
    ),
    *_phrases("drives", r"drives?", rf"{_NOT} drive", single=True),
    *_phrases(
        "has",
        r"owns?|adopted|bought"
        r"|(?:have got|has got|have|has|got)(?= (?:an?|two|three|four|five|six|\d+) )"
        r"|(?:have|has)(?= (?:diabetes|asthma|epilepsy|adhd|celiac|coeliac))",
        rf"{_NOT} (?:own|have)|sold|got rid of|gave away|had to give (?:up|away)",
    ),
    *_phrases(
        "goal", rf"{_BE} (?:planning|hoping|training|saving up|saving) (?:to|for)|plans? to"
        r"|hopes? to|dreams? of|aims? to|wants? to|would love to",
    ),
    *_phrases("works_on", rf"{_BE} (?:building|developing|writing|working on)|works? on"),
    *_phrases(
        "is", rf"{_BE}(?= (?:an? |{_STATES}))|became(?= (?:an? |{_STATES}))",
        rf"(?:{_BE} (?:not|no longer)|used to be)(?= (?:an? |{_STATES}))",
    ),
    # Other languages give the same attributes: a move stated in German supersedes one in English.
    _begins("lives_in", r"ich (?:wohne|lebe)(?: jetzt)? in|ich bin nach(?= \S+ (?:um)?gezogen)"
           r"|j'habite (?:à|en|au)"
           r"|je vis (?:à|en|au)|(?:yo )?vivo en|abito a|vivo a|moro em|vivo em"),
    _begins("name", r"ich hei(?:ß|ss)e|mein name ist|je m'appelle|me llamo|mi nombre es|mi chiamo"
           r"|meu nome é|chamo-me"),
    _begins("works_at", r"ich arbeite (?:bei|für)|je travaille (?:chez|pour)|trabajo (?:en|para)"
           r"|lavoro (?:per|presso)|trabalho (?:na|no|em)"),
    _begins("likes", r"ich (?:mag|liebe)|j'(?:aime|adore)|me gustan?|me encantan?"
           r"|mi piac(?:e|ciono)|(?:eu )?gosto de", single=False),
    _begins("allergic_to", r"ich bin allergisch (?:gegen|auf)|je suis allergique (?:à|aux|au)"
           r"|soy alérgic[oa] (?:a|al)|sono allergic[oa] (?:a|alle|al)|sou alérgic[oa] (?:a|ao)",
           single=False),
)  # fmt: skip

POSSESSION = re.compile(
    r"\bmy (?P<noun>(?!name\b|birthday\b|birth)(?:[a-z][\w'-]*\s+){1,3}?)(?P<verb>is|are)(?: now)?"
    r"\s+(?P<value>\S.*)",
    re.IGNORECASE,
)
"""`my favourite colour is blue`: the noun is the attribute."""
NAMED = re.compile(
    r"\bmy (?P<noun>[a-z ]{3,30}?)(?:'s name is| is (?:called|named))\s+(?P<value>\S.*)",
    re.IGNORECASE,
)
PET_NAMED = re.compile(
    r"\b(?:i|we) (?:have|got|adopted) an? (?P<noun>[a-z -]{2,30}?),? (?:named|called)\s+"
    r"(?P<value>\S.*)",
    re.IGNORECASE,
)
CORRECTION = re.compile(
    r"^(?:i meant|i mean|correction[:,]?|it is|make that)"
    r"\s+(?P<value>[^,.;]+?),?\s+(?:and )?not\s+(?P<old>[^,.;!]+)",
    re.IGNORECASE,
)
FORGET = re.compile(r"^(?:please )?forget (?:that |about )?(?=(?:i|we|my)\b)", re.IGNORECASE)
