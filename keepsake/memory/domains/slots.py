"""What stands in a clause beside its verb and subject: terms in slots, and phrases."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from keepsake.memory.domains import words
from keepsake.memory.models import Term

if TYPE_CHECKING:
    from spacy.tokens import Token

_LEFT = words("left")
_DETERMINERS = words("determiners")
_HOMES = words("homes")
_COMPLEMENTS = {"dobj": "object", "oprd": "object", "attr": "is", "acomp": "is", "xcomp": "object",
                "npadvmod": "measure"}  # fmt: skip
_HOLDERS = frozenset({"acomp", "attr", "dobj", "prt", "advmod"})
"""What a preposition of the verb may have been hung on."""


def is_passive(verb: "Token") -> bool:
    """Whether a verb says what is done to its subject."""
    return verb.tag_ in {"VBN", "JJ"} and any(child.dep_ == "auxpass" for child in verb.children)


def slots_of(verb: "Token") -> dict[str, list[Term]]:
    """What stands beside a verb: by preposition, and `object`, `is` and `measure`."""
    slots: dict[str, list[Term]] = {}
    for child in verb.children:
        name = _COMPLEMENTS.get(child.dep_) if child.tag_ != "IN" else None
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
    if is_passive(verb):
        slots.setdefault("is", [Term(verb.text, verb.text, verb.lower_, "VBN")])
    return slots


def _is_bare(word: "Token") -> bool:
    return all(child.dep_ in {"advmod", "punct"} for child in word.children)


def _complement(child: "Token") -> list[Term]:
    if child.dep_ == "acomp":
        return [_adjective(each) for each in (child, *child.conjuncts)]
    if child.dep_ == "xcomp":
        return [Term(phrase(child, short=True), phrase(child), child.lower_, child.tag_)]
    return terms_of(child)


def _far_place(verb: "Token", slots: dict[str, list[Term]]) -> None:
    """A place that was hung on another noun: `I live with Ana in Rome`, `in a flat in Rome`."""
    places = (t for t in verb.subtree if t.head.lower_ == "in" and _is_place(t))
    place = next((t for t in places if t.head.head.dep_ not in {"relcl", "advcl", "ccomp"}), None)
    near = slots.get("in", [])
    if place is not None and all(term.head in _HOMES for term in near):
        slots["in"] = [*near, *terms_of(place)]


def _is_place(noun: "Token") -> bool:
    """Whether it names a place: what a home is in does, where the tagger errs."""
    return noun.ent_type_ == "GPE" or (
        noun.tag_.startswith("NNP") and noun.head.head.lemma_.lower() in _HOMES
    )


def _prepositional(slots: dict[str, list[Term]], preposition: "Token") -> None:
    for child in preposition.children:
        if child.dep_ in {"pobj", "pcomp"}:
            slots.setdefault(preposition.lower_, terms_of(child))
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


def terms_of(noun: "Token") -> list[Term]:
    """A noun and those that are joined to it."""
    first = term_of(noun)
    tokens = noun_tokens(noun)
    shared = tokens[0].lower_ if tokens[0].lower_ == "the" or tokens[0].tag_ == "PRP$" else ""
    others = (term_of(each) for each in noun.conjuncts if each.i > noun.i)
    return [first, *(replace(each, article=each.article or shared) for each in others)]


def term_of(noun: "Token") -> Term:
    """A noun with what stands before it, or an act with its object."""
    if noun.tag_ == "VBG" and noun.dep_ != "compound":
        return Term(phrase(noun, short=True), phrase(noun), noun.lower_, "VBG")
    tokens = noun_tokens(noun)
    article = tokens[0].lower_ if tokens and tokens[0].lower_ in _DETERMINERS else ""
    while len(tokens) > 1 and tokens[0].lower_ in _DETERMINERS:
        tokens = tokens[1:]
    return Term(
        text=joined(tokens),
        full=joined(noun_tokens(noun, ("prep",))).removeprefix(article).strip(),
        head=noun.lemma_.lower(),
        tag=noun.tag_,
        entity=noun.ent_type_,
        article=article,
    )


def noun_tokens(noun: "Token", also: tuple[str, ...] = ()) -> list["Token"]:
    """The noun with what stands before it, and its `of`."""
    kept = [noun]
    for child in noun.children:
        before = child.i < noun.i and child.dep_ in _LEFT
        name = child.i > noun.i and child.dep_ in {"compound", "nummod", *also}
        if child.dep_ == "appos" and child.tag_ not in {"NNP", "NNPS"}:
            continue
        of = child.dep_ == "prep" and child.lower_ == "of"
        if before or name or of or (child.dep_ == "case" and child.i == noun.i + 1):
            kept += [t for t in child.subtree if t.dep_ not in {"relcl", "advcl"}]
    tokens = sorted(set(kept), key=lambda token: token.i)
    while len(tokens) > 1 and tokens[0].is_punct:
        tokens = tokens[1:]
    while len(tokens) > 1 and tokens[-1].is_punct:
        tokens = tokens[:-1]
    return tokens


def phrase(verb: "Token", *, short: bool = False) -> str:
    """A verb with its object and what belongs to it: `play the guitar`; if short, no more."""
    kept = [verb]
    with_it = {"dobj", "prt", "compound"} if short else {
        "dobj", "prt", "acomp", "prep", "attr", "dative", "advmod", "compound",
        "xcomp"}  # fmt: skip
    for child in verb.children:
        if child.dep_ in with_it and child.i > verb.i:
            kept += [t for t in child.subtree if t.dep_ not in {"relcl", "advcl"}]
    return joined(sorted(kept, key=lambda token: token.i))


def joined(tokens: Sequence["Token"]) -> str:
    """The text of tokens that stand in this order."""
    texts = [
        token.text if token is not tokens[-1] and token.i + 1 == after.i and not token.whitespace_
        else f"{token.text} "
        for token, after in zip(tokens, [*tokens[1:], tokens[-1]], strict=True)
    ]  # fmt: skip
    return "".join(texts).strip()
