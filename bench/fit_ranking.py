"""Fits the weights of memory's ranking of turns, and says how well they rank what they do not know.

    make fit-ranking DATA=PATH CHATS=PATH [MODEL=multilingual-e5-small]

DATA is a file in LoCoMo's form, CHATS one in REALTALK's; they stay where they are. Each turn of a
question's evidence is compared with all turns that are none: the loss is the mean of
-log(exp(s) / (exp(s) + the sum of theirs)). It is convex, so that Newton's method finds the least.
Both sets count the same. Each conversation is ranked by weights that were fitted to all others
("held out"), and by those that were fitted to all ("fitted").

It prints recall, the weights as keepsake/memory/searching/ranking.py has them, and how far they
differ between the fits. What words count beside meaning (`lexical`) is tried at a few values, as
the neighbours' scores are made with it.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from statistics import fmean
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bench import figures
from bench.conversations import Talk, given_talks
from bench.turn_features import NAMES, ConversationKey, RankedQuestion, ranked_questions
from keepsake.inference import E5, MINILM, Embedder
from keepsake.memory.searching.ranking import WEIGHTS

Weights: TypeAlias = NDArray[np.float64]
Fits: TypeAlias = Mapping[ConversationKey, Weights]
"""By conversation, the weights that were fitted without it."""
Talks: TypeAlias = Mapping[str, Sequence[Talk]]
_TRIED = (0.2, 0.25, 0.3, 0.4)
_TENTH_BEHIND = 12.1
"""How far the tenth hit is behind the best, on average: what else is weighed knows that scale."""
_RIDGE, _STEPS, _NO_GAIN = 1e-4, 50, 2e-5
_CUT, _MOST = 10, 20


def fitted(questions: Sequence[RankedQuestion], start: Weights | None = None) -> Weights:
    """The weights of the least loss, each set of data counting the same."""
    weights = np.zeros(questions[0].features.shape[1]) if start is None else start
    loss, slope, bend = _loss(questions, weights)
    for _ in range(_STEPS):
        step = np.linalg.solve(bend, slope)
        if slope @ step < _NO_GAIN:
            break
        while (after := _loss(questions, weights - step))[0] > loss:
            step = step / 3
        weights, (loss, slope, bend) = weights - step, after
    return weights


def _loss(questions: Sequence[RankedQuestion], weights: Weights) -> tuple[float, Weights, Weights]:
    """The loss, and its first and second derivatives."""
    count = Counter(each.conversation[0] for each in questions)
    loss = _RIDGE / 2 * float(weights @ weights)
    slope, bend = _RIDGE * weights, _RIDGE * np.eye(len(weights))
    for each in questions:
        share = 1 / count[each.conversation[0]]
        lost, first, second = _loss_of(each, weights)
        loss, slope, bend = loss + share * lost, slope + share * first, bend + share * second
    return loss, slope, bend


def _loss_of(question: RankedQuestion, weights: Weights) -> tuple[float, Weights, Weights]:
    scores = question.features @ weights
    odds = np.exp(scores - scores.max())
    others, theirs = question.features[~question.evidence], odds[~question.evidence]
    total, first = theirs.sum(), theirs @ others
    second = (others * theirs[:, None]).T @ others
    loss, slope, bend = 0.0, np.zeros_like(first), np.zeros_like(second)
    for row in np.flatnonzero(question.evidence):
        turn, whole = question.features[row], total + odds[row]
        mean = (first + odds[row] * turn) / whole
        loss += float(np.log(whole) + scores.max() - scores[row])
        slope += mean - turn
        bend += (second + odds[row] * np.outer(turn, turn)) / whole - np.outer(mean, mean)
    count = question.evidence.sum()
    return loss / count, slope / count, bend / count


def held_out(questions: Sequence[RankedQuestion], whole: Weights) -> Fits:
    """The weights for each conversation, fitted to all others."""
    return {
        key: fitted([each for each in questions if each.conversation != key], whole)
        for key in dict.fromkeys(each.conversation for each in questions)
    }


def recalls(questions: Sequence[RankedQuestion], fits: Fits) -> dict[str, float]:
    """The mean recall of each set of data, and of each category in it, in percent."""
    shares: dict[str, list[float]] = {}
    for each in questions:
        best = each.best(fits[each.conversation], _CUT)
        share = float(100 * each.evidence[best].sum() / each.evidence.sum())
        data = each.conversation[0]
        for group in (data, f"{data} {each.asked.category}"):
            shares.setdefault(group, []).append(share)
    return {group: round(fmean(members), 1) for group, members in sorted(shares.items())}


def asked(talks: Talks, embedder: Embedder, lexical: float) -> list[RankedQuestion]:
    """The questions of all sets of data."""
    return [question for name, each in talks.items()
            for question in ranked_questions(name, each, embedder, lexical)]  # fmt: skip


def held_out_rankings(
    talks: Talks, embedder: Embedder
) -> dict[str, Callable[[int, str], list[str]]]:
    """By set, the ids of a talk's best turns for a question, by weights fitted without the talk."""
    if sum(map(len, talks.values())) < 2:
        return {}  # there is nothing else to fit to
    present = WEIGHTS[embedder.model.name]
    questions = asked(talks, embedder, present["lexical"] / present["dense"])
    fits = held_out(questions, fitted(questions))
    best = {(*each.conversation, each.asked.question): [
                talks[each.conversation[0]][each.conversation[1]].turns[row].source_id
                for row in each.best(fits[each.conversation], _MOST)]
            for each in questions}  # fmt: skip
    return {name: partial(_ranked, best, name) for name in talks}


def _ranked(
    best: Mapping[tuple[str, int, str], list[str]], name: str, number: int, question: str
) -> list[str]:
    return best[name, number, question]


def scale(questions: Sequence[RankedQuestion], weights: Weights) -> float:
    """What weights are multiplied by, so that hits are as far apart as they are wanted."""
    behind = (np.sort(each.features @ weights)[[-_CUT, -1]] for each in questions)
    return _TENTH_BEHIND / fmean(float(best - tenth) for tenth, best in behind)


def main() -> None:
    """Fit, try, print."""
    name = os.environ.get("MODEL") or MINILM.name
    embedder, talks = Embedder({MINILM.name: MINILM, E5.name: E5}[name]), given_talks()
    if not talks:
        sys.exit(__doc__)
    for lexical in _TRIED:
        questions = asked(talks, embedder, lexical)
        whole = fitted(questions)
        fits = held_out(questions, whole)
        print(f"{name}, lexical {lexical}")
        _show(recalls(questions, fits), recalls(questions, dict.fromkeys(fits, whole)))
        rows = _weights(whole, fits, lexical, scale(questions, whole))
        print(figures.table(["", "weight", "least", "most"], rows), end="\n\n")


def _show(held: Mapping[str, float], whole: Mapping[str, float]) -> None:
    rows = ([group, f"{held[group]:.1f}", f"{whole[group]:.1f}"] for group in held)
    print(figures.table(["R@10", "held out", "fitted"], rows))


def _weights(whole: Weights, fits: Fits, lexical: float, scaled: float) -> Iterator[list[str]]:
    """Each weight as the product has it, and its least and most of all fits.

    Neighbours' scores are weighed by `own` already.
    """
    columns = dict(zip(NAMES, np.stack([whole, *fits.values()], axis=1), strict=True))
    own = columns.pop("own")
    shares = {name: columns.pop(name) / own for name in ("reply", "nearby")}
    rest = {name: column * scaled for name, column in columns.items()}
    weights = {"dense": own * scaled, "lexical": own * scaled * lexical} | shares | rest
    for name, column in weights.items():
        yield [name, *(f"{value:.2f}" for value in (column[0], column.min(), column.max()))]


if __name__ == "__main__":
    main()
