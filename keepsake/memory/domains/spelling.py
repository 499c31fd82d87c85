"""Hasty spelling written out as somebody careful would: short forms, apostrophes, and capitals.

The parser was trained on edited text: it needs whole words, and names with a capital.
"""

import re

from keepsake.memory.domains import words
from keepsake.memory.domains.frames import ANY_RELATION, PETS

_SHORT = {
    "im": "I am", "ive": "I have", "dont": "do not", "doesnt": "does not", "didnt": "did not",
    "cant": "can not", "cannot": "can not", "wont": "will not", "isnt": "is not",
    "arent": "are not", "wasnt": "was not", "werent": "were not", "havent": "have not",
    "hasnt": "has not", "hadnt": "had not", "wouldnt": "would not", "couldnt": "could not",
    "shouldnt": "should not", "thats": "that is", "theres": "there is", "hes": "he is",
    "shes": "she is", "theyre": "they are", "youre": "you are", "weve": "we have",
    "youve": "you have", "theyve": "they have", "u": "you", "ur": "your", "i": "I",
    "wanna": "want to", "gonna": "going to", "gotta": "got to", "rlly": "really", "rly": "really",
    "gf": "girlfriend", "bf": "boyfriend", "bro": "brother", "sis": "sister", "hubby": "husband",
    "favourite": "favorite", "favourites": "favorites", "colour": "color", "fav": "favorite",
    "fave": "favorite", "cuz": "because", "coz": "because", "cos": "because", "bc": "because",
    "tho": "though", "rn": "right now", "yr": "year", "yrs": "years", "hrs": "hours",
    "ppl": "people", "bday": "birthday", "b4": "before", "w/": "with", "w/o": "without",
    "abt": "about", "hav": "have", "luv": "love", "alot": "a lot", "kinda": "rather",
    "atm": "at the moment", "pls": "please", "plz": "please", "thx": "thanks", "cud": "could",
    "wud": "would", "til": "until", "prob": "probably", "probs": "probably", "mins": "minutes",
    "tmrw": "tomorrow", "tmr": "tomorrow", "whos": "who is", "wheres": "where is",
}  # fmt: skip
EMOJI = r"[\u2600-\u27bf\u2b00-\u2bff\u200d\ufe0f\U0001f000-\U0001faff]"
"""One of the characters that an emoji is made of."""
_PICTURES = rf"{EMOJI}|(?<!\S)(?:[:;=]'?-?[()\[\]DdPpOo/\\|*3]|<3+|\^_*\^|[xX][dD]+)(?!\w)"
"""Emoji and what is drawn with letters."""
_ASIDES = (
    r"(?i:lo+l+z?|lolol\w*|lmf?ao+|rofl|(?:a?ha){2,}h?|hehe+|ngl|not gonna lie|tbh|tbf|imh?o|btw|"
    r"fyi|fwiw|smh|ikr|iirc|afaik|omg|no cap)|fr(?: fr)?|irl|idk(?: why)?"
)
"""What chatting people put beside a statement; `jk` and `rn` say something of it, and stay."""
_BESIDE = (
    (re.compile(_PICTURES), " "),
    (re.compile(rf"^(?:(?:{_ASIDES})\b[\s,:.!]*)+(?=\w)"), ""),
    (re.compile(rf"(?<![\s,])(?:[\s,]+(?:{_ASIDES})){{1,5}}(?=[\s.!?,]{{0,9}}$)"), ""),
)
_WORDS = re.compile(
    rf"(?<![\w'/-])(?:{'|'.join(sorted(_SHORT, key=len, reverse=True))})(?![\w/-]|'(?!s\b))",
    re.IGNORECASE,
)
_PLURAL = r"(?:\w+s|kids|children|people|men|women|feet|of)\b"
_LETTERS = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"(?<=\w) n (?=\w)", " and "), (r"(?<=\w) r (?=\w)", " are "),
        (r"\b(?P<by>mov(?:e|ed|ing)|go|goes|going|went|come|coming|came|back|allergic|listen|"
         r"talk|used|able|close|next door|married|engaged) 2 (?=\w)", r"\g<by> to "),
        (rf"\b(?P<by>want|need|have|got|love|like|hate|try|trying|plan|planning|hope|hoping) 2 "
         rf"(?=[a-z])(?!{_PLURAL})", r"\g<by> to "),
        (r"(?<=\w) 4 (?=(?:the|my|our|a|an|this|that|me|us|you|work|fun|now|ever|free)\b)",
         " for "),
        (r"\b(?P<be>been|am|was|were) (?P<what>(?:\w+ ){1,2})(?P<long>\d+ (?:years?|months?))\b",
         r"\g<be> \g<what>for \g<long>"),
    )
)  # fmt: skip
"""Letters and digits for words; only where nothing has a capital."""
_ANIMALS = "|".join(sorted(PETS, key=len, reverse=True))
_FAMILIAR = r"(?:mum|mom|dad|mummy|daddy|grandma|grandpa|granny|hubby)"
_HOUSEHOLD = r"(?:kids|children|boys|girls|twins|dog|cat|puppy|wife|husband|baby|in-laws)"
_PREDICATE = (
    r"(?:an?|the|called|named|from|in|on|at|not|also|still|\d+|\w+ years? old|"
    r"(?!(?:wedding|meeting|viewing|hearing|christening|housewarming|building|painting|clothing|"
    r"training|evening|morning|thing|\wing)\b)\w+ing|"
    r"left-handed|right-handed|vegan|vegetarian|pregnant|retired|deaf|blind|allergic|married|divorced|"
    r"(?-i:[A-Z])\w+(?:ish|an|ese|ch|i))\b"
    r"(?!(?: \w+)? (?:is|was|has|had)\b)"
)
_CONTRACTIONS = tuple(
    (re.compile(pattern, re.IGNORECASE), long)
    for pattern, long in (
        ("[\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}`\N{ACUTE ACCENT}]", "'"),
        (r"\bcan't\b", "can not"), (r"\bwon't\b", "will not"), (r"\bi'm\b", "I am"),
        (r"n't\b", " not"), (r"'ve\b", " have"), (r"'ll\b", " will"),
        (r"\b(i|we|he|she|they|you|it)'d\b", r"\1 would"), (r"'re\b", " are"),
        (r"(?<=\w )(?-i:w) (?=\w)", "with "), (r"\btype (?=[12]\b)", "type-"),
        (r"\bit's\b", "it is"), (r"\bany more\b", "anymore"),
        (r"\bI (?:have )?(?:\w+ly )?(?:gone|went) off (?!(?:the|an?|my|to|with|on|for|in|at|and|"
         r"grid|road|topic|course|script|piste|track|air|duty|work|radar|line|sick)\b)"
         r"(?P<v>[\w' -]+?)(?: (?:completely|totally|lately|recently|now))?(?=[.,!]|$)",
         r"I do not like \g<v>"), (r"\bmy names\b", "my name is"),
        (r"\bmy name's (?=(?-i:[A-Z])[\w-]+(?: (?-i:[A-Z])[\w-]+)?(?:[.,!]| (?:and|but|by)\b|$))",
         "my name is "),
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
        (r"\b(?P<what>(?:my|our) (?:[\w-]+ )?[\w-]+)'s (?="
         r"(?:about |around |only |roughly )?\d[\d.,]*(?: (?:minutes|mins|hours|kilos|kg|cm|"
         r"met(?:re|er)s|square|euros|pounds|dollars|km|miles|a|per)\b|[.!]*$)|"
         r"(?:AB|A|B|O) (?:positive|negative|pos|neg)\b)", r"\g<what> is "),
        (r"^(?P<what>(?:my|our|the) (?:[\w-]+ ){0,2}?[\w-]+) (?:has |have )?(?:just |now )?"
         r"(?:went up|gone up|went down|gone down|rose|risen|increased|dropped|fell|fallen|"
         r"(?:was|been|got) (?:raised|lowered|cut|increased|reduced))(?: from [^ ]+)? to "
         r"(?=[$€£]?\d)", r"\g<what> is "),
        (r",? (?:at all|whatsoever|in the (?:least|slightest)|to be honest|tbh|to tell the truth|"
         r"i'm afraid|i am afraid)(?=[.,!;]|$)", ""),
        (r"\b(?P<what>(?:the|my|our) [\w-]+)'s (?=(?:on|in|at|off|not|now|called|over|gone)\b)",
         r"\g<what> is "), (r"\bgo-to\b", "usual"),
        (r"\b(got|been|was|were) let go\b", r"\1 fired"),
        (rf"^(?P<kin>{_FAMILIAR})(?=(?:'s)? )", r"my \g<kin>"),
        (rf"^the (?P<kin>{_HOUSEHOLD})(?='s| (?:is|are|was|were|has|have|goes?|\w+s)\b)",
         r"my \g<kin>"),
        (r"(?<=\w)'s (?=got\b|been\b)", " has "),
        (rf"\b(?P<of>(?:my|our) (?:\w+ )?(?:{ANY_RELATION}))'?s (?={_PREDICATE})", r"\g<of> is "),
        (rf"^(?P<of>(?:my|our) (?:\w+ ){{0,2}}(?:{ANY_RELATION}|{_ANIMALS})(?: (?-i:[A-Z])\w+)?),? "
         r"(?:he|she|they)(?:'s)? (?=\w)", r"\g<of> "),
        (r"(?<=\w )like (?=(?:\d+|two|three|four|five|six|seven|eight|nine|ten|a (?:hundred|dozen|"
         r"couple|thousand))\b)", "about "),
        (r"\bis (?:maybe|probably|about) (?=[ABC][12]\b)", "is "),
        (r"\b(?P<side>left|right) handed\b", r"\g<side>-handed"),
        (r"\b(?P<kin>\w+) in law\b", r"\g<kin>-in-law"),
        (r"\b(?:more|a bit|kind|sort|something|quite a bit) of (?=an? )", ""),
        (r"\bhave got\b(?! to)", "have"), (r"\bhave not got\b", "do not have"),
        (r"\bhas got\b(?! to)", "has"), (r"\b(I have|we have) not got\b", r"\1 not"),
    )
)  # fmt: skip
_LENT = re.compile(
    rf"\b(?P<of>(?:my|our) (?:\w+ )?(?:{ANY_RELATION}))s "
    rf"(?P<what>(?:{ANY_RELATION}|birthday|name|job)\b)",
    re.IGNORECASE,
)
"""A possessive without its apostrophe: `my sisters husband`."""
_BARE_NOUNS = "|".join(sorted(words("bare_nouns"), key=len, reverse=True))
_NAMES_FOLLOW = re.compile(
    r"\b(?P<before>(?:"
    r"(?:liv(?:e|es|ed|ing)|based|born|raised|grew up|am|is|are|originally|comes?|stay(?:ing)?|"
    r"from|flat|house|place|room|office|hospital|university|uni|school|college|shop|job|team|"
    r"parents|family|mum|dad|brother|sister) (?:in|from|near|outside)|"
    r"(?:move|moves|moved|moving|relocat(?:e|ed|ing)|emigrat(?:e|ed|ing)|back|going|been|flying|"
    r"fly) to|(?:work(?:s|ed|ing)?|job|intern(?:ing)?|shifts?|nights) (?:at|for)|"
    r"(?:called|named|name is|call me)) )"
    rf"(?P<name>(?!(?:{_BARE_NOUNS}|the|an?|my|our|your|his|her|their|this|that|me|it|one|\w+ly|"
    rf"\w+ing)\b)[a-z][\w-]{{2,}})"
    r"(?= (?:and|but|with|as|since|for|now|btw|lol|right|in|on|at|so|because|when|next|last|this|"
    r"until|before|after|though|too|near|these|anyway|if)\b|[ .,!?;:)]*$|[.,!?;:)])"
)
"""Where a hasty writer names a place, an employer or somebody: a noun alone after these words."""


def without_asides(text: str) -> str:
    """A text without emoji, and without what chatting people put before and after a sentence."""
    for beside, rest in _BESIDE:
        text = beside.sub(rest, text)
    return text


def spelled_out(text: str) -> str:
    """A text with its short forms written out, with the capitals of its names, and no asides."""
    text = without_asides(text)
    hasty = text == text.lower()
    plain = _WORDS.sub(lambda match: _SHORT[match[0].lower()], text)
    for short, long in (*(_LETTERS if hasty else ()), *_CONTRACTIONS):
        plain = short.sub(long, plain)
    plain = _LENT.sub(r"\g<of>'s \g<what>", " ".join(plain.split()))
    return with_names(plain) if hasty else plain


def with_names(text: str) -> str:
    """A text whose writer gives names no capital, with those where only a name can stand."""
    return _NAMES_FOLLOW.sub(lambda match: match["before"] + match["name"].capitalize(), text)
