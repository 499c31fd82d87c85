"""The words of a question, as they may stand in code: without what all questions have, and stemmed.

`retries` finds `retry`, `RETRY_DELAY` and `maxRetries`: a stem may stand anywhere in a word.
"""

import re
import threading
from dataclasses import dataclass

import Stemmer

from keepsake.scanner.search.expressions import Expression, SearchDeadline, literal

_MOST_WORDS = 24
_WORD = re.compile(r"[^\W_]+(?:_+[^\W_]+)*")
_STOP = frozenset({
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be",
    "been", "before", "being", "between", "by", "can", "code", "could", "did", "do", "does",
    "doing", "done", "during", "each", "file", "find", "for", "from", "get", "gets", "given",
    "go", "had", "has", "have", "how", "i", "if", "implement", "implementation", "implemented",
    "implements", "in", "inside", "into", "is", "it", "its", "itself", "like", "line", "made",
    "make", "makes", "many", "me", "more", "most", "my", "no", "not", "of", "off", "on", "only",
    "or", "other", "our", "out", "over", "own", "please", "show", "so", "some", "such", "than",
    "that", "the", "their", "them", "then", "there", "these", "they", "this", "those",
    "through", "to", "under", "up", "us", "use", "used", "uses", "using", "very", "want", "was",
    "we", "were", "what", "when", "where", "which", "while", "who", "whose", "why", "will",
    "with", "would", "you", "your", "happen", "happens", "handle", "handled", "handles", "work",
    "works",
})  # fmt: skip
"""What stands in questions and says nothing of what is looked for."""
_MARKS = "`'\",;:?!"
_STEMMED, _SHORTEST = 4, 3
"""Shorter words stand as they are."""
_INNER_CAPITAL = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}[a-z]")
_local = threading.local()


@dataclass(frozen=True, slots=True)
class SearchWord:
    """What finds a word in texts, and how it begins in names; empty for no name's part."""

    stem: str
    expression: Expression
    plain: re.Pattern[bytes] | None = None
    """The same for a text in lower case, where the word is of ASCII: it is soon looked through."""

    def places(self, text: bytes, low: bytes, deadline: SearchDeadline) -> list[int]:
        """Where it stands in a text; `low` is the text in lower case.

        Raises:
            OutOfTime: The deadline is over.
        """
        if self.plain is None:
            return [first for first, _ in self.expression.spans(text, deadline)]
        deadline.check()
        return [match.start() for match in self.plain.finditer(low)]

    @classmethod
    def of(cls, expression: Expression) -> "SearchWord":
        """What has to be there, counted like a word."""
        return cls("", expression)


def search_words(text: str) -> list[SearchWord]:
    """The words that matter, each once; all words where none of them matters."""
    listed = list(dict.fromkeys(word.lower() for word in _WORD.findall(text)))
    kept = [word for word in listed if word not in _STOP and len(word) > 1] or listed
    return [_search_word(word) for word in kept[:_MOST_WORDS]]


def without_common(text: str) -> str:
    """A text without the words that say nothing; as it is where it has no others."""
    kept = [word for word in text.split() if word.strip(_MARKS).lower() not in _STOP]
    return " ".join(kept) or text


def names_in(text: str) -> list[str]:
    """What in a question is spelt as only names are: `a_b`, `aB`, `a.b`, `a::b`, `a()`."""
    names: dict[str, None] = {}
    for written in text.split():
        name = written.strip(_MARKS).removesuffix("()").strip(".")
        inside = name.replace("::", ".").replace("#", ".")
        if name and ("." in inside or "_" in name or _INNER_CAPITAL.search(name)
                     or written.rstrip("?.,`").endswith("()")):  # fmt: skip
            names[name] = None
    return list(names)


def _search_word(word: str) -> SearchWord:
    stem, pattern = _stem(word), literal(_stem(word))
    if stem.endswith("i") and stem != word:
        stem = stem[:-1]
        pattern = f"{literal(stem)}[iy]"
    plain = re.compile(pattern.encode()) if word.isascii() else None
    return SearchWord(stem, Expression(pattern, case=False), plain)


def _stem(word: str) -> str:
    if len(word) < _STEMMED or not word.isascii() or "_" in word or not word.isalpha():
        return word
    if not hasattr(_local, "stemmer"):  # one may not be used by two threads at once
        _local.stemmer = Stemmer.Stemmer("english")
    stem = str(_local.stemmer.stemWord(word))
    return stem if len(stem) >= _SHORTEST else word
