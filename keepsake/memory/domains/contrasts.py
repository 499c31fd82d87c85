"""Sentences that say what is not and what is instead, written out as one sentence for each."""

import re

_WHO = r"^(?P<who>I|[Ww]e|[Mm]y [\w-]+(?: [A-Z][\w-]+)?)"
_BE = r"(?P<be>'m|'s|'re| am| are| is)"
_OLD, _NEW = r"(?P<old>[^,;.]{1,40}?)", r"(?P<new>[^,;.]{1,40}?)[.!]*$"
_FORMS = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
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


_RENAMED = re.compile(
    r"(?P<bid>\b(?:stop calling|don'?t call|do not call) me (?!(?:at|on|in|before|after|when|"
    r"while|until|now|"
    r"again|back|today|tonight|any ?more|if|unless|from)\b)[\w'-]+(?: [\w'-]+)?)[,.;!]+ "
    r"(?:(?:just|it's|it is|plain|i'm|i am|i prefer|i go by) )*(?P<name>(?-i:[A-Z])[\w'-]+)"
    r"(?: (?:is|will|would|works|does|please)\b[^,.!]*)?(?=[,.!]|$)",
    re.IGNORECASE,
)


def renamed(line: str) -> str:
    """A line that says how not to call somebody, with how to call them written out."""
    return _RENAMED.sub(r"\g<bid>. Call me \g<name>", line)


def written_apart(sentence: str) -> list[str]:
    """What a sentence denies and what it puts in its place; else the sentence itself."""
    for form, said in _FORMS:
        match = form.match(sentence)
        if match and not any(_NO_VALUE.search(match[part]) for part in ("old", "new")):
            return [each.format(**match.groupdict()) for each in said]
    return [sentence]
