"""Statements that are turned round: `Oulu is where I live`, `the company I work for is Fugro`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokens import Token

_SUBJECTS = frozenset({"nsubj", "nsubjpass"})
_SIDES = frozenset({"nsubj", "csubj", "attr", "acomp", "ccomp", "advcl"})
_CLAUSES = frozenset({"csubj", "ccomp", "advcl"})
_WHERE = frozenset({"where"})


def turned_round(root: "Token") -> tuple["Token", str, "Token"] | None:
    """The verb that is meant, its slot that the other side of `is` fills, and what fills it.

    The slot is `subject` in `it is my sister who lives in Bergen`.
    """
    sides = [child for child in root.children if child.dep_ in _SIDES]
    if root.lemma_ != "be" or len(sides) != 2:  # noqa: PLR2004 - of an equation
        return None
    first, second = sides
    for side, other in ((first, second), (second, first)):
        verb = _clause(side)
        if verb is None or other.pos_ in {"VERB", "AUX"}:
            continue
        subject = next((c for c in verb.children if c.dep_ in _SUBJECTS), None)
        if subject is None:
            continue
        if other.lower_ == "it":
            return (verb, "subject", side) if subject.lower_ in {"who", "that"} else None
        gap = _gap(verb)
        if gap and subject.tag_ not in {"WP", "WDT"}:
            return verb, gap, other
    return None


def _clause(side: "Token") -> "Token | None":
    """The verb of a side that is a clause, or a noun with one."""
    if side.dep_ in _CLAUSES:
        return side if any(c.tag_ in {"WP", "WRB"} for c in side.children) else None
    return next((child for child in side.children if child.dep_ == "relcl"), None)


def _gap(verb: "Token") -> str:
    """What its clause leaves open: a preposition without a noun, a place, or its object."""
    for child in verb.children:
        if child.dep_ == "prep" and not list(child.children):
            return child.lower_
        if child.lower_ in _WHERE:
            return "in"
    has_object = any(c.dep_ == "dobj" and c.tag_ != "WP" for c in verb.children)
    return "" if has_object else "object"
