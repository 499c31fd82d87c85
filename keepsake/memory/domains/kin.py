"""What is said of a relation or an animal of the speaker's: whose fact it is, names, ends."""

import re
from collections.abc import Iterator

from keepsake.memory.domains import words
from keepsake.memory.domains.frames import ONE_OF_A_KIND, RELATIONS
from keepsake.memory.domains.turns import CHILDREN
from keepsake.memory.domains.values import fits, is_pet, is_pet_as_person
from keepsake.memory.models import Assertion, Slot, Term

_FIGURES = words("figures_of_speech") | {"boy", "girl", "friend", "companion", "baby"}
"""What people and animals are only called."""
_ZODIAC = words("zodiac")
_ONE_AT_WORK = frozenset({"boss", "manager", "doctor", "dentist", "therapist", "landlord"})
_LATELY = re.compile(
    r"\b(?:on \w+day|yesterday|today|just|last (?:night|week)|this (?:morning|week))\b",
    re.IGNORECASE,
)


def subject_of(who: str) -> tuple[str, bool]:
    """Whose fact it is, and whether that is one person.

    Of a role that many may fill, one is meant only by name.
    """
    if who == "user" or who in ONE_OF_A_KIND or who.endswith("-in-law"):
        return who, who == "user" or who in ONE_OF_A_KIND
    roles = [word for word in who.split() if word in RELATIONS]
    role = roles[-1] if roles else who
    if role in ONE_OF_A_KIND and "'" not in who and "-" not in who:
        return role, True
    return who, not who.endswith(role)


def told_of(assertion: Assertion, who: str, plain: str) -> Iterator[Slot]:
    """`My wife is Ana` and `my dog is called Rex` name them, `my son is 9` tells an age."""
    terms = assertion.terms("object", "is")
    named = terms and terms[0].text[:1].isupper() and (
        assertion.verb != "be" or _is_name(terms[0]))  # fmt: skip
    several = who.endswith("s") and who.split()[-1].removesuffix("s") in RELATIONS  # a list
    if assertion.verb in {"be", "be called", "be named"} and named and not several:
        role = _of_late(who)
        one = who in ONE_OF_A_KIND or role != who
        yield Slot(f"{role} name", terms[0].text.lower(), one, assertion.negated)
    born = assertion.verb == "be born" and who.split(" ")[0] in CHILDREN
    if born and assertion.tense == "past" and _LATELY.search(plain):
        yield Slot("is", "pregnant", single=False, negated=True, subject="user")
    if is_pet(who) and assertion.verb == "be" and not is_pet_as_person(assertion):
        yield from _breed(assertion, who)
    done = assertion.tense in {"past", "perfect"} and not assertion.negated
    if done and assertion.verb in {"die", "pass away", "be died"}:
        yield from _died(who)


def _breed(assertion: Assertion, who: str) -> Iterator[Slot]:
    """`My dog is a beagle`."""
    for term in assertion.terms("is"):
        if term.article in {"a", "an"} and term.head not in _FIGURES:
            yield Slot("is", term.lower, single=False, negated=assertion.negated, subject=who)


def _of_late(who: str) -> str:
    """`New boss` is the boss, in the place of the one before; of neighbours there are several."""
    role = re.sub(r"^(?:new|current) ", "", who)
    return role if role in _ONE_AT_WORK or role in ONE_OF_A_KIND else who


def _died(who: str) -> Iterator[Slot]:
    """A pet is had no more, by name or by kind; who is known to be one person is dead."""
    noun, _, name = who.partition(" ")
    subject, one = subject_of(who)
    if is_pet(noun):
        yield Slot("owns_pet", f"{noun} {name}".strip(), single=False, negated=True,
                   instead_of=name)  # fmt: skip
    elif one:
        yield Slot("is", "dead", single=False, subject=subject)


def _is_name(term: Term) -> bool:
    """Whether `my boss is …` gives a name: no people, no abbreviation."""
    plain = (
        not term.article
        and term.entity != "NORP"
        and not fits("state", term)
        and term.lower not in _ZODIAC
    )
    return plain and (term.entity != "ORG" or term.text.istitle())
