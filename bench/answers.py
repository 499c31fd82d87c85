"""Whether `retrieve` answers rightly, without a language model, and how sure it says that it is.

An answer is right when a turn that it cites is evidence. A question that nothing stored answers
(`adversarial`: it asks one speaker for what the other said) is rightly answered by `not known`
alone. The chance of an answer was fitted on every other conversation, the first one among them; the
rest is held out.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bench import figures
from bench.conversations import Asked, Talk
from bench.figures import Finding

_UNANSWERED = "adversarial"
_BINS = (0.0, 0.3, 0.35, 0.4, 0.5, 0.6, 1.01)
VERDICTS = ("right", "other", "not known")


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What was answered: the ids of the turns cited, none when it is not known."""

    cited: frozenset[str]
    confidence: float

    def verdict(self, asked: Asked) -> str:
        """Whether it is right, something else, or not known."""
        if not self.cited:
            return "not known"
        right = asked.category != _UNANSWERED and bool(self.cited & asked.evidence)
        return "right" if right else "other"


Ask = Callable[[int, str], GivenAnswer]
"""Answers a question to a talk, by its number."""


def measured(talks: Sequence[Talk], ask: Ask) -> dict[str, Any]:
    """The verdicts by category, of what the chance was fitted on and of the rest; and by chance."""
    given = [(number, asked, ask(number, asked.question))
             for number, talk in enumerate(talks) for asked in talk.questions]  # fmt: skip
    halves = {
        name: _counted((asked, answer) for number, asked, answer in given if number % 2 == odd)
        for name, odd in (("fitted", 0), ("held out", 1))
    }
    return {**halves, "by confidence": list(_reliability([each[1:] for each in given]))}


def _counted(given: Iterator[tuple[Asked, GivenAnswer]]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for asked, answer in given:
        counts.setdefault(asked.category or "all", Counter())[answer.verdict(asked)] += 1
    return {name: {verdict: each[verdict] for verdict in VERDICTS}
            for name, each in sorted(counts.items())}  # fmt: skip


def _reliability(given: Sequence[tuple[Asked, GivenAnswer]]) -> Iterator[dict[str, Any]]:
    """How often answers of a confidence were right, among the questions that have an answer."""
    known = [(answer.confidence, answer.verdict(asked) == "right") for asked, answer in given
             if answer.cited and asked.category != _UNANSWERED]  # fmt: skip
    for low, high in pairwise(_BINS):
        rights = [right for confidence, right in known if low <= confidence < high]
        if rights:
            yield {"from": low, "answers": len(rights), "right": sum(rights)}


def findings(rows: Mapping[str, Any]) -> Iterator[Finding]:
    """Both kinds of errors of what was held out."""
    held_out: Mapping[str, Mapping[str, int]] = rows["held out"]
    for category, counts in held_out.items():
        count = sum(counts.values())
        shares = ", ".join(f"{100 * counts[verdict] / count:.0f} % {verdict}"
                           for verdict in VERDICTS if counts[verdict])  # fmt: skip
        yield Finding(f"Answers, {category}, held out", shares)


def show(rows: Mapping[str, Any]) -> None:
    """Print the shares of all verdicts."""
    cells = [
        [f"{half}, {category}", *(figures.share(counts[verdict], sum(counts.values()))
                                  for verdict in VERDICTS)]
        for half in ("fitted", "held out") for category, counts in rows[half].items()
    ]  # fmt: skip
    print(figures.table(["answers", *VERDICTS], cells))
    print(figures.table(["confidence from", "right"], (
        [f"{row['from']:.2f}", figures.share(row["right"], row["answers"])]
        for row in rows["by confidence"])))  # fmt: skip
