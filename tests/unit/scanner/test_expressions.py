"""What a regular expression asks of a text, and where it matches."""

import pytest

from keepsake.scanner.search.expressions import (
    Expression,
    OutOfTime,
    SearchDeadline,
    UnusableExpression,
)
from keepsake.scanner.search.line_matching import LinedText
from keepsake.scanner.search.required_trigrams import Every, Some
from keepsake.scanner.trigrams import packed, trigrams, unpacked
from tests.cpu_time import cpu_under

NEVER = SearchDeadline.after(3_600)
TEXTS = [
    "foo bar", "fooxxbar", "abce abde", "xxxyz", "HELLO", "acdfgh bcdegh", "aaa", "color colour",
    "self.foo(", "foofoofoo", "zabc", " a.bcd", "getName set_Value", "die straße STRASSE STRAẞE",
    "a|b|c", "kelvin \N{KELVIN SIGN} K", "\N{LATIN SMALL LETTER LONG S}\N{KELVIN SIGN}in SKIN",
    "abcdef def", "abc", "abcabcd", "FOObar foobar", "ABC", "foo}{2}", "a\\b", "x{1}", "été ÉTÉ",
    "[a-z]", "end-of-line  ", "0123456789",
]  # fmt: skip
SELECTIVE = {
    r"foo.*bar": 3, r"(abc|abd)e": 1, r"x+yz": 1, r"hello|world": 1, r"[ab]cd[ef]gh": 1, r"a{3}": 1,
    r"colou?r": 1, r"\bself\.\w+\(": 1, r"(foo){2,}": 1, r"\Qa.b\Ecd": 1, r"\x66oobar": 1,
    r"(?:get|set)_?(?:Name|Value)": 1, r"(?P<n>abc)+d": 2, r"(?i:FOO)bar": 1, r"a\|b\|c": 1,
    r"(?i)skin": 1, r"\x{66}oo bar": 1, r"^\s*abc(def)?\b": 6, r"[^x]{2,3}defg?": 1,
}  # fmt: skip
"""Each with how many of the texts it lets through, in any case of letters."""
OPEN = [
    r"ab|", r"(|abc)def|.", r"[[:alpha:]]{3}", r"\pL+\d*", r"[^a]", r"(?i)straße", r"été", "K", "é",
    r"(?i)É", r"foo\}\{2\}", r"x{1}", r"x\{1\}", r"\101BC", r"[a-c][a-c][a-c]", r"[\]\[a]", r"$",
    r"(a|b|c|d|e|f|g|h|i|j)(a|b|c|d|e|f|g|h|i|j)(a|b|c|d|e|f|g|h|i|j)", r"(?i)(?-i)K", r"[\d-]+",
    r"a??b", r"(?s).*", r"\Q[a-z]\E", r"(?U)a+?", r"\\b", r"[a\-z]{2}", r"\x4B", r"[^\n]x", r"\z",
    r"foox(?m)?bar", r"abc(d(?i){0,2})", r"ab(?s)*cd",
]  # fmt: skip


def holds(condition, numbers):
    if isinstance(condition, int):
        return condition in numbers
    held = [holds(part, numbers) for part in condition.parts]
    return all(held) if isinstance(condition, Every) else any(held)


def let_through(expression):
    return [
        text
        for text in TEXTS
        if holds(expression.condition, set(map(int, trigrams(text.encode()))))
    ]


@pytest.mark.parametrize("case", [True, False])
def test_every_text_that_matches_has_the_trigrams_that_are_asked_for(case):
    for pattern in [*SELECTIVE, *OPEN]:
        expression = Expression(pattern, case=case)
        matching = [text for text in TEXTS if expression.matches(text.encode(), NEVER)]

        assert set(matching) <= set(let_through(expression)), pattern


def test_trigrams_leave_few_texts_to_look_into():
    selected = {pattern: len(let_through(Expression(pattern, case=False))) for pattern in SELECTIVE}

    assert selected == SELECTIVE


def test_a_condition_says_all_of_one_text_or_one_of_several():
    assert isinstance(Expression("abcd", case=True).condition, Every)
    assert isinstance(Expression("abc|xyz", case=True).condition, Some)
    assert Expression("ab", case=True).condition == Every()


def test_a_set_of_trigrams_is_the_same_after_it_was_packed():
    for text in (b"", b"ab", b"abc", bytes(range(256)) * 3, "été".encode() * 9):
        numbers = trigrams(text)
        assert unpacked(packed(numbers)).tolist() == numbers.tolist()
    assert len(packed(trigrams(bytes(range(256)) * 300))) < 1_000


SHOWN = LinedText("one foo\r\n\nTwo FOO foo\nlast éfoo\n".encode())


@pytest.mark.parametrize(
    ("pattern", "case", "matched"),
    [
        ("foo", False, {1: [(4, 7)], 3: [(4, 7), (8, 11)], 4: [(6, 9)]}),
        ("foo", True, {1: [(4, 7)], 3: [(8, 11)], 4: [(6, 9)]}),
        ("foo$", True, {1: [(4, 7)], 3: [(8, 11)], 4: [(6, 9)]}),
        ("^", False, {1: [(0, 0)], 2: [(0, 0)], 3: [(0, 0)], 4: [(0, 0)]}),
        ("^$", False, {2: [(0, 0)]}),
        ("É.", False, {4: [(5, 7)]}),
        ("[^a]+t", False, {4: [(2, 4)]}),
        (r"foo\nlast", False, {}),
        (r"(?s)foo.+last", False, {}),
        ("x*", False, {1: [(0, 0)], 2: [(0, 0)], 3: [(0, 0)], 4: [(0, 0)]}),
    ],
)
def test_matches_are_told_by_line_and_column_of_characters(pattern, case, matched):
    lines = SHOWN.matched([Expression(pattern, case=case)], NEVER)

    assert {line.line: line.ranges for line in lines} == matched


def test_matches_of_several_expressions_in_a_line_are_told_together():
    wanted = [Expression(pattern, case=False) for pattern in ("two", "foo")]

    assert [line.ranges for line in SHOWN.matched(wanted, NEVER)][1] == [(0, 3), (4, 7), (8, 11)]


def test_a_long_line_is_shown_around_its_first_match():
    text = LinedText(b"a" * 5_000 + b"needle" + b"b" * 5_000 + b"\nnext")
    (line,) = text.matched([Expression("needle", case=True)], NEVER)

    hit = text.hit(line, "long.js", "javascript", 1)

    assert hit.ranges == [(5_000, 5_006)]
    assert hit.text[5_000 - hit.offset : 5_006 - hit.offset] == "needle"
    assert (len(hit.text), hit.after) == (400, ["next"])


@pytest.mark.parametrize(
    "pattern", ["(", r"\1", "(?=a)", "a{1001}", "((a{0,30}){0,30}){0,1}" * 20, r"[[:alpha:]]{900}é"]
)
def test_what_re2_does_not_know_or_what_is_too_large_is_refused(pattern):
    with pytest.raises(UnusableExpression):
        Expression(pattern, case=False)


def test_after_the_deadline_nothing_more_is_looked_at():
    with pytest.raises(OutOfTime):
        Expression("a", case=False).matches(b"aaa", SearchDeadline.after(-1))


def test_a_line_too_long_for_an_expression_is_given_up_at_once():
    expression = Expression("a.{199}c", case=True)  # RE2 would take seconds for the line

    with cpu_under(seconds=0.5), pytest.raises(OutOfTime):
        expression.matches(b"ab" * 500_000, NEVER)

    assert expression.matches(b"ab" * 5_000 + b"c", NEVER)


def test_a_match_beyond_the_first_part_of_a_large_text_is_found():
    text = LinedText(b"some line of text\n" * 10_000 + b"  the needle here\nlast\n")

    lines = text.matched([Expression(r"^\s+the needle", case=False)], NEVER)

    assert [line.line for line in lines] == [10_001]


def test_of_a_long_line_only_the_first_matches_are_looked_for_and_the_next_line_is_reached():
    text = b"a" * 100_000 + b"\na\n"  # for each match RE2 looks for a `b` up to the line's end

    spans = list(Expression("a*b|a", case=True).spans(text, NEVER))

    assert spans == [(n, n + 1) for n in range(20)] + [(100_001, 100_002)]
