"""Sentences in parts, written out, and which of them state something in earnest.

Questions, requests, hypotheses and what others said are about something else than the user; a
memory made of them is junk that is later recalled as truth.
"""

import re

from sentencex import segment

from keepsake.memory.domains import words
from keepsake.memory.domains.spelling import EMOJI, spelled_out, without_asides
from keepsake.memory.domains.tastes import tells_taste

_QUOTED = re.compile(r"[\"“„«]([^\"“„«”»]*)[\"“”»]|(?<!\w)'([^'\n]{12,})'(?!\w)")
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
    r"nope|ok|typo|typing error|autocorrect|"
    r"okay|oh|hi|hello|hey|hi all|also|and|but|sorry|wait|update|anyway|the truth is|"
    r"to be honest|honestly|tbh|in fact|these days|nowadays|for the record|as you know|"
    r"oops|hmm+|haha+|lol|aww*|ah|ugh|wow)\b[,:.!]*\s*",
    re.IGNORECASE,
)
_WHO_KNOWS = re.compile(
    r"^(?:the|my|our) (?:doctor|gp|dentist|optician|vet|physio|consultant|surgeon|midwife|"
    r"paediatrician|pediatrician|psychiatrist|specialist|\w+ologist|allergist|tests?|blood test)s? "
    r"(?:(?:has|have|just|also) ){0,2}(?:told me|confirmed|found|showed|says|said)(?: that)? "
    r"(?=(?:I|my|we)\b)(?!(?:I|we) (?:should|must|need|ought|ha(?:ve|d) to|can|could|may|might)\b)",
    re.IGNORECASE,
)
"""Who says what is so of the speaker's body."""
_TAIL = re.compile(
    r"(?:,? (?:if (?:that|it|this)(?: is|'s|s)? (?:\w+ to (?:you|know)|helps?|matters?|counts|"
    r"makes .*|relevant|useful|important|needed|necessary|any help|interesting|changes)\b.*|"
    r"if (?:(?!(?:if|is|matters)\b)[\w-]+ ){1,4}(?:matters|is (?:of (?:interest|use)|relevant|"
    r"needed))|"
    r"in case (?:that|it|this|you)\b.*|if you (?:are|were) (?:wondering|interested|curious)|"
    r"for (?:context|reference|the record|what it is worth)|by the way|"
    r"(?:please )?(?:do not|don't) (?:let me )?forget\b.*|please remind me\b.*|to be honest|"
    r"you know|or whatever))+(?P<end>[.!]*)$",
    re.IGNORECASE,
)
"""How one says beside a statement what it is good for."""
_HASTY = re.compile(
    rf"(?<=[!?])\s+(?=[a-z])|"
    r"(?<=\w\w[.])\s+(?=(?:what|whats|how|hows|where|which|who|why|can|could|should|do|does|any)\b)|"
    rf"(?:(?<=\w\w[.])|\s+(?:lo+l|lmf?ao+|(?:ha){{2,}}h?|hehe+)|(?<!{EMOJI})(?:{EMOJI})+)"
    rf"\s+(?=(?:[Ii]|[Ii]'?m|[Ii]'?ve|[Mm]y|[Ww]e|[Oo]ur|he|she|hes|shes|they|so|but|and)\b)"
)
"""Where a sentence ends although the next begins without a capital."""
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
    r"\bif\b|^(?:unless|as long as|provided|providing|assuming|supposing|whether|in case|should|"
    r"had) (?:that )?"
    r"(?:i|we|my)\b|\b(?:i wish|wish i|would (?!love|rather)|could have|might|maybe|perhaps|"
    r"as if|in my dream|i dreamt|i dreamed|in the (?:story|book|movie|film|game|novel)|"
    r"my character|hypothetically|let us say|let's say|kidding|joking|jk|toying with|"
    r"(?:am|is|are) (?:\w+ly )?the (?:world|universe)'s (?:best|worst|greatest|biggest)|"
    r"(?:am|is|are) (?:\w+ly )?the (?:best|worst|greatest|biggest) (?:\w+ ){1,3}(?:in the (?:world|"
    r"universe)|on (?:earth|the planet))|"
    r"thinking (?:of|about)|considering|according to|apparently|supposedly|allegedly)\b|"
    r"(?<=\s)/(?:s|j|jk|hj)(?!\S)",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?!I\b|[Ww]e\b)(?:[Hh]e|[Ss]he|[Tt]hey|[Ss]ome(?:one|body)|[Pp]eople|[Ee]veryone|[Ii]t|"
    r"[Mm]y (?:\w+ )?\w+|[Tt]he (?:\w+ )?\w+|[A-Z]\w+)"
    r"(?: (?:just|also|once|always|has|had))* (?:said|says?|told|asked|wrote|writes|thinks?|"
    r"claims?|claimed|replied|believes?|insists?|sang|sings)\b"
)
ADOPTED = re.compile(
    r"\b(?:said|says|told|advised|recommended|wants|asked)\b.*\b(?:should|to|must|need to)\s+"
    r"(?:avoid|not eat|not drink|stop eating|stop drinking|cut out|give up|stay off|quit)\s+"
    r"(?P<v>[\w -]{2,30}?),? (?:so|and) I (?:do|did|have|am|will)\b",
    re.IGNORECASE,
)
"""What was advised and is done."""
JOKED = (
    r"(?:(?:i(?:'m| am|m| was) )?(?:just |only |totally |obviously )?(?:kidding|joking|lying)|"
    r"jk|i lied|i made (?:that|it) (?:all )?up|(?:that|it) was (?:just )?a (?:joke|lie|test))"
)
"""What says that a statement before was none; a pattern."""
_FILLER = re.compile(
    r"^(?:i|we) (?:am |are )?(?:see|agree|know|think so|understand|guess(?: so)?|do not know|"
    r"hope so|mean(?: it)?|sorry|good|fine|ok|okay|done|back|not sure|sure|here|confused|lost|"
    r"ready|glad|happy|sad|tired|hungry|bored|busy|late|afraid|curious|wondering|stuck|"
    r"(?:like|love|hate) (?:it|that|this))(?: (?:now|then|too|that|it|this|about (?:it|that|this)|"
    r"what you mean|here|so|much|today|right now|for you|to hear (?:it|that)))*\W*$",
    re.IGNORECASE,
)
_PAST = "|".join(sorted(words("irregular_past")))
_PARTICIPLES = "based|compared|related|supposed|given|united|inspired|educated"
"""With what clauses begin that hang on another one."""
_NO_SUBJECT = re.compile(
    r"^(?:(?:just|only|recently|finally|still|also|always|never|even|really) )*"
    r"(?:love|hate|dislike|prefer|enjoy|adore|resigned|retired|used to|quit|moved|"
    r"got (?:diagnosed|promoted|engaged|hired)|"
    rf"(?:{_PAST}|(?!{_PARTICIPLES})[a-z]{{3,}}(?<!e)ed) "
    r"(?:in |out |up |off |down |over |away |back )?"
    r"(?:my|our|the|a|an|to|in|at|as|from|for|with|on|out|up|off|\d+|two|three|his|her)|"
    r"have (?:an?|no|two|three|four|five|\d+)|own an?|live (?:in|with|near|alone)|"
    r"work (?:at|for|in|as|from|nights|part|full)|speak(?! (?:up|slowly|to|with|in)\b)|"
    r"do not (?:like|eat|drink|have|speak|own|smoke|drive|wear|watch|use|do|cook|work|live)|"
    r"can not (?:stand|eat|drink|swim|drive|have|do|cook|sing|dance|take|bear|abide|be doing|"
    r"get enough|live without)|"
    r"never (?:eat|drink|liked|had|been|learned|learnt|owned|worn|tried|drive|wear|watch|use|"
    r"worked|lived))\b(?= [\w']|\W*$)",
    re.IGNORECASE,
)
_DOING = re.compile(
    r"^(?:(?P<be>been )|(?=going to \w))?(?:\w+ly )?(?:studying|working|living|learning|teaching|"
    r"(?<=been )\w+|going(?= to \w))\b",
    re.IGNORECASE,
)
_BARE_STATE = re.compile(
    r"^(?P<what>(?:severely |very )?(?:allergic to|based in|married to|"
    r"originally from)\s.+?|(?P<state>vegan|vegetarian|pescatarian|[\w-]+(?:ist|er|or))"
    r"(?= here\b)) ?(?:here)?$",
    re.IGNORECASE,
)
_STAGE = re.compile(
    r"^(?:(?:currently|now|just) )?(?:in )?(?:my |the )?"
    r"(?P<what>(?:first|second|third|fourth|fifth|final|last|half ?way through|1st|2nd|3rd|\dth) ?"
    r"(?:year|semester|term)?,? (?:of|in|at) .+?)(?: here)?[.!]*$",
    re.IGNORECASE,
)
"""How far one is with one's studies, said without a verb."""
_AWAY = re.compile(
    r"^(?:currently|presently|now|still|at present) (?P<what>(?:on|in|at|between|without) .+)",
    re.IGNORECASE,
)
_SAME_SUBJECT = re.compile(
    r" and (work|live|study|speak|love|like|hate|play|drive|own|use|teach|run|have|prefer|enjoy|"
    r"take|go|joined|moved|started|bought|took|quit|left)\b"
)
_INFINITIVE = re.compile(r"\b(?:to|can|will|could|would|not|never) [\w ]{1,20}$")


_OF_MONTH = re.compile(
    r"(?<=\d)\. (?=(?:januar|jänner|februar|märz|april|mai|juni|juli|august|september|oktober|"
    r"november|dezember)\b)",
    re.IGNORECASE,
)
"""The stop of a German date, `3. Juli`, at which no sentence ends."""
_JOINED = "\N{WORD JOINER}"


def sentences(text: str) -> list[str]:
    """The sentences of a text, without the blanks and the asides around them."""
    lines = (" ".join(line.split()) for line in text.splitlines() if line.strip())
    whole = (_OF_MONTH.sub(_JOINED, line) for line in lines)
    parts = (part for line in whole for each in segment("en", line) for part in _HASTY.split(each))
    plain = (without_asides(part).replace(_JOINED, ". ").strip() for part in parts)
    return [part for part in plain if part]


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
    plain = _TAIL.sub(r"\g<end>", without_lead(spelled_out(plain)))
    plain = _SAME_SUBJECT.sub(_repeated, plain)
    return _with_subject(plain)


def _repeated(match: re.Match[str]) -> str:
    """The subject again before `and work`, which looks like a noun."""
    before = match.string[: match.start()]
    own = re.match(r"(?:I|we)\b", before, re.IGNORECASE)
    return f" and I {match[1]}" if own and not _INFINITIVE.search(before) else match[0]


def _with_subject(plain: str) -> str:
    """A clause with the `I am` that its writer left out."""
    said = f"{plain[:1].lower()}{plain[1:]}"
    stage, away, doing = (form.match(plain) for form in (_STAGE, _AWAY, _DOING))
    bare = _BARE_STATE.match(said.rstrip(".! "))
    if re.match(r"(?:born|raised)\b.* in ", said):
        said = f"I was {said}"
    elif stage or away:
        said = f"I am in the {stage['what'].lower()}" if stage else f"I am {away and away['what']}"
    elif bare:
        diet = re.match(r"vegan|vegetarian|pescatarian", bare["what"])
        said = f"I am {'a ' if bare['state'] and not diet else ''}{bare['what']}"
    elif doing:
        said = f"I {'have' if doing['be'] else 'am'} {said}"
    elif _NO_SUBJECT.match(plain):
        said = f"I {said}"
    return said[:1].upper() + said[1:]


def without_lead(clause: str) -> str:
    """A clause without its lead-in: `By the way, I moved` says that I moved."""
    before = ""
    while before != clause:
        before, clause = clause, _WHO_KNOWS.sub("", _LEAD.sub("", clause))
    return clause


def unquoted(clause: str) -> str:
    """Without what is quoted, unless it is a name or a word or two."""

    def keep(match: re.Match[str]) -> str:
        inner = match[1] if match[1] is not None else match[2]
        return inner if len(inner.split()) <= _SHORT_QUOTE_WORDS else " "

    return _QUOTED.sub(keep, clause)
