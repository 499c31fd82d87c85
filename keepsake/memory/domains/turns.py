"""What a verb says by itself of its speaker: `I retired`, `I smoke`, `we split up`."""

import re
from collections.abc import Iterator

from keepsake.memory.domains import words
from keepsake.memory.domains.values import fits
from keepsake.memory.models import Assertion, Slot

_SKILLS = words("skills")
_BECOMES = {"retire": "retired", "divorce": "divorced", "break up": "single", "split up": "single",
            "separate": "separated"}  # fmt: skip
_HABITS = frozenset({"smoke", "vape", "drink", "freelance"})
"""Verbs that say by themselves what somebody does; that they drive tells nothing."""
_CRAFTS = frozenset({"knit", "sew", "crochet", "garden", "climb", "ski", "sail", "fish", "hike",
                     "bake", "paint", "jog", "surf"})  # fmt: skip
"""Verbs of what somebody does again and again, if they say no more."""
CHILDREN = frozenset({"son", "daughter", "boy", "girl", "child"})
_BABIES = CHILDREN | {"baby", "twin", "twins", "first", "second", "third", "fourth", "fifth"}
_JOB = frozenset({"job", "work", "position", "company"})
_LEAVES = frozenset({"quit", "leave", "lose", "be fired", "get fired", "be sacked", "be laid",
                     "get laid", "be let"})  # fmt: skip


def turned(assertion: Assertion) -> Iterator[Slot]:
    """The facts of an assertion's verb, whatever stands beside it."""
    done = assertion.tense in {"past", "perfect"} and not assertion.negated
    if done:
        yield from _done(assertion)
    alone = "alone" in assertion.adverbs or re.search(
        r"\b(?:on my own|by myself)\b", assertion.phrase
    )
    if assertion.verb == "live" and alone and not assertion.negated:
        yield Slot("lives_with", "alone", single=False)
    habitual = assertion.verb in _HABITS | _CRAFTS or (
        assertion.verb in _SKILLS and (assertion.negated or "now" in assertion.adverbs)
        and not (assertion.can or assertion.progressive))  # fmt: skip
    since = assertion.tense == "perfect" and assertion.negated and assertion.lasting
    if since and assertion.verb in _HABITS | _SKILLS and not assertion.terms("object"):
        yield Slot("does", _doing(assertion.verb), single=False, negated=True)
    ours = {term.head for term in assertion.terms("object")}
    expecting = assertion.verb == "expect" and assertion.progressive and ours <= _BABIES
    if expecting and assertion.tense == "present" and not assertion.negated:
        yield Slot("is", "expecting a baby", single=False)
    if habitual and not assertion.slots and assertion.tense == "present":
        yield Slot("does", _doing(assertion.verb), single=False, negated=assertion.negated)


def _done(assertion: Assertion) -> Iterator[Slot]:
    objects = assertion.terms("object")
    if assertion.verb in _BECOMES:
        yield Slot("is", _BECOMES[assertion.verb], single=False)
    yield from _born(assertion)
    apart = " " in assertion.verb and not assertion.slots.keys() & {"from", "by", "at"}
    if assertion.verb in _LEAVES and (apart or any(term.head in _JOB for term in objects)):
        yield Slot("works_at", "", single=True, negated=True)
    for term in objects:
        if assertion.verb in {"quit", "stop", "give up"} and term.head.endswith("ing"):
            yield Slot("does", term.text.lower(), single=False, negated=True)
        handed_on = assertion.verb == "give" and " to " in assertion.phrase
        if handed_on and term.article in {"the", "my", "our"} and fits("possession", term):
            yield Slot("has", term.lower, single=False, negated=True)


def _born(assertion: Assertion) -> Iterator[Slot]:
    """`We had a second daughter` says that there is one, and that nobody is pregnant."""
    objects = assertion.terms("object")
    children = [term for term in objects if term.head in CHILDREN and term.article in {"a", "an"}]
    babies = children or any(term.head in {"baby", "twin", "twins"} for term in objects)
    born = babies and assertion.verb in {"have", "deliver", "welcome"}
    if born or assertion.verb == "give birth":
        for state in ("pregnant", "expecting a baby"):
            yield Slot("is", state, single=False, negated=True)
    for term in children if born and assertion.tense == "past" else ():
        yield Slot("has", term.lower, single=False)


def _doing(verb: str) -> str:
    """`smoking`, `swimming`, `skiing` of its verb."""
    if verb.endswith("e"):
        return f"{verb[:-1]}ing"
    doubled = re.search(r"(?<![aeiou])[aeiou][bdgklmnprt]$", verb)
    return f"{verb}{verb[-1] if doubled else ''}ing"
