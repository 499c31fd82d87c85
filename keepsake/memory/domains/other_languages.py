"""The plainest statements of some other languages: home, name, age, work, family, likes, diet.

There is no grammar of them here. A statement begins a clause, its value has the form of a name or
of a kind of thing, or is a word that is known, and nothing but a new clause follows. All else is no
fact; the turn is kept. How each language says it is data (`other_languages.toml`). Accents that a
hasty writer leaves out are not looked at; one who writes no capitals gives names none either.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from unicodedata import normalize

from keepsake.memory.domains import words
from keepsake.memory.domains.values import bare, taste
from keepsake.memory.languages.detection import language_of
from keepsake.memory.languages.letters import QUESTION_MARKS, folded
from keepsake.memory.models import Slot


def unaccented(text: str) -> str:
    """A text of as many letters, without their accents."""
    return "".join(normalize("NFD", letter)[0] for letter in normalize("NFC", text))


_CAPITAL = r"(?-i:[A-Z\u00c0-\u00d6\u00d8-\u00de])[\w'.-]*"
_NAME = (
    rf"{_CAPITAL}(?: (?:(?:de|del|della|di|da|do|du|la|las|los|le|les|am|an der|sur) )?"
    rf"{_CAPITAL}){{0,3}}"
)
_WORD = r"[^\W\d_][\w'-]*"
_END = (
    r"(?=$|[.;!]|,? (?:JOINS|weil|porque|perché|car)\b|, (?!wenn|falls|si|"
    r"se|quand|cuando|quando|sobald))"
)
_PLACE_END = (
    rf"(?:{_END}|(?= (?:seit|desde|depuis|dal?|con|avec|mit|com|hace|ha|en un|en una|dans|"
    r"in einem|in einer|el mes|el ano|por|pour|per|para|faz|l'an|l'anno|l'annee|l'ete|letztes|"
    r"dieses|im|mes passado|ano passado|no mes|no ano|agora|ahora|adesso|maintenant|jetzt)(?!\w)))"
)
_ARTICLE = r"(?:l'|(?:der|die|das|den|el|los|las|le|les|il|lo|gli|la|i|o|os|a|as) )"
_KIND = rf"{_WORD}(?: (?:de|di|d'|à|al|alla) ?{_WORD}| {_WORD})?"
_GERMAN_KIND = rf"(?:(?!\w*ein|dies|jed|ihr|uns|euer|eure)[a-zäöüß]+e[nrs]? )?{_CAPITAL}"
_INFINITIVE = r"\w{2,}(?:ar|er|ir|are|ere|ire|re)(?:se|si)?"
_DAY = r"\d{1,2}(?:\.|er)? (?:de |di )?[^\W\d_]{3,10}(?:,? (?:de |del )?(?:19|20)\d\d)?"
_FORMS = {
    "end": _END, "place_end": _PLACE_END, "capital": _CAPITAL, "name": rf"(?P<v>{_NAME})",
    "proper": rf"(?P<v>{_NAME})",
    "noun": rf"(?P<v>{_GERMAN_KIND})", "thing": rf"(?P<v>{_ARTICLE}?{_KIND})",
    "liked": rf"(?P<v>{_ARTICLE}{_KIND}|{_INFINITIVE})",
    "day": rf"(?P<v>{_DAY})", "number": r"(?P<v>[1-9]\d|1[01]\d)", "spoken": r"(?P<v>.+?)[.! ]*$",
}  # fmt: skip
"""What stands for these names in a phrase; `v` is the value."""
_SMALL = words("foreign_small_words")
_HASTY = rf"(?!(?:{'|'.join(sorted(map(unaccented, _SMALL)))})\b)[^\W\d_][\w'-]{{2,}}"
_HASTY_FORMS = {
    "capital": _HASTY, "noun": rf"(?P<v>{_HASTY})", "name": rf"(?P<v>{_HASTY}(?: {_HASTY})?)",
}  # fmt: skip
"""The same in a text without capitals: no small words, as nothing else tells a name."""
_NO_VALUES = words("no_foreign_values")
"""What stands in such a place and is no home, work or taste: `Ich lebe in Scheidung`."""
_POINTERS = words("foreign_pointers")
"""What alone means nothing outside its conversation: `J'aime les deux`."""
_PLACES = words("foreign_places")
"""Where Spanish and Portuguese work as one works for a company: `trabajo en Madrid`."""
_MATERIAL = re.compile(
    r"(?i:[uü]bersetz|traduc|tradui|tradur|\btraduz|geschichte|histori[ae]|história|histoire|"
    r"\bstoria|\bcuento|\bconto\b|\bracconto|gedicht|poem[ae]|poème|poesia|poesía|rolle|papel de|"
    r"beispiel|ejemplo|exemple|esempio|exemplo|imagin|immagin|stell dir vor|\bbrief|\bcarta|lettre|"
    r"lettera|satz|frase|phrase|korrig|corrig|corregg|tu so|spiel(?:e)? (?:den|die|einen|eine)\b|"
    r"du bist (?:jetzt|ab jetzt|mein)|\bhaz (?:de|como)\b|actúa|\bfinge|joue (?:le|la|un)\b|"
    r"f(?:ais|aisons) (?:comme|semblant)|facciamo finta|\bfing|tun wir so|"
    r"rollenspiel|spielen wir|hagamos (?:un juego|como)|juguemos|jeu de role|jeu de rôle|un jeu ?:|"
    r"gioco di ruolo|facciamo un gioco|\bjogo:|vamos (?:jogar|brincar)|"
    r"\bfai (?:il|la|finta)|\bfaz (?:de|um|uma)\b)"
)
"""A turn that hands over a text, asks for one or plays: what it says is nobody's."""
_SINGLE = frozenset({
    "lives_in", "from", "name", "age", "birthday", "works_at", "works_as", "formerly_lives_in",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Phrase:
    """How a clause states something of an attribute."""

    attribute: str
    says: re.Pattern[str]
    hastily: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Language:
    """How a language states something.

    supposed: a clause with it states nothing.
    english: names of relations and pets, by theirs without accents; so are `tongues`. spelled:
    hasty forms of words.
    """

    phrases: Sequence[_Phrase]
    supposed: re.Pattern[str]
    english: Mapping[str, str]
    tongue: re.Pattern[str]
    tongues: Mapping[str, str]
    joins: re.Pattern[str]
    spelled: Mapping[str, str]

    def facts(self, text: str) -> Iterator[Slot]:
        """What a clause states, if it is in this language."""
        said = _WORDS.sub(lambda match: self.spelled.get(match[0], match[0]), text)
        if self.supposed.search(said):
            return
        plain, hasty = unaccented(said), said == said.lower()
        for phrase in self.phrases:
            says = phrase.hastily if hasty else phrase.says
            for match in says.finditer(plain):
                told = (name for name, found in match.groupdict().items() if found is not None)
                parts = {name: said[slice(*match.span(name))] for name in told}
                yield from self._slots(phrase.attribute, parts)

    def _slots(self, attribute: str, parts: Mapping[str, str]) -> Iterator[Slot]:
        value = bare(re.sub(rf"^{_ARTICLE}", "", parts["v"], flags=re.IGNORECASE))
        who = parts.get("who", "").lower()
        named = self.english.get(unaccented(who), who)
        if attribute == "speaks":
            yield from self._spoken(value)
        elif attribute == "instruction" or _tells(attribute, value):
            yield _slot(attribute, value, who, named)

    def _spoken(self, value: str) -> Iterator[Slot]:
        """Each of a list of languages, up to what is none."""
        for member in self.joins.split(unaccented(value)):
            spoken = self.tongue.fullmatch(member)
            if spoken is None:
                return
            yield Slot("speaks", self.tongues[spoken["v"]], single=False)


def _slot(attribute: str, value: str, who: str, named: str) -> Slot:
    kind, _, of_kin = attribute.partition(" ")
    if attribute in {"likes", "dislikes"}:
        return taste(value, likes=attribute == "likes")
    if attribute == "owns_pet":
        return Slot(attribute, f"{who} {value}", single=False)
    if attribute in {"favorite", "kin name"}:
        return Slot(f"{attribute.removeprefix('kin ')} {who}" if kind == "favorite"
                    else f"{named} name", value, single=True)  # fmt: skip
    if kind == "kin":
        return Slot(of_kin, value, of_kin in _SINGLE, subject=named)
    told = attribute.removeprefix("no ")
    return Slot(told, value, told in _SINGLE, negated=kind == "no")


_SURE = 2
"""How many words tell a language; one that is told by fewer may be another of these."""


@cache
def _tables() -> Mapping[str, Mapping[str, Any]]:
    text = files(__package__).joinpath("other_languages.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def _language(name: str) -> _Language | None:
    """A language of the table, made up when it is first spoken: its patterns take 0.2 s."""
    table = _tables().get(name)
    return _made_up(table) if table else None


def is_supposed(text: str) -> bool:
    """Whether a clause in a language of the table states nothing, as somebody supposes or says it.

    So does one in any other language.
    """
    language = _language(language_of(text))
    return language is None or language.supposed.search(text) is not None


def _made_up(table: Mapping[str, Any]) -> _Language:
    lists = {name: _list(unaccented(value)) for name, value in table.items()
             if isinstance(value, str)}  # fmt: skip
    english = {own: name for group in ("kin", "pets") for name, listed in table[group].items()
               for own in _list(unaccented(listed))}  # fmt: skip
    pets = [own for listed in table["pets"].values() for own in _list(unaccented(listed))]
    joins = _any_of(lists["joins"])
    forms = {
        **_FORMS, **{name: f"(?P<v>{_any_of(members)})" for name, members in lists.items()},
        "counted": rf"(?P<v>(?:\d|{_any_of(lists['counts'])}) {_any_of(lists['members'])})",
        "own_pet": f"(?P<who>{_any_of(pets)})", "whose": f"(?P<who>{_any_of(list(english))})",
    }  # fmt: skip
    begins = rf"(?:^|,\s|,?\s{joins}\s)(?:{_any_of(lists['leads'])},?\s)?"

    def compiled(says: str, forms: Mapping[str, str]) -> re.Pattern[str]:
        """A phrase with its names replaced; `{3,20}` is none."""
        written = re.sub(r"\{([a-z_]+)\}", lambda match: forms[match[1]], says)
        plain = unaccented(written.replace("JOINS", joins))
        return re.compile(begins + plain, re.IGNORECASE)

    return _Language(
        [_Phrase(attribute, compiled(says, forms), compiled(says, {**forms, **_HASTY_FORMS}))
         for attribute, ways in table["says"].items() for says in ways],
        re.compile(rf"\b{_any_of(_list(table['supposed']))}\b", re.IGNORECASE),
        english,
        re.compile(rf"(?:{_any_of(lists['quite'])} ?)?(?P<v>{_any_of(lists['tongues'])})"),
        {unaccented(tongue): tongue for tongue in _list(table["tongues"])},
        re.compile(rf",\s*(?:{joins}\s)?|\s{joins}\s"), table["spelled"],
    )  # fmt: skip


_WORDS = re.compile(r"[\w']+")


def _list(text: str) -> list[str]:
    return [word.replace("_", " ") for word in text.split()]


def _any_of(members: Sequence[str]) -> str:
    return f"(?:{'|'.join(sorted(members, key=len, reverse=True))})"


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


def stated_part(text: str) -> str:
    """A clause without the question at its end; empty if it is one as a whole."""
    if not text.rstrip().endswith(QUESTION_MARKS):
        return text
    stated, _, asked = text.rpartition(",")
    asks_it = _ASKED_BACK.match(folded(asked).strip(" ?¿")) or "¿" in stated
    return "" if asks_it else stated


_ASKED_BACK = re.compile(
    r"(?:oder|ou|o|u)\b|(?:nicht(?: wahr)?|ne|gell|stimmt'?s|verdad|no|si|non|hein|n'est-ce pas|"
    r"vero|giusto|certo|nao|nao e|ok|okay|ja)$"
)
"""What asks whether the statement before it holds: `ich wohne in Rom, oder?`"""


def foreign_facts(text: str) -> Iterator[Slot]:
    """The facts of a clause in another language than English, each once."""
    whole = normalize("NFC", text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    said = stated_part(whole).rstrip(".! ")
    sure = language_of(text, otherwise="", least=_SURE)
    languages = map(_language, [sure] if sure else _tables())
    found = (slot for language in languages if language for slot in language.facts(said))
    yield from dict.fromkeys(found)


def _tells(attribute: str, value: str) -> bool:
    plain = folded(value)
    if plain in _POINTERS or (attribute == "works_at" and plain in _PLACES):
        return False
    return bool(plain) and _NO_VALUES.isdisjoint(plain.split())
