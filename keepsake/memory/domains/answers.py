"""Short answers to what an agent asked, written out as what they say: `Lisbon` as a home."""

import re

from keepsake.memory.domains.spelling import spelled_out, with_names
from keepsake.memory.domains.statement_filter import sentences

_MOST_WORDS = 12
_YES = (
    r"(?:yes|yeah|yep|yup|ye|correct|exactly|right|indeed|of course|absolutely|definitely|"
    r"that'?s right|that is right|true|sadly|unfortunately|i do|i am|i have|i can|he does|she does|"
    r"they do|he is|she is|it is|afraid so|mhm|sure do|sure am)"
)
_NO = (
    r"(?:no|nope|nah|never|not really|not at all|none|not any ?more|i don'?t|i do not|i'?m not|"
    r"i am not|i haven'?t|i can'?t|he doesn'?t|she doesn'?t|they don'?t|neither)"
)
_POLAR = re.compile(
    rf"^(?:(?:oh|well|um|uh|hm+),? )?(?:(?P<yes>{_YES})|(?P<no>{_NO}))\b(?P<rest>.*)$",
    re.IGNORECASE,
)
_UNSURE = re.compile(
    r"\b(?:maybe|perhaps|think so|guess|not sure|kind of|sort of|sometimes|depends|used to|"
    r"probably|don'?t know|dunno|idk|would|might|if|later|why|no idea|pass|rather not)\b|\?",
    re.IGNORECASE,
)
"""What leaves open how it is."""
_CLAUSE = re.compile(
    r"\b(?:i|we|he|she|they|you|it|there|that|this)(?:'\w+)?\b|\b(?:is|are|was|were|am|has|sounds|"
    r"looks|please|thanks|works for me)\b",
    re.IGNORECASE,
)
"""What stands in no mere phrase."""
_FILLER = re.compile(
    r"^(?:(?:it'?s|it is|that'?s|that would be|that is|they'?re|just|only|about|around|roughly|oh|"
    r"well|um|uh|hm+|so|currently|actually|mostly|mainly|the answer is|over)[ ,]+)+",
    re.IGNORECASE,
)
_WHO = r"(?P<who>you|your [\w' -]+?)"
_DO, _BE = r"(?:do|does)", r"(?P<be>are|is|'s|'re)"
_ASKED_IF = re.compile(
    rf"(?:^|[,;:.!] |\band |\bso )(?P<aux>do|does|are|is|have|has|can) {_WHO} "
    r"(?P<what>(?!want me\b|need me\b|want to\b|need to\b|mean\b|think\b|like me\b|sure\b|know\b)"
    r"(?:\w+ed |a |an |the |allergic |married |live |work |smoke |drink |eat |speak |play |drive |"
    r"have |own |prefer |like |any |still |already |currently )?[^?]*?)\?$",
    re.IGNORECASE,
)
_WH = tuple(
    (re.compile(rf"(?:^|[,;:.!] |\band |\bso ){pattern}\?$", re.IGNORECASE), said)
    for pattern, said in (
        (rf"where {_DO} {_WHO} (?P<what>live|stay|reside)(?: now| currently| these days)?",
         "{who} live in {answer}."),
        (rf"where {_DO} {_WHO} (?P<what>work|study)(?: now| currently| these days)?",
         "{who} {what} at {answer}."),
        (rf"where {_BE} {_WHO} (?:originally )?(?P<what>from|based)",
         "{who} {am} {what} {answer}."),
        (rf"where {_DO} {_WHO} (?P<what>come from)", "{who} {what} {answer}."),
        (rf"what {_DO} {_WHO} do(?: for (?:a living|work)| professionally)?",
         "{who} {work} as {answer}."),
        (r"what(?P<be>'s| is| are) (?P<who>your [\w' -]+?)(?: called)?", "{who} {am} {answer}."),
        (rf"how old {_BE} {_WHO}(?: now)?", "{who} {am} {answer}."),
        (rf"how tall {_BE} {_WHO}", "{who} {am} {answer}."),
        (rf"how much {_DO} {_WHO} (?P<what>weigh|earn|pay for rent)", "{who} {what} {answer}."),
        (r"when(?P<be>'s| is| are) (?P<who>your [\w' -]+?)", "{who} {am} on {answer}."),
        (r"who(?P<be>'s| is) (?P<who>your [\w' -]+?)", "{who} {am} {answer}."),
        (rf"how many (?P<noun>[\w -]+?) {_DO} {_WHO} (?P<what>have|own|speak|keep)(?: got)?",
         "{who} {what} {answer} {noun}."),
        (rf"(?:which|what)(?: (?:kind|sort|type) of)? [\w -]+? {_DO} {_WHO} "
         r"(?P<what>(?:\w+ )?\w+)", "{who} {what} {answer}."),
        (rf"(?:which|what)(?: [\w -]+?)? {_BE} {_WHO} (?P<what>[\w -]+ (?:to|of|in|from|with))",
         "{who} {am} {what} {answer}."),
        (rf"what {_DO} {_WHO} (?P<what>\w+)", "{who} {what} {answer}."),
        (rf"{_DO} {_WHO} (?P<what>prefer|drink|like|speak|drive|use|live in|work in) "
         r"(?P<either>[\w' -]+?,? or [\w' -]+?)", "{who} {what} {answer}."),
    )
)  # fmt: skip
_ASIDE = re.compile(
    r",? (?:if i may ask|if you don't mind(?: me asking)?|may i ask|by the way|out of curiosity|"
    r"roughly|exactly|again|then|though)\?$",
    re.IGNORECASE,
)
"""What is put after a question."""
_SOME = re.compile(
    r"^(?P<verb>have|own|keep|speak|take|play|drive|use) (?:an?|any)\b[\w' -]*$", re.IGNORECASE
)
_COUNTED = re.compile(
    r"^(?P<count>an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2})(?: of (?:them|"
    r"those))?"
    r"(?=$|[,.!])",
    re.IGNORECASE,
)
_HAVE_ANY = re.compile(
    r"^(?P<have>have|own|keep|speak|take|play)(?: got)? (?P<any>any )?(?P<noun>[\w' -]+)$",
    re.IGNORECASE,
)
_PLACED = re.compile(
    r"^(?P<to>.* (?:in|at|to|from|for|as|with) )(?-i:[A-Z])[\w -]*$", re.IGNORECASE
)
_NAME = re.compile(
    r"^(?:(?:in|at|to|from|for) )?(?P<name>[A-Z][\w'-]+(?: [A-Z][\w'-]+){0,2})[.! ]*$"
)


_OF_WHAT = 2
_INSTEAD = re.compile(r"(?:an? )?[\w-]+(?: [\w-]+)?$", re.IGNORECASE)
"""What somebody is instead: `no, vegetarian`."""
_OWNED = re.compile(r"(?:an?|one|two|three|four|five|\d{1,2}) \w", re.IGNORECASE)
_AND_YOU = re.compile(r"[,.!]? (?:and |what about |how about )?(?:you|yours)\?+$", re.IGNORECASE)


def may_answer(text: str) -> bool:
    """Whether a turn may be a short answer: it says yes or no, or is no sentence of its own."""
    first = _AND_YOU.sub("", next(iter(sentences(text)), ""))
    short = len(first.split()) <= _MOST_WORDS and not _UNSURE.search(first)
    return short and (_POLAR.match(first) is not None or not _CLAUSE.search(_bare(first)))


def answer_in_full(asked: str, text: str) -> tuple[str, str]:
    """What an answer says together with its question, and what is said after it.

    The first is empty when that is not known. Only the last question counts, and of the answer only
    its first sentence.
    """
    first, *others = sentences(text) or [""]
    return _in_full(asked, spelled_out(_AND_YOU.sub("", first))), "\n".join(others)


def _in_full(asked: str, first: str) -> str:
    questions = [each.strip() for each in sentences(asked)]
    if not questions or not questions[-1].endswith("?"):
        return ""
    question = _ASIDE.sub("?", questions[-1].replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    polar = _POLAR.match(first)
    asked_if = _ASKED_IF.search(question)
    if polar and asked_if:
        return _affirmed(asked_if, polar)
    some = _SOME.match(asked_if["what"]) if asked_if else None
    if some and asked_if and not _CLAUSE.search(_bare(first)):
        return f"{_mine(asked_if['who'])} {some['verb']} {_bare(first)}."
    return "" if polar else _filled(question, _bare(first))


def _affirmed(asked: re.Match[str], polar: re.Match[str]) -> str:
    """`Do you have pets?` with `yes, two`, `no`, or what it is instead."""
    who, what = _mine(asked["who"]), _mine(asked["what"].strip())
    rest = polar["rest"].strip(" ,.!-")
    have, be = _HAVE_ANY.match(what), asked["aux"].lower() in {"are", "is"}
    if " or " in f" {what} ":
        return ""
    verb = _am(who, asked["aux"]) if asked["aux"].lower() not in {"do", "does"} else ""
    if polar["no"] is not None:
        placed, name = _PLACED.match(what), _NAME.match(rest)
        if placed and name:
            return _sentence(who, verb, f"{placed['to']}{name['name']}")
        denied = _sentence(who, verb or _does(who), "not", what)
        instead = be and len(what.split()) <= _OF_WHAT and _INSTEAD.match(rest)
        return f"{denied} {_sentence(who, verb, rest)}" if instead else denied
    counted = _COUNTED.match(rest)
    if have and counted and not be:
        return _sentence(who, have["have"], counted["count"], have["noun"])
    owned = have and _OWNED.match(rest) and not _CLAUSE.search(rest)
    if have and have["any"] and not owned:
        listed = rest and not _CLAUSE.search(rest) and len(rest.split()) <= _MOST_WORDS
        return _sentence(who, have["have"], rest) if listed else ""
    affirmed = _sentence(who, verb or ("" if who == "I" else "does"), what)
    return f"{affirmed} {_sentence(who, have['have'], rest)}" if have and owned else affirmed


def _filled(question: str, answer: str) -> str:
    """A question for a value, with the value in its place."""
    if not answer or _CLAUSE.search(answer):
        return ""
    for form, said in _WH:
        match = form.search(question)
        if match is None:
            continue
        parts = match.groupdict()
        who = _mine(parts["who"])
        if parts.get("either") and answer.lower() not in parts["either"].lower():
            return ""
        if parts.get("noun"):
            counted = _COUNTED.match(answer)
            answer = counted["count"].lower() if counted else ""
        plain = re.sub(r"^(?:in|at|from|on|as|to) (?!the \d)", "", answer)
        role = plain if re.match(r"an? |the ", plain) else f"a {plain}"
        filled = said.format(
            who=who, what=_mine(parts.get("what") or ""), am=_am(who, parts.get("be") or "is"),
            noun=parts.get("noun"), work="work" if who == "I" else "works",
            answer=role if " as {" in said else plain,
        )  # fmt: skip
        return (with_names(filled) if plain.islower() else filled) if plain else ""
    return ""


def _sentence(*parts: str) -> str:
    return f"{' '.join(filter(None, parts))}."


def _bare(answer: str) -> str:
    return _FILLER.sub("", answer.strip()).strip(" .!,")


def _mine(words: str) -> str:
    """Words said to the speaker as the speaker says them."""
    said = re.sub(r"\byourself\b", "myself", re.sub(r"\byour\b", "my", words, flags=re.IGNORECASE))
    said = re.sub(r"^you$", "I", said, flags=re.IGNORECASE)
    return "My" + said[2:] if said.startswith("my ") and words.lower().startswith("your ") else said


def _am(who: str, asked: str) -> str:
    verb = {"'s": "is", "'re": "are"}.get(asked.strip().lower(), asked.strip().lower())
    return "am" if verb == "are" and who == "I" else verb


def _does(who: str) -> str:
    return "do" if who == "I" else "does"
