"""Questions about a person as a whole: `What do you know about me?`, `Describe the user`.

Such a question names a person, and beside them only words of knowing and telling. One word that
says what of them is asked for makes it another question: `What do you know about my job?`
"""

import re
from collections.abc import Iterable

from keepsake.memory.domains import words
from keepsake.memory.domains.frames import RELATIONS
from keepsake.memory.languages.detection import STOP
from keepsake.memory.languages.letters import words_of

USER = "user"
"""The subject of what users say of themselves, and who says what no speaker is named for."""


def _spelt(name: str) -> frozenset[str]:
    """A list of words as words are compared."""
    return frozenset(words_of(" ".join(words(name))))


_SELF, _OWN, _TELLING = _spelt("oneself"), _spelt("ones_own"), _spelt("telling") | STOP
_REGARDING, _DOSSIERS = _spelt("regarding"), _spelt("dossiers")
_ME, _PERSON = "\N{BULLET}", "\N{WHITE BULLET}"
"""What stands for a person: who asks, or somebody as a noun or a possessive."""
_THE = r"(?:(?:the|this|that|our|el|la|le|lo|o|il|den|der|dem|este|cet|cette|l) )?"
_AS_A_WHOLE = re.compile(
    rf"\b(?:{'|'.join(sorted(_REGARDING))}) {_THE}[{_ME}{_PERSON}]"
    rf"|{_PERSON} (?:\S+ ){{0,2}}?(?:{'|'.join(sorted(_DOSSIERS))})\b"
    rf"|\bwho (?:is|am) {_THE}{_PERSON}$"
)
"""A person as the topic: `about me`, `describe me`, `my profile`, `who is the user`."""


def persons_asked_about(
    query: str, known: Iterable[str], own_names: Iterable[str]
) -> frozenset[str]:
    """Whom a question is about as a whole, and nothing else of them; nobody in any other question.

    known: subjects of facts, and speakers. own_names: what the user is called, beside `me`.
    """
    said = words_of(query)
    if not {"who", *_REGARDING, *_DOSSIERS} & set(said):
        return frozenset()
    marked = _marked(said, _by_phrase(known, own_names))
    topic = _AS_A_WHOLE.search(" ".join(mark for mark, _ in marked))
    others = {mark for mark, _ in marked} - _TELLING - {_ME, _PERSON}
    if topic is None or others:
        return frozenset()
    persons = [whom for mark, whom in marked if mark in {_ME, _PERSON}]
    if topic[0].startswith("who") and persons != [{USER}]:
        return frozenset()  # `Who is Bob?` asks what somebody is to the user
    before = len(re.findall(f"[{_ME}{_PERSON}]", topic.string[: topic.start()]))
    return frozenset[str]().union(*persons[before:])


def _by_phrase(known: Iterable[str], own_names: Iterable[str]) -> dict[tuple[str, ...], set[str]]:
    """Persons by the words that name them; `sister ana` is the sister, and Ana."""
    named = [(name, USER) for name in own_names] + [(name, name) for name in known if name != USER]
    persons: dict[tuple[str, ...], set[str]] = {}
    for name, person in named:
        whole = tuple(words_of(name))
        parts = (whole[:1], whole[1:]) if whole[:1] and whole[0] in RELATIONS else ()
        for phrase in (whole, *parts):
            if phrase and not _TELLING.issuperset(phrase):
                persons.setdefault(phrase, set()).add(person)
    return persons


def _marked(
    said: list[str], persons: dict[tuple[str, ...], set[str]]
) -> list[tuple[str, set[str]]]:
    """The words of a question, with marks in the place of persons: `my sister` is one."""
    marked: list[tuple[str, set[str]]] = []
    longest = max(map(len, persons), default=0)
    at = 0
    while at < len(said):
        theirs = 1 if said[at] in {"my", "our"} else 0
        lengths = range(min(longest, len(said) - at - theirs), 0, -1)
        phrases = (tuple(said[at + theirs : at + theirs + length]) for length in lengths)
        phrase = next((phrase for phrase in phrases if phrase in persons), ())
        if phrase:
            marked.append((_PERSON, persons[phrase]))
        else:
            mark = _ME if said[at] in _SELF else _PERSON if said[at] in _OWN else said[at]
            marked.append((mark, {USER} if mark in {_ME, _PERSON} else set()))
        at += theirs + len(phrase) if phrase else 1
    return marked
