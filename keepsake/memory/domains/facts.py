"""Facts in parts out of assertions: which frames fit, whose fact it is, whether it still holds."""

import re
from collections.abc import Iterator
from dataclasses import replace

from keepsake.memory.domains import words
from keepsake.memory.domains.frames import FRAMES, ONE_OF_A_KIND, Frame
from keepsake.memory.domains.kin import subject_of, told_of
from keepsake.memory.domains.turns import CHILDREN, turned
from keepsake.memory.domains.values import fits, is_pet_as_person, short, taste
from keepsake.memory.models import Assertion, Slot, Term

_FORMER = words("former")
"""Attributes of which it is worth knowing what they were."""
_HELD_ONLY = frozenset({"avoids", "takes", "teaches", "runs", "works_on", "works"})
"""Attributes whose denial tells nothing."""
_ABLE = frozenset({"speaks", "plays", "drives", "eats", "uses"})
_SKILLS = words("skills")
_AGE = (
    r"\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    r"fifteen|sixteen|seventeen|eighteen|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|"
    r"eighty|"
    r"ninety)(?:-\w+)?"
)
_BABIES = frozenset({"kid", "baby", "twin", "triplet"})
_AIMS = words("aims")
_GOALS = words("goals")
_HELD = re.compile(
    r"favou?rite|go-?to|usual|native|blood type|budget|salary|rent|^job$|phone|car|laptop|shoe|"
    r"size|"
    r"address|hometown|goal|dream|religion|diet|hobb(?:y|ies)|nationality|language|tongue|sign|"
    r"pronouns|time ?zone|nickname|major|degree|stack|editor|bike|star|weakness|strength|"
    r"profession|occupation|employer|surname|last name|first name|middle name|income|mortgage|"
    r"commute|bedtime|computer|camera|instrument|comfort|guilty pleasure|of choice|happy place|"
    r"pet peeve|surname"
)
_ON_ONES_OWN = re.compile(r"\b(?:on (?:my|our) own|by myself)\b")
_TYPE = re.compile(r"\btype-(?=\d\b)")  # joined for the parser
_PHONE_DIGITS = 6
_PASSING = words("passing")
_COLORS = words("colors")
_IDLE_ACTS = words("idle_acts")
_TRANSIENT = re.compile(
    r"\b(?:today|tonight|right now|at the moment|this (?:morning|evening|afternoon|week|time)|"
    r"for now|for a (?:bit|while|moment)|yesterday|yet)\b",
    re.IGNORECASE,
)
_PARTLY = re.compile(
    r"\b(?:(?:in|during) (?:the )?(?:week|summer|winter|spring|autumn|holidays|term)|part[ -]time|"
    r"(?:on|at) (?:the )?weekends?|on (?:\w+days|the side)|for (?:now|a (?:bit|while))|"
    r"half (?:of )?the (?:time|week|year)|sometimes|temporarily)\b",
    re.IGNORECASE,
)
"""What leaves room for another home or job beside one."""
_LEFT_SO = re.compile(
    r"\bleft (?:(?:the|my|our) )?[\w'-]+ (?:open|on|off|running|alone|behind|unlocked|muted|closed|"
    r"unread)\b(?! \w+day)",
    re.IGNORECASE,
)
_INSTEAD = re.compile(r",?\s+(?:and )?not (?:in |at |for )?(?P<old>[^,.;!?]+?)[.!]*$")


def stated(assertion: Assertion, plain: str) -> Iterator[Slot]:
    """The facts that an assertion gives; `plain` is its clause."""
    if assertion.topic:
        yield from _possessed(assertion)
        return
    old = _INSTEAD.search(plain)
    for who in assertion.subjects:
        subject, one = subject_of(who)
        for slot in _of_subject(assertion, plain):
            if _is_only_ours(slot, who, assertion):
                continue
            instead = old["old"].lower() if old and not slot.negated else ""
            yield replace(slot, subject=subject, single=slot.single and one, instead_of=instead)
        if who != "user":
            yield from told_of(assertion, who, plain)


def _is_only_ours(slot: Slot, who: str, assertion: Assertion) -> bool:
    """Whether a fact is the speaker's alone: what they sold together, what is eaten of theirs."""
    together = "user" in assertion.subjects and assertion.tense == "past" and slot.negated
    ours = slot.attribute == "eats" and any(
        term.article in {"my", "our"} for term in assertion.terms("object"))  # fmt: skip
    return who != "user" and (together or ours)


def _of_subject(assertion: Assertion, plain: str) -> Iterator[Slot]:
    yield from _ability(assertion)
    yield from turned(assertion)
    yield from _wished(assertion)
    framed = [slot for frame in FRAMES for slot in _framed(frame, assertion, plain)]
    yield from framed
    act = assertion.phrase.split(" ")[0]
    turns = (assertion.ended or assertion.begun) and not framed
    plainly = re.fullmatch(r"\w+(?: (?!(?:the|my|our|me|us)\b)\w+){0,2}", assertion.phrase)
    if turns and plainly and act.endswith("ing") and act not in _IDLE_ACTS:
        yield Slot("does", assertion.phrase.lower(), single=False, negated=assertion.ended)
    aged = (assertion.verb == "turn" and assertion.tense in {"past", "perfect"}) or (
        assertion.verb == "be" and "user" not in assertion.subjects
    )
    for slot in ("is", "measure", "object") if aged else ():
        for term in assertion.terms(slot):
            age = re.fullmatch(rf"({_AGE})(?: years?)?(?: old)?", term.lower)
            if age:
                yield Slot("age", age[1], single=True)


def _framed(frame: Frame, assertion: Assertion, plain: str) -> Iterator[Slot]:
    state = frame.attribute == "is" and (assertion.became or not frame.changes)
    adjective = state and assertion.verb.startswith("be ")
    if assertion.verb not in frame.verbs and not adjective:
        return
    if (adjective and "to" in assertion.slots) or (state and is_pet_as_person(assertion)):
        return
    if frame.attribute == "lives_in" and not frame.beside and not _moves_house(assertion):
        return
    if frame.ends and _LEFT_SO.search(plain):
        return  # `I left Teams open`
    heads = {term.head for terms in assertion.slots.values() for term in terms}
    if frame.beside and not heads.intersection(frame.beside):
        return
    how = _holds(frame, assertion, plain)
    if not how:
        return
    for term in map(short, assertion.terms(*frame.slots)):
        if fits(frame.filler, term):
            yield from _valued(frame, assertion, term, _denied(how, term))


def _moves_house(assertion: Assertion) -> bool:
    """Whether one lives or moves oneself: not one's best life, one's savings, or to a team."""
    itself = all(term.head in {"house", "home"} for term in assertion.terms("object"))
    return itself and all(fits("destination", term) for term in assertion.terms("to"))


def _holds(frame: Frame, assertion: Assertion, plain: str) -> str:
    """Whether the frame says what `is`, `was` or is `not`; nothing if it does not say."""
    able = not assertion.can or frame.attribute in _ABLE
    refused = assertion.tense == "future" and assertion.negated and frame.attribute in _ABLE
    if refused and not _TRANSIENT.search(plain):
        return "not"
    since = assertion.tense == "perfect" and assertion.lasting  # `have been eating since`
    going_on = assertion.progressive and not (frame.progressive or frame.changes or since)
    if assertion.tense == "future" or not able or going_on:
        return ""
    if frame.changes or assertion.became:
        done = assertion.tense in {"past", "perfect"}
        return ("not" if frame.ends else "is") if done and not assertion.negated else ""
    if assertion.negated:
        ever = assertion.tense == "perfect" and "never" not in assertion.adverbs
        return "" if ever or assertion.tense == "past" else "not"
    if assertion.tense == "past":
        return "was" if frame.attribute in _FORMER and not _is_short(assertion, plain) else ""
    return "is" if _lasts(frame, assertion, plain) else ""


def _is_short(assertion: Assertion, plain: str) -> bool:
    """Whether a past is no state that is over: a birth, or what was done today."""
    born = assertion.verb == "have" and any(
        term.head in CHILDREN | _BABIES for term in assertion.terms("object"))  # fmt: skip
    return born or _TRANSIENT.search(plain) is not None


def _lasts(frame: Frame, assertion: Assertion, plain: str) -> bool:
    """Whether what is said of now, or since then, is more than a moment's."""
    if frame.attribute == "works_at" and assertion.verb == "be":
        return assertion.tense == "perfect" or bool(re.search(r"\b(?:am|are|is) now at\b", plain))
    if frame.attribute in {"has", "is"} and _TRANSIENT.search(plain):
        return False
    return assertion.tense != "perfect" or assertion.lasting or assertion.verb.startswith("be")


def _denied(how: str, term: Term) -> str:
    """`I have no kids` denies."""
    return {"is": "not"}.get(how, how) if term.article == "no" else how


def _valued(frame: Frame, assertion: Assertion, term: Term, how: str) -> Iterator[Slot]:
    value = _value(frame, assertion, term)
    if frame.attribute in {"taste", "distaste"}:
        if how == "is" or (how == "not" and frame.attribute == "taste"):
            yield taste(value, likes=(frame.attribute, how) == ("taste", "is"))
    elif frame.attribute == "eats":
        yield Slot("avoids" if how == "not" else "eats", value, single=False)
    elif how == "was":
        yield Slot(f"formerly_{frame.attribute}", value, single=False)
    elif how == "is" or frame.ends or assertion.ended or frame.attribute not in _HELD_ONLY:
        single = frame.single and _is_all(frame, term, assertion)
        yield Slot(frame.attribute, value, single, negated=how == "not")
    if frame.attribute == "is" and how == "is":
        for place in assertion.terms("at"):
            if fits("company", place):
                yield Slot("works_at", place.lower, single=True)


def _is_all(frame: Frame, term: Term, assertion: Assertion) -> bool:
    """Whether a value takes the place of another: not `also`, `at weekends`, `the old town`."""
    part = assertion.adverbs & {"also", "too"} or _PARTLY.search(assertion.phrase)
    return not part and (frame.attribute != "lives_in" or term.text[:1].isupper())


def _value(frame: Frame, assertion: Assertion, term: Term) -> str:
    text = _work(assertion) if frame.filler == "project" else term.text
    if frame.attribute == "uses" and term.head in {"subscription", "membership", "account"}:
        text = text.rsplit(" ", maxsplit=1)[0]
    return " ".join(_TYPE.sub("type ", text.lower()).strip(" ,.'\"").split())


def _work(assertion: Assertion) -> str:
    """What is worked on, with all that is said of it: `a chess engine in Rust`."""
    return re.sub(r"^\w+ (?:on )?(?:a|an|my|our|the) ", "", assertion.phrase)


def _ability(assertion: Assertion) -> Iterator[Slot]:
    """`I can't swim`, and what one cannot stand."""
    if assertion.can and assertion.negated and assertion.verb == "stand":
        words = assertion.phrase.split(" ")[1:]
        bare = [Term(" ".join(words), head=words[-1])] if 0 < len(words) <= 2 else []  # noqa: PLR2004
        for term in assertion.terms("object") or bare:
            if fits("taste", term):
                yield taste(term.text.lower(), likes=False)
    elif assertion.can and assertion.negated and assertion.verb in {"have", "eat", "drink"}:
        for term in assertion.terms("object"):
            if fits("food", term):
                yield Slot("avoids", term.lower, single=False)
    elif assertion.can and assertion.verb in _SKILLS and not assertion.terms("object"):
        yield Slot(f"can {assertion.verb}", "no" if assertion.negated else "yes", single=True)


_SOON = frozenset({"plan", "hope", "train", "save", "try", "get", "buy", "adopt"})
"""Verbs that tell of what is to come when it is going on."""


def _wished(assertion: Assertion) -> Iterator[Slot]:
    """Preferences and lasting goals."""
    if assertion.tense != "present" or assertion.negated or assertion.progressive:
        wished = assertion.verb in _SOON and assertion.progressive and not assertion.negated
        if not wished:
            return
    if assertion.verb == "prefer" or assertion.rather:
        value = assertion.phrase.split(" ", maxsplit=1)[-1].lower()
        value = re.sub(r" (?:especially|really|though|too|actually|more|mostly)$", "", value)
        if not re.match(r"(?:it|that|this|not|to)\b", value) and " " in assertion.phrase:
            yield Slot("prefers", re.sub(r"^(?:the|a|an|my)\s", "", value), single=False)
    soon = assertion.verb in {"get", "buy", "adopt"} and assertion.progressive
    for term in assertion.terms("object") if soon else ():
        if fits("possession", term) and term.article:
            yield Slot("goal", f"{assertion.verb} {term.lower}", single=False)
    for term in assertion.slots.get("to do", []):
        if (
            assertion.verb in _AIMS
            and term.head in _GOALS
            and " " in term.text
            and not re.search(r"\b(?:it|that|this|them|there|you|here)\b", term.text)
        ):
            yield Slot("goal", re.sub(r"\b(?:a|an|the) ", "", term.text.lower(), count=1),
                       single=False)  # fmt: skip


def _possessed(assertion: Assertion) -> Iterator[Slot]:
    """`My favorite color is blue`: the noun is the attribute."""
    topic, head = assertion.topic, assertion.topic.split()[-1]
    terms = assertion.terms("is", "object")
    be = assertion.verb.split(" ")[0] == "be"
    if not be or not terms or assertion.tense != "present" or assertion.progressive:
        return
    if head in {"name", "names"}:
        for term in terms:
            if fits("person", term) and topic != "name":
                role = topic.removesuffix(" name").removesuffix(" names")
                yield Slot(topic, term.text.lower(), role in ONE_OF_A_KIND, assertion.negated)
        return
    topic = re.sub(r"^(?:own|personal|new|current) ", "", topic)
    digits = sum(map(str.isdigit, terms[0].text))
    if topic in {"number", "mobile", "mobile number", "cell"} and digits >= _PHONE_DIGITS:
        topic = "phone number"
    if not _HELD.search(topic) or head.rstrip("s") in _PASSING:
        return
    for term in terms:
        color = term.head in _COLORS and "color" in topic
        number = bool(re.search(r"\d", term.text))
        if (
            color
            or number
            or ((term.tag.startswith("NN") or term.tag == "VBG") and (fits("thing", term)))
        ):
            yield Slot(topic, term.text.lower(), len(terms) == 1, assertion.negated)
