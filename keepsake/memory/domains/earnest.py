"""Sentences that are not meant in earnest: played, invented, supposed or said with irony.

Who plays or invents goes on with it. A sentence that opens a play, a story or a supposition ends
what is earnest in a turn; one that only looks into a story leaves out those who are spoken of next.
"""

import re
from collections.abc import Iterable, Iterator

from keepsake.memory.domains import words
from keepsake.memory.domains.instructions import instruction
from keepsake.memory.domains.lists import is_head
from keepsake.memory.domains.statement_filter import JOKED, sentences, without_lead

_PLAYS, _STORIES = (rf"(?:{'|'.join(sorted(words(name)))})" for name in ("plays", "stories"))
_FIGURES = rf"(?:{'|'.join(sorted(words('figures')))})"
"""Nouns of what is played and told, and of the people in it."""
_PLAYED = re.compile(
    r"^(?:ok(?:ay)?,? |so,? |just )?(?:(?:let us|let's|lets|can we|could we|shall we|i want to|"
    r"i want "
    r"you "
    r"to|you will|you'll) )?(?:(?:do |play |start )?(?:a )?role-?play|play (?:a|the|pretend)|"
    r"pretend|picture (?:this|me)|"
    r"imagine|suppos(?:e|ing)|assum(?:e|ing)|act (?:as|like|out)|be my|simulate|"
    r"say,? (?:that )?(?:i|we|my|you)|for (?:argument's sake|the sake of argument)|hypothetical|"
    r"in an? (?:alternate|alternative|parallel|different|other|imaginary) (?:\w+ )?(?:universe|"
    r"world|life|reality)|in (?:a|my|another) (?:next|previous|past|former) life)\b|"
    r"^(?:(?:today|tonight|now|from now on),? )?you(?: are|'re| play) (?:a|an|the|my|"
    r"now)\b(?! (?:\w+est|one|first|only|reason)\b)|^once upon a time\b|"
    r"^(?:for|in) (?:this|the) (?:exercise|scenario|game|story|sketch|"
    r"role-?play|scene)\b|^(?:the )?scenario\b|^write (?:me )?(?:a|an|the) (?:\w+ ){0,3}(?:story|"
    r"poem|song|script|dialogue|scene|letter|essay|e-?mail|bio)\b|^\*\w",
    re.IGNORECASE,
)
"""A sentence from which on everything is played."""
_MY_PART = r"\bi(?:'m| am|'ll be| will be|(?= play an?\b) play)(?: a| an| the| your)"
_PARTS = re.compile(
    rf"\b(?:to|and|,|^) ?you (?:be|play) (?:the|an?|my|(?-i:[A-Z]))|"
    rf"\bwant you to (?:be|play|act)\b|"
    rf"^(?:(?:can|could|will|would) )?you (?:be|play) (?:the|an?|my|(?-i:[A-Z]))|"
    rf"\b(?:as if|as though|like) you (?:were|are)\b|"
    rf"\byou(?:'re| are|'ll be| will be) (?:the|an?|my|your|(?-i:[A-Z])).*{_MY_PART}\b|"
    rf"{_MY_PART}\b.*\byou(?:'re| are|'ll be| will be| be| play) (?:the|an?|my)\b|"
    r"\b(?:do|act out|improvise) (?:a|the|this) (?:scene|skit|sketch|dialogue|role)",
    re.IGNORECASE,
)
"""Roles that are handed out."""
_UNREAL_SENTENCE = re.compile(
    r"^(?:(?:just|only) )?(?:kidding|joking|what if|if (?:i|we|my)\b(?! ha(?:ve|d) to (?:choose|"
    r"pick))|hypothetically|according to|"
    r"apparently|"
    r"supposedly|allegedly|rumou?r|sure,? because|"
    r"(?:sure|of course|obviously|clearly),? (?:.*\bthat(?:'s| is) why\b|i (?:\w+ )?(?:love|adore|"
    r"enjoy) \w+ing\b)|oh,? i (?:just|absolutely|totally|simply|so) (?:love|adore|enjoy) \w+ing "
    r"(?:in|at|on|for|the|my)\b|oh (?:great|sure|yeah|joy|wonderful|fantastic|lovely)|"
    r"(?:(?:great|wow|oh|yay|sure|lovely|fantastic|brilliant)[,!]? )?"
    r"i (?:just |really |absolutely |totally |simply |so )*(?:love|adore|enjoy|live for) "
    r"(?:waiting |queu|being (?:on hold|stuck|late|ignored|woken|shouted|yelled)|"
    r"standing in (?:line|queues?)|sitting in traffic|filling (?:in|out) |"
    r"paying (?:tax|bills|fines)|losing )|"
    r"yeah,? right|(?:wow|great|wonderful|fantastic|lovely|super|brilliant),? (?:what|another|"
    r"just)|"
    r"just (?:what i needed|great|perfect)|how (?:lovely|wonderful|nice))",
    re.IGNORECASE,
)
"""A sentence that is not meant, or not the user's to say."""

_PRACTISED = r"(?:interview|speaking|conversation|dialogue|exam|pitch) practi[cs]e"
_GOES_ON = r"(?: (?:idea|one|two|\d+|time|start|opening|about|for|with|in|of|i)\b[^:.!?]{0,60})?"
_LABELLED = re.compile(
    rf"^[\[(*](?:[\w' -]+ )?(?:{_PLAYS}|{_STORIES})\b|^(?!(?:i|we|my) )[^:.!?]{{0,20}}\b{_PLAYS}\b"
    rf"[^:.!?]{{0,20}}:|"
    rf"^(?!(?:i|we|my) )(?P<label>[^:.!?]{{0,60}}?\b(?:{_PLAYS}|{_STORIES}|{_FIGURES}|{_PRACTISED})"
    rf"{_GOES_ON})(?::|\s[-\N{{EN DASH}}\N{{EM DASH}}])\s(?=$|.*\b(?:i|my|we|he|she|is|was)\b)|"
    r"^[^:.!?]{0,40}\bI (?:will )?(?:play|be) (?:an?|the) [^:.!?]{2,30}:\s",
    re.IGNORECASE,
)
"""A label that says that what follows is played or told."""
_FAVOURED = re.compile(r"\bfavou?rites?\b|\b(?:i|we) \w+$", re.IGNORECASE)
_OPENED = re.compile(
    rf"^(?:(?:can|could|shall|may|will|would) (?:we|you|i)|let(?:'s| us| me)|please|do|start|"
    rf"continue|you|give me|i (?:want|need|would like|'d like)|time for)\b.*\b{_PLAYS}\b|"
    rf"^you (?:start|begin|go) as\b|"
    rf"^(?:new|next|another|short|quick|today's) (?:\w+ )?(?:{_PLAYS}|{_STORIES})(?: \w+)?[.!]*$|"
    rf"^(?:\w+ ){{0,2}}(?:{_PLAYS}|{_STORIES}) (?:idea|prompt|time|concept|premise|opening)[.!]*$",
    re.IGNORECASE,
)
"""A sentence that asks for a play, or only names one."""
_WITHIN = re.compile(
    rf"^(?:so )?(?:in|for|during) (?:my|an?|the|this|that|our|one|last night's) "
    rf"(?:[\w&'-]+ ){{0,3}}?(?:{_PLAYS}|{_STORIES})s?\b(?! (?:club|group|shop|industry|jam|job))"
    rf"(?P<into>)|^(?:my|the|our|a) (?:\w+ ){{0,2}}?{_FIGURES}\b",
    re.IGNORECASE,
)
"""A sentence about what is in a play or a story."""
_TAKES_PART = re.compile(
    rf"\bI\b(?! (?:am |was )?(?:watch|read|saw|see|writ|wrote|play(?:ed|ing)?\b|love|like))|"
    rf"\bmy {_FIGURES}\b",
    re.IGNORECASE,
)
_THEIRS = re.compile(r"^(?:and |but )?(?:he|she|they|it|his|her|their|its)\b", re.IGNORECASE)
_JOKED = re.compile(
    rf"(?:(?:lol|haha+|ok|nah|no|well|wait|oh|of course)[,.! ]+)*{JOKED}"
    r"(?:[,.! ]+(?:lol|haha+|sorry))*[\W_]*",
    re.IGNORECASE,
)
"""A sentence that takes back the one before it."""
_BUT_REALLY = re.compile(r",? that(?:'s| is) why (?=I\b)", re.IGNORECASE)


_PLAYS_ON = re.compile(
    r"role[- ]?play|\bin character\b|\b(?:skit|sketch|improv\w*)\b|\blet'?s (?:pretend|play)\b|"
    r"\bpretend (?:that )?(?:we|i)\b",
    re.IGNORECASE,
)
"""What goes on in the next turns, as a story that is asked for does not."""


def plays_on(text: str) -> bool:
    """Whether a turn opens a play that the next one goes on with."""
    return any(_PLAYS_ON.search(each) and _opens(without_lead(each)) for each in sentences(text))


def names_frame(label: str) -> bool:
    """Whether a label says that what follows it is played, told or supposed."""
    return _opens(f"{label}: ")


def in_earnest(said: Iterable[str]) -> Iterator[str]:
    """The sentences of a turn that are meant, up to where a play or a story begins."""
    meant = list(said)
    invented = False
    for sentence, after in zip(meant, [*meant[1:], ""], strict=False):
        plain = without_lead(sentence)
        if _opens(plain) or _opens(sentence):
            return
        within = _WITHIN.match(plain)
        if within and within["into"] is not None and _TAKES_PART.search(plain[within.end() :]):
            return
        invented = within is not None or (invented and _THEIRS.match(plain) is not None)
        ironic = _UNREAL_SENTENCE.match(plain) or _UNREAL_SENTENCE.match(sentence)
        if ironic and (really := _BUT_REALLY.split(sentence, maxsplit=1)[1:]):
            yield from really
        joked = _JOKED.fullmatch(after) is not None
        if not (invented or ironic or joked) or instruction(plain):
            yield sentence


def _opens(plain: str) -> bool:
    """Whether a sentence opens a play, a story or a supposition."""
    labelled = _LABELLED.match(plain)
    label = (labelled["label"] or "") if labelled else ""
    if labelled and not (is_head(label) or _FAVOURED.search(label)):
        return True
    return any(form.search(plain) for form in (_PLAYED, _PARTS, _OPENED))
