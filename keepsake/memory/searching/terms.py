"""The stems of texts' words, by which the search finds them."""

import threading
from functools import lru_cache
from types import MappingProxyType

import Stemmer

from keepsake.memory.languages.detection import ENGLISH, LANGUAGES, language_of, stop_words
from keepsake.memory.languages.letters import LATIN, is_blankless, parts, script_of, words_of

_STEMMER_OF = MappingProxyType({
    "CYRILLIC": "russian", "GREEK": "greek", "ARABIC": "arabic", "ARMENIAN": "armenian",
})  # fmt: skip
"""By the rules of which language words of other scripts than Latin are stemmed."""
_STEMMED = frozenset(Stemmer.algorithms())
_local = threading.local()


def terms(text: str, language: str = ENGLISH) -> list[str]:
    """The stems of a text's words; all words when nothing but stop words is there.

    language: by whose rules Latin words are read.
    """
    return _stemmed(words_of(text), language)


def own_terms(text: str) -> tuple[list[str], str]:
    """The stems of a text's words, and the language by whose rules they were made: its own."""
    words = words_of(text)
    spoken = language_of(text, words)
    language = spoken if spoken in LANGUAGES else ENGLISH
    return _stemmed(words, language), language


def stems(text: str) -> frozenset[str]:
    """The stems of a text's words, each once."""
    return frozenset(terms(text))


def _stemmed(words: list[str], language: str) -> list[str]:
    if language != ENGLISH:
        words = [part for word in words for part in word.split("'")]
    stop = stop_words(language)
    telling = [word for word in words if word not in stop]
    return [stem for word in telling or words for stem in word_stems(word, language)]


@lru_cache(maxsize=1 << 16)
def word_stems(word: str, language: str = ENGLISH) -> tuple[str, ...]:
    """The stem of a word, or its parts where words are joined."""
    script, stop = script_of(word), stop_words(language)
    stemmer = _stemmer(language if script == LATIN else _STEMMER_OF.get(script, ""))
    if stemmer is not None:
        return (str(stemmer.stemWord(word)),)
    whole = parts(word)
    telling = (part for part in whole if not (is_blankless(script) and part in stop))
    return tuple(telling) or tuple(whole)


def _stemmer(language: str) -> Stemmer.Stemmer | None:
    """One for each thread and language: they keep state. None where there are no rules."""
    if language not in _STEMMED:
        return None
    if not hasattr(_local, "stemmers"):
        _local.stemmers = {}
    stemmers: dict[str, Stemmer.Stemmer] = _local.stemmers
    if language not in stemmers:
        stemmers[language] = Stemmer.Stemmer(language)
    return stemmers[language]
