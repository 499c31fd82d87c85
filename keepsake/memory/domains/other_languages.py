"""The plainest statements of some other languages: home, name, employer, work, likes, allergies.

There is no grammar of them here. A statement begins a clause, its value has the form of a name or
of a kind of thing, and nothing but a new clause follows. All else is no fact; the turn is kept.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from keepsake.memory.domains import words
from keepsake.memory.domains.values import bare, taste
from keepsake.memory.languages.letters import QUESTION_MARKS, folded
from keepsake.memory.models import Slot

_CAPITAL = r"(?-i:[A-Z\u00c0-\u00d6\u00d8-\u00de])[\w'’.-]*"  # noqa: RUF001
_NAME = (
    rf"{_CAPITAL}(?: (?:(?:de|del|della|di|da|do|du|la|las|los|le|les|am|an der|sur) )?"
    rf"{_CAPITAL}){{0,3}}"
)
_WORD = r"[^\W\d_][\w'’-]*"  # noqa: RUF001
_ENDS = (
    r"(?=$|[.;!]|,? (?:und|et|y|e|pero|aber|mais|ma|weil|porque|perché|car)\b|, (?!wenn|falls|si|"
    r"se|quand|cuando|quando|sobald)| (?:seit|desde|depuis|dal|con|avec|mit|com|en un|en una|dans|"
    r"in einem|in einer)\b)"
)
_JOINED = r"(?:^|,?\s(?:und|et|y|e)\s)"
_ARTICLE = r"(?:l['’]|(?:el|los|las|le|les|il|lo|gli|la|i|o|os|a|as) )"  # noqa: RUF001
_KIND = rf"{_WORD}(?: (?:de|di|d['’]|à|al|alla) ?{_WORD}| {_WORD})?"  # noqa: RUF001
_GERMAN_KIND = rf"(?:(?!\w*ein|dies|jed|ihr|uns|euer|eure)[a-zäöüß]+e[nrs]? )?{_CAPITAL}"
_INFINITIVE = r"\w{2,}(?:ar|er|ir|are|ere|ire|re)(?:se|si)?"
_NO_VALUES = words("no_foreign_values")
"""What stands in such a place and is no home, work or taste: `Ich lebe in Scheidung`."""
_PLACES = words("foreign_places")
"""Where Spanish and Portuguese work as one works for a company: `trabajo en Madrid`."""
_MATERIAL = re.compile(
    r"(?i:[uü]bersetz|traduc|tradui|tradur|geschichte|histori[ae]|história|histoire|\bstoria|"
    r"gedicht|poem[ae]|poème|poesia|poesía|rolle|papel de|beispiel|ejemplo|exemple|esempio|exemplo|"
    r"imagin|immagin|stell dir vor|\bbrief|\bcarta|lettre|lettera|satz|frase|phrase|korrig|corrig|"
    r"corregg)"
)
"""A turn that hands over a text or asks for one: what it says is nobody's."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """What begins a clause of another language: after `wenn` the same words say something else."""

    attribute: str
    says: re.Pattern[str]
    denies: re.Pattern[str] | None
    single: bool


def _phrase(
    attribute: str, says: str, value: str, denies: str = "", *, single: bool = True
) -> _Phrase:
    told = rf"\s?(?P<v>{value})(?: (?:um)?gezogen)?{_ENDS}"
    denial = re.compile(rf"^(?:{denies}){told}", re.IGNORECASE) if denies else None
    return _Phrase(attribute, re.compile(rf"{_JOINED}(?:{says}){told}", re.IGNORECASE), denial,
                   single)  # fmt: skip


_PHRASES = (
    _phrase("lives_in", r"(?:(?:ich )?(?:wohne|lebe)(?: jetzt)? in|ich bin nach"
            r"(?= \S+ (?:um)?gezogen)|j['’]habite (?:à|en|au)|je vis (?:à|en|au)|(?:yo )?vivo en|"  # noqa: RUF001
            r"abito a|vivo a|moro em|vivo em) ", _NAME,
            r"(?:(?:yo )?ya no vivo en|je n['’]habite plus (?:à|en|au)|je ne vis plus (?:à|en|au)|"  # noqa: RUF001
            r"ich (?:wohne|lebe) nicht mehr in|non (?:vivo|abito) più a|(?:já )?não (?:moro|vivo) "
            r"(?:mais )?em) "),
    _phrase("name", r"(?:ich hei(?:ß|ss)e|mein name ist|je m['’]appelle|me llamo|mi nombre es|"  # noqa: RUF001
            r"mi chiamo|meu nome é|chamo-me) ", _NAME),
    _phrase("works_at", r"(?:(?:ich )?arbeite (?:bei|für)|(?:je )?travaille (?:chez|pour)|"
            r"trabajo (?:en|para)|lavoro (?:per|presso)|trabalho (?:na|no|para)) ", _NAME,
            r"(?:ya no trabajo (?:en|para)|je ne travaille plus (?:chez|pour)|ich arbeite nicht "
            r"mehr (?:bei|für)|non lavoro più (?:per|presso)|(?:já )?não trabalho (?:mais )?(?:na|"
            r"no|para)) "),
    _phrase("works_as", r"(?:(?:ich )?arbeite als) ", rf"{_CAPITAL}"),
    _phrase("works_as", r"(?:(?:je )?travaille comme|trabajo como|lavoro come|trabalho como) ",
            r"(?!un\b|une\b|una\b|uno\b|um\b|uma\b)[^\W\d_]{4,}"),
    _phrase("likes", r"ich (?:mag|liebe) ", _GERMAN_KIND, single=False),
    _phrase("likes", r"(?:j['’](?:aime|adore)|me gustan?|me encantan?|mi piac(?:e|ciono)) ",  # noqa: RUF001
            rf"(?:{_ARTICLE}{_KIND}|{_INFINITIVE})", single=False),
    _phrase("likes", r"(?:eu )?gosto de ", _KIND, single=False),
    _phrase("allergic_to", r"(?:ich bin allergisch (?:gegen|auf)|je suis allergique (?:à|aux|au)|"
            r"soy alérgic[oa] (?:a|al)|sono allergic[oa] (?:a|alle|al|alla|ai)|sou alérgic[oa] "
            r"(?:a|ao)) ", rf"(?:{_ARTICLE})?{_KIND}", single=False),
)  # fmt: skip


_ASKS = {
    attribute: re.compile(asks) for attribute, asks in {
        "lives_in": r"(?:wo|in welcher stadt) (?:wohne|lebe) ich(?: jetzt)?|"
        r"(?:donde|en que ciudad) vivo(?: yo| ahora)?|ou (?:est-ce que )?(?:j'habite|je vis)|"
        r"(?:dove|in quale citta) (?:abito|vivo)|(?:onde|em que cidade) (?:eu )?(?:moro|vivo)",
        "name": r"wie heisse ich|wie ist mein name|como me llamo|cual es mi nombre|"
        r"comment (?:est-ce que )?je m'appelle|quel est mon nom|come mi chiamo|"
        r"qual e il mio nome|como (?:eu )?me chamo|qual e o? ?meu nome",
        "works_at": r"(?:wo|bei welcher firma) arbeite ich|(?:donde|para quien) trabajo|"
        r"ou (?:est-ce que )?je travaille|dove lavoro|onde (?:eu )?trabalho",
        "allergic_to": r"(?:wogegen|gegen was|worauf) bin ich allergisch|a que soy alergic[oa]|"
        r"a quoi (?:suis-je|est-ce que je suis) allergique|a (?:che )?cosa sono allergic[oa]|"
        r"a que (?:eu )?sou alergic[oa]",
    }.items()
}  # fmt: skip
"""What a question is, folded and as a whole, that asks for an attribute of the user's."""


def asked_abroad(question: str) -> frozenset[str]:
    """The attributes of the user's that a question in another language asks for."""
    plain = folded(question).strip(" ?¿!.\n")
    return frozenset(attribute for attribute, asks in _ASKS.items() if asks.fullmatch(plain))


def is_own(turn: str) -> bool:
    """Whether a turn has nothing of texts in it, which may be somebody else's words."""
    return _MATERIAL.search(turn) is None


def foreign_facts(text: str) -> Iterator[Slot]:
    """The facts of a clause in another language than English."""
    if text.rstrip().endswith(QUESTION_MARKS):
        return
    said = text.rstrip(".! ")
    for phrase in _PHRASES:
        denied = phrase.denies.search(said) if phrase.denies else None
        match = denied or phrase.says.search(said)
        if match is None:
            continue
        value = bare(re.sub(rf"^{_ARTICLE}", "", match["v"], flags=re.IGNORECASE))
        if _tells(phrase.attribute, value):
            likes = phrase.attribute == "likes"
            slot = Slot(phrase.attribute, value, phrase.single, negated=denied is not None)
            yield taste(value, likes=True) if likes else slot


def _tells(attribute: str, value: str) -> bool:
    plain = folded(value)
    if attribute == "works_at" and plain in _PLACES:
        return False
    return bool(plain) and _NO_VALUES.isdisjoint(plain.split())
