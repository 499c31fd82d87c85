r"""The language of searches: `retry lang:go -test:true path:src/ "exact phrase" /re.*gex/`.

    query   = { term }, separated by white space
    term    = [ "-" ] ( filter | phrase | regex | word )
    filter  = name ":" ( value | phrase )
    name    = "path" | "lang" | "kind" | "test" | "case" | "repo"
    phrase  = '"' characters, `\"` and `\\` '"'
    regex   = "/" an expression of RE2, `\/` "/"
    word    = characters without white space

A word that looks like a filter stands in quotes. `std::vector` and `http://` are words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from keepsake.scanner.errors import QueryProblem
from keepsake.scanner.globs import BadPattern, PathPattern, checked_pattern
from keepsake.scanner.kinds import KINDS
from keepsake.scanner.parse.languages import LANGUAGES, OTHER
from keepsake.scanner.search.expressions import Expression, UnusableExpression, literal
from keepsake.scanner.search.path_groups import is_test

_MOST_TERMS, _MOST_WORDS = 20, 200
MOST_QUERY_CHARACTERS = 1_000
_MOST_PATTERN = 500
_FILTERS = ("path", "lang", "kind", "test", "case", "repo")
_NAMED = re.compile(r"([a-z_]+):(?!:|//)", re.IGNORECASE)
_SPACE = re.compile(r"\s*")
_BARE = re.compile(r"[^\s]+")
_PHRASE = re.compile(r'"((?:[^"\\]|\\.)*)"')
_REGEX = re.compile(r"/((?:[^/\\]|\\.)+)/")
_ESCAPED = re.compile(r'\\(["\\])')
_GLOB_SIGNS = frozenset("*?[")
_LANGUAGES = {
    **{ending[1:]: language.name for language in LANGUAGES for ending in language.extensions},
    **{alias: language.name for language in LANGUAGES for alias in language.aliases.split()},
    **{language.name: language.name for language in LANGUAGES},
    OTHER: OTHER,
}
"""What a language may be called: also as editors and the ends of its files' names have it."""

TermKind = Literal["word", "phrase", "regex"]


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """What is looked for in texts."""

    kind: TermKind
    text: str
    negated: bool
    expression: Expression


@dataclass(frozen=True, slots=True)
class _PathFilter:
    text: str
    negated: bool
    glob: PathPattern | None

    def lets(self, path: str) -> bool:
        """Whether a path may be answered."""
        fits = (
            self.text in path.lower() if self.glob is None
            else self.glob.fits(path.lower().split("/"))
        )  # fmt: skip
        return fits != self.negated


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """What is looked for, and where."""

    terms: tuple[QueryTerm, ...]
    paths: tuple[_PathFilter, ...] = ()
    languages: frozenset[str] = frozenset()
    not_languages: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    not_kinds: frozenset[str] = frozenset()
    test: bool | None = None
    repositories: tuple[_PathFilter, ...] = ()

    @property
    def asked(self) -> str:
        """What is asked for, without expressions and filters."""
        return " ".join(
            term.text for term in self.terms if not term.negated and term.kind != "regex"
        )

    @property
    def strict(self) -> list[Expression]:
        """What has to be in a file where words are only asked for."""
        strict = (term for term in self.terms if not term.negated and term.kind != "word")
        return [term.expression for term in strict]

    @property
    def wanted(self) -> list[Expression]:
        """What has to be in a file."""
        return [term.expression for term in self.terms if not term.negated]

    @property
    def unwanted(self) -> list[Expression]:
        """What must not be in a file."""
        return [term.expression for term in self.terms if term.negated]

    def limited(self, by: "ParsedQuery") -> "ParsedQuery":
        """What is looked for together with what another query looks for, where that does."""
        return replace(by, terms=(*self.terms, *by.terms))

    def lets_file(self, path: str, language: str) -> bool:
        """Whether something in a file may be answered."""
        return (
            (not self.languages or language in self.languages)
            and language not in self.not_languages
            and (self.test is None or is_test(path) == self.test)
            and all(filter_.lets(path) for filter_ in self.paths)
        )

    def lets_folder(self, path: str) -> bool:
        """Whether something in a folder of unknown files may be answered."""
        return all(filter_.glob or filter_.lets(f"{path}/") for filter_ in self.paths)

    def lets_kind(self, kind: str) -> bool:
        """Whether a symbol of a kind may be answered."""
        return (not self.kinds or kind in self.kinds) and kind not in self.not_kinds

    def lets_repository(self, name: str) -> bool:
        """Whether something of a repository may be answered."""
        return all(filter_.lets(name) for filter_ in self.repositories)


def free_query(text: str) -> ParsedQuery:
    """A text in which nothing has a meaning of its own: words alone."""
    words = [word[:_MOST_PATTERN] for word in text.split()[:_MOST_WORDS]]
    expressions = [Expression(literal(word), case=False) for word in words]
    return ParsedQuery(
        tuple(
            QueryTerm("word", word, negated=False, expression=expression)
            for word, expression in zip(words, expressions, strict=True)
        )
    )


def parsed_query(text: str) -> ParsedQuery:
    """Read a query.

    Raises:
        QueryProblem: It cannot be read; with the place and what was expected there.
    """
    if not text.isprintable():
        place = next(place for place, char in enumerate(text) if not char.isprintable())
        raise QueryProblem("a character that cannot be printed", place, "printable characters")
    return _QueryReader(text).query()


@dataclass(frozen=True, slots=True)
class _Filter:
    name: str
    value: str
    negated: bool
    position: int


@dataclass(frozen=True, slots=True)
class _Found:
    kind: TermKind
    text: str
    negated: bool
    position: int


class _QueryReader:
    """Reads from left to right."""

    def __init__(self, text: str) -> None:
        self._text, self._position = text, 0

    def query(self) -> ParsedQuery:
        """All of it."""
        items = list(self._items())
        if len(items) > _MOST_TERMS:
            raise QueryProblem(
                f"more than {_MOST_TERMS} terms", items[_MOST_TERMS].position, "the end"
            )
        filters = [item for item in items if isinstance(item, _Filter)]
        case = _truth(filters, "case") or False
        terms = tuple(_term(item, case=case) for item in items if isinstance(item, _Found))
        by_name = {name: [item for item in filters if item.name == name] for name in _FILTERS}
        languages, not_languages = _parted(by_name["lang"], _LANGUAGES)
        kinds, not_kinds = _parted(by_name["kind"], {kind: kind for kind in KINDS})
        return ParsedQuery(
            terms,
            tuple(_path_filter(item) for item in by_name["path"]),
            languages,
            not_languages,
            kinds,
            not_kinds,
            _truth(filters, "test"),
            tuple(_path_filter(item) for item in by_name["repo"]),
        )

    def _items(self) -> Iterator[_Filter | _Found]:
        self._skip()
        while self._position < len(self._text):
            yield self._item()
            if self._position < len(self._text) and not self._text[self._position].isspace():
                raise QueryProblem(
                    "a term that goes on after its end", self._position, "white space"
                )
            self._skip()

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._position)
        self._position = match.end() if match else self._position

    def _item(self) -> _Filter | _Found:
        begin = self._position
        rest = self._text[begin + 1 : begin + 2]
        negated = self._text[begin] == "-" and bool(rest) and not rest.isspace()
        self._position += negated
        if named := _NAMED.match(self._text, self._position):
            return self._filter(named, negated=negated)
        if self._text[self._position] == '"':
            return _Found("phrase", self._phrase(), negated, begin)
        if self._text[self._position] == "/":
            return _Found("regex", self._regex(), negated, begin)
        return _Found("word", self._bare(), negated, begin)

    def _filter(self, named: re.Match[str], *, negated: bool) -> _Filter:
        name, begin = named[1].lower(), self._position
        if name not in _FILTERS:
            known = ", ".join(f"`{known}:`" for known in _FILTERS)
            raise QueryProblem(
                f"no filter is called `{name[:40]}`", begin, f"{known}, or the word in quotes"
            )
        self._position = named.end()
        if self._position >= len(self._text) or self._text[self._position].isspace():
            raise QueryProblem(f"`{name}:` without a value", self._position, "a value")
        quoted = self._text[self._position] == '"'
        at = self._position
        return _Filter(name, self._phrase() if quoted else self._bare(), negated, at)

    def _phrase(self) -> str:
        match = _PHRASE.match(self._text, self._position)
        if match is None:
            raise QueryProblem("a phrase without its end", len(self._text), 'a `"`')
        if not match[1]:
            raise QueryProblem("an empty phrase", self._position + 1, "a character")
        self._position = match.end()
        return _ESCAPED.sub(r"\1", match[1])

    def _regex(self) -> str:
        match = _REGEX.match(self._text, self._position)
        if match is None:
            raise QueryProblem(
                "a regular expression without its end", len(self._text),
                "a `/`; a word that begins with `/` stands in quotes",
            )  # fmt: skip
        self._position = match.end()
        return match[1].replace(r"\/", "/")

    def _bare(self) -> str:
        match = _BARE.match(self._text, self._position)
        if match is None:
            raise QueryProblem("nothing", self._position, "a word")
        self._position = match.end()
        return match[0]


def _term(found: _Found, *, case: bool) -> QueryTerm:
    if len(found.text) > _MOST_PATTERN:
        raise QueryProblem(
            f"a term of more than {_MOST_PATTERN} characters", found.position, "a shorter one"
        )
    pattern = found.text if found.kind == "regex" else literal(found.text)
    try:
        expression = Expression(pattern, case=case)
    except UnusableExpression as error:
        raise QueryProblem(
            f"no regular expression: {error}", found.position, "the syntax of RE2"
        ) from None
    return QueryTerm(found.kind, found.text, found.negated, expression)


def _truth(filters: list[_Filter], name: str) -> bool | None:
    """What a filter of yes or no says; None without one."""
    answer = None
    for item in filters:
        if item.name == name:
            values = {"yes": True, "true": True, "no": False, "false": False}
            if item.value.lower() not in values:
                raise QueryProblem(
                    f"`{name}:` of neither yes nor no", item.position, "`yes` or `no`"
                )
            answer = values[item.value.lower()] != item.negated
    return answer


def _parted(filters: list[_Filter], known: dict[str, str]) -> tuple[frozenset[str], frozenset[str]]:
    """The values that may be, and those that may not; several, separated by commas, are any."""
    parts: dict[bool, set[str]] = {True: set(), False: set()}
    for item in filters:
        for value in item.value.lower().split(","):
            if value not in known:
                raise QueryProblem(
                    f"no {'language' if item.name == 'lang' else 'kind'} is called `{value[:40]}`",
                    item.position,
                    ", ".join(sorted(set(known.values()))),
                )
            parts[item.negated].add(known[value])
    return frozenset(parts[False]), frozenset(parts[True])


def _path_filter(item: _Filter) -> _PathFilter:
    """A part of a path, or, with `*`, `?` or `[`, a pattern as in a .gitignore."""
    text = item.value.lower()
    if not _GLOB_SIGNS & set(text):
        return _PathFilter(text, item.negated, None)
    try:
        return _PathFilter(text, item.negated, PathPattern(checked_pattern(text)))
    except BadPattern as error:
        raise QueryProblem(f"no pattern of paths: {error}", item.position, "a pattern") from None
