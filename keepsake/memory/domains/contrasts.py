"""Sentences that say what is not and what is instead, written out as one sentence for each."""

import re

from keepsake.memory.domains import words
from keepsake.memory.domains.statement_filter import without_lead

_WHO = r"^(?P<who>I|[Ww]e|[Mm]y [\w-]+(?: [A-Z][\w-]+)?)"
_BE = r"(?P<be>'m|'s|'re| am| are| is)"
_OLD, _NEW = r"(?P<old>[^,;.]{1,40}?)", r"(?P<new>[^,;.]{1,40}?)[.!]*$"
_FORMS = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
        (rf"{_WHO}{_BE} not (?:just|only|merely) {_OLD},? (?:but )?(?:(?:I'm|I am|I) )?also "
         rf"{_NEW}",
         ("{who}{be} {old}.", "{who}{be} {new}.")),
        (r"^(?P<who>I|[Ww]e)(?:'ve| have)? (?:just |finally )?moved(?: house| flat| again)?[,;]? "
         r"(?:and )?(?:now )?(?:I|we)(?:'m|'re| am| are)(?: now)? in "
         r"(?P<new>(?-i:[A-Z])[^,;.]{1,40}?)(?: now)?[.!]*$", ("{who} moved to {new}.",)),
        (r"^(?P<new>(?-i:[A-Z])[\w&'-]*(?: (?-i:[A-Z])[\w&'-]*)?)(?: have| has)? "
         r"(?:just |finally )?(?:let me go|fired me|sacked me|laid me off|made me redundant|"
         r"dismissed me)\b(?P<when>[^.!]*)[.!]*$", ("I was fired from {new}{when}.",)),
        (rf"{_WHO}{_BE} neither {_OLD} nor {_NEW}",
         ("{who}{be} not {old}.", "{who}{be} not {new}.")),
        (rf"{_WHO} (?P<verb>have|eat|drink|own|speak|like|play) neither {_OLD} nor {_NEW}",
         ("{who} do not {verb} {old}.", "{who} do not {verb} {new}.")),
        (rf"{_WHO} neither {_OLD} nor {_NEW}", ("{who} do not {old}.", "{who} do not {new}.")),
        (rf"{_WHO}{_BE} not {_OLD},? but (?:rather )?{_NEW}",
         ("{who}{be} not {old}.", "{who}{be} {new}.")),
        (rf"{_WHO} do(?: not|n'?t) (?P<verb>\w+) (?P<at>in|at|for|with|from|to) {_OLD},? but "
         rf"(?:(?P=at) )?{_NEW}",
         ("{who} do not {verb} {at} {old}.", "{who} {verb} {at} {new}.")),
        (rf"{_WHO} (?P<verb>\w+) not (?P<at>in|at|for|with|from|to) {_OLD},? but "
         rf"(?:(?P=at) )?{_NEW}",
         ("{who} do not {verb} {at} {old}.", "{who} {verb} {at} {new}.")),
        (rf"^it(?:'s not| is not| isn'?t) {_OLD}(?:,? but|,)(?: it(?:'s| is))? "
         r"(?P<new>[^,;.]{1,40}?) where I (?P<verb>live|work)[.!]*$",
         ("I {verb} in {new}.",)),
        (rf"^(?:so )?it(?:'s not| is not| isn'?t) {_OLD} (?:who|that)(?P<is>'s| is)? "
         r"(?P<what>[^,;.]{1,60}?),? (?:but |it(?:'s| is) )+(?P<new>[^,;.]{1,40}?)"
         r"(?:[,;] (?:and|but|i|sorry)\b.*)?[.!]*$",
         ("It is not {old} who{is} {what}.", "{new}{is} {what}.")),
        (r"^it(?:'s| is) (?P<new>[^,;.]{1,40}?) (?:that |which )?I (?P<verb>\w+),? (?:and )?not "
         r"(?P<old>[^,;.]{1,40}?)[.!]*$",
         ("I {verb} {new}, not {old}.",)),
        (r"^(?P<new>(?-i:[A-Z\d])[\w'.-]*(?: (?-i:[A-Z])[\w'-]+)?), not "
         r"(?P<old>(?-i:[A-Z\d])[^,;.]{0,40}?)[.!]*$", ("It is {new}, not {old}.",)),
        (rf"^(?:it(?:'s not| is not| isn'?t)|not) {_OLD}(?:,? but|,)(?: it(?:'s| is))? {_NEW}",
         ("It is {new}, not {old}.",)),
    )
)  # fmt: skip
_NO_VALUE = re.compile(
    r"^(?:i|we|you|he|she|it|they|me|him|her|this|that|there|what|really|sure|yet|now|only|to)\b|"
    r"\b(?:am|is|are|was|do|does|have|has|can|will|would)\b",
    re.IGNORECASE,
)
"""What is a clause of its own, or means nothing by itself."""


_TOLD = re.compile(
    r"^(?P<who>(?:the|my|our) [\w-]+) (?:just )?(?:rang|called|phoned|emailed|wrote|texted|"
    r"messaged|"
    r"replied|answered|got back)(?: (?:me|us|back|to me|to us))*,? (?:and |but |so )*"
    r"(?:he|she|they|it) (?P<rest>.*)$",
    re.IGNORECASE,
)
"""Who got in touch and what they said, in one sentence."""
_ADVISED = re.compile(
    r"^(?:(?:my|the|our|a) [\w' -]+?|he|she|they|[A-Z]\w+) (?:has |have )?(?:told|advised|asked|"
    r"urged|"
    r"begged|ordered|wanted|recommended|suggested|said)(?: (?:me|us))? (?:to|(?:that )?(?:I|we) "
    r"should) (?P<do>[^,.]+?),? (?:so|and) (?:that'?s what )?(?:now )?(?P<mine>I(?: (?:do|did|"
    r"have|am|will|"
    r"agreed|said yes|listened|obeyed|complied)| have done|'ve done)(?: so| it| that)?)[.! ]*$|"
    r"^I was (?:told|advised|asked|ordered) to (?P<do2>[^,.]+?),? (?:so|and) (?:now )?"
    r"I (?:do|did|have|am|agreed)(?: so| it| that)?[.! ]*$",
    re.IGNORECASE,
)
"""What was advised and is done."""
_MADE = re.compile(
    r"^(?:(?:my|the|our|a) [\w' -]+?|he|she|they|[A-Z]\w+) (?:has |have )?(?:had|made|got|talked|"
    r"persuaded|"
    r"convinced) me (?:to |into )?(?P<do>(?:cut(?:ting)? out|giv(?:e|ing) up|quit(?:ting)?|"
    r"stop(?:ping)?) "
    r"[^,.]+)[.! ]*$",
    re.IGNORECASE,
)
_PAST = {
    "giving up": "gave up",
    "quitting": "quit",
    "stopping": "stopped",
    "cutting out": "cut out",
    "give up": "gave up",
    "stop": "stopped",
    "start": "started",
    "take up": "took up",
}
_RENAMED = re.compile(
    r"(?P<bid>\b(?:stop calling|don'?t call|do not call) me (?!(?:at|on|in|before|after|when|"
    r"while|until|now|"
    r"again|back|today|tonight|any ?more|if|unless|from)\b)[\w'-]+(?: [\w'-]+)?)[,.;!]+ "
    r"(?:(?:just|it's|it is|plain|i'm|i am|i prefer|i go by) )*(?P<name>(?-i:[A-Z])[\w'-]+)"
    r"(?: (?:is|will|would|works|does|please)\b[^,.!]*)?(?=[,.!]|$)",
    re.IGNORECASE,
)


_PEOPLE = (
    rf"(?:{'|'.join(sorted(map(re.escape, words('languages'))))}|"
    r"\w+(?:ish|ese|ian|ican|[^s]ean|ist|"
    r"ic)|swiss|iraqi|israeli|pakistani|muslim|hindu|sikh|vegan)"
)
"""What somebody is who is no name: `hi, I'm German`."""
_GREETED = re.compile(
    r"^(?:hi|hello|hey|good (?:morning|evening|afternoon))(?: there| all| everyone)?[,!.]* "
    rf"I(?:'m| am) (?P<name>(?!{_PEOPLE}\b)(?-i:(?![A-Z]{{2,}})[A-Z])[\w'-]+"
    r"(?: (?-i:[A-Z])[\w'-]+)?)(?=[.!]|,? and (?:I|my|we)\b|$)",
    re.IGNORECASE,
)


def renamed(line: str) -> str:
    """A line that says how somebody is called, also after a greeting, with that written out."""
    return _RENAMED.sub(
        r"\g<bid>. Call me \g<name>", _GREETED.sub(r"My name is \g<name>", line, count=1)
    )


def adopted(sentence: str) -> str:
    """`My doctor told me to give up salt, and I have` as what it says of the speaker."""
    made = _MADE.match(without_lead(sentence))
    match = made or _ADVISED.match(without_lead(sentence))
    if match is None:
        return ""
    done = match["do"] or match["do2"]
    verb = next((verb for verb in _PAST if done.startswith(f"{verb} ")), "")
    return f"I {_PAST.get(verb, '')}{done.removeprefix(verb)}."


def written_apart(sentence: str) -> list[str]:
    """What a sentence denies and what it puts in its place; else the sentence itself."""
    told = _TOLD.match(without_lead(sentence))
    if told:
        return [f"{told['who']} {told['rest']}"]
    if mine := adopted(sentence):
        return [mine]
    for form, said in _FORMS:
        match = form.match(without_lead(sentence))
        if match and not any(
            _NO_VALUE.search(match.groupdict().get(part, "")) for part in ("old", "new")
        ):
            parts = {name: (part or "").replace("'s", " is") if name == "is" else part
                     for name, part in match.groupdict().items()}  # fmt: skip
            return [each.format(**parts) for each in said]
    return [sentence]
