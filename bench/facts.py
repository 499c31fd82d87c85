"""Recall and precision of what the rules store, by class of turns; no language model.

    make bench-facts [FACTS=PATH] [CHATS=PATH] [DATA=PATH]
    .venv/bin/python -m bench.facts unjudged
    .venv/bin/python -m bench.facts faults "own turns, seen"

Sets: given cases (FACTS, `facts.json`), turns of our own (`bench/labels`: `own_unseen.json`,
`own_read.json`, `other_languages`, `read_languages`, `unseen_languages`;
`tests/unit/memory/own_turns`), and real chat (CHATS, REALTALK's form), of which the project keeps
labels and verdicts, and no text. Chats in LoCoMo's form (DATA) are a second source for the
reliability of `confidence`. What is not there is left out.
A statement without a verdict is not known, and counts as not right. `unjudged` prints those with
their turns, `faults` what a set misses and stores in error; both to the terminal alone.
Writes bench/results/facts.json.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

from bench import calibration, figures
from bench.conversations import given_file
from bench.figures import Finding
from bench.servers import ROOT, private_servers
from bench.statements import (
    LABELS,
    ChatTurn,
    OwnTurn,
    StatementVerdict,
    StoredStatement,
    chat_turns,
    own_turns,
    stored_of_own,
)
from keepsake.memory import MemoryService
from keepsake.storage import connect

GIVEN, REAL, MADE = "given cases", "real chat", "made chat"
VARIABLES = {GIVEN: "FACTS", REAL: "CHATS", MADE: "DATA"}
"""What names the files of sets that are no part of the project."""


def _given(*names: str) -> dict[str, Path]:
    """The sets whose files are named."""
    files = {name: given_file(VARIABLES[name]) for name in names}
    return {name: file for name, file in files.items() if file is not None}


OWN = {
    **_given(GIVEN),
    "own turns, unseen": LABELS / "own_unseen.json",
    "own turns, read since": LABELS / "own_read.json",
    "own turns, seen": ROOT / "tests" / "unit" / "memory" / "own_turns",
    **{f"own turns, {file.stem.capitalize()}": file
       for file in sorted((LABELS / "other_languages").glob("*.toml"))},
    **{f"own turns, {file.stem.capitalize()}, read since": file
       for file in sorted((LABELS / "read_languages").glob("*.toml"))},
    **{f"own turns, {file.stem.capitalize()}, unseen": file
       for file in sorted((LABELS / "unseen_languages").glob("*.toml"))},
}  # fmt: skip
"""Turns with what ought to be stored; who wrote the unseen ones and those read since had not read
the rules. Rules have been written for what was read since. Those in other languages were written
before the rules, by who wrote the rules, but for the unseen ones and those read since."""
CHATS = _given(REAL, MADE)
_RECALL, _PRECISION, _CHAT_PRECISION = 65, 90, 80
"""The aims, in percent."""
Stored = Sequence[tuple[OwnTurn, list[StoredStatement]]]


@dataclass(frozen=True, slots=True)
class Score:
    """How much of what is wanted is found, and how much of what is stored is right."""

    found: int = 0
    wanted: int = 0
    right: int = 0
    stored: int = 0
    unjudged: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(*map(sum, zip(astuple(self), astuple(other), strict=True)))

    @property
    def recall(self) -> float | None:
        """In percent; None where nothing is wanted."""
        return round(100 * self.found / self.wanted, 1) if self.wanted else None

    @property
    def precision(self) -> float | None:
        """In percent; None where nothing is stored."""
        return round(100 * self.right / self.stored, 1) if self.stored else None

    def shown(self) -> dict[str, Any]:
        """Counts and shares, for the result file."""
        return asdict(self) | {"recall": self.recall, "precision": self.precision}

    def cells(self) -> list[str]:
        """Its cells in the table: shares with their intervals."""
        return [
            figures.share(self.found, self.wanted), figures.share(self.right, self.stored),
            str(self.unjudged) if self.unjudged else "",
        ]  # fmt: skip


def stored_of_set(service: MemoryService, name: str) -> Stored:
    """The turns of a set of our own, each with what is stored of it."""
    return [(turn, stored_of_own(service, f"{name} {number}", turn))
            for number, turn in enumerate(own_turns(OWN[name]))]  # fmt: skip


def by_class(stored: Stored) -> dict[str, Score]:
    """The scores of turns of our own."""
    scores: dict[str, Score] = defaultdict(Score)
    for turn, statements in stored:
        scores[turn.kind] += Score(
            found=sum(any(map(fact.matches, statements)) for fact in turn.store),
            wanted=len(turn.store),
            right=sum(map(turn.is_right, statements)),
            stored=len(statements),
        )
    return scores


def by_kind(turns: Sequence[ChatTurn]) -> dict[str, Score]:
    """The scores of chat: recall by what was labelled, precision by what was stored."""
    scores: dict[str, Score] = defaultdict(Score)
    for turn in turns:
        stated = {verdict.states for _, verdict in turn.stored if verdict and verdict.right}
        for label in turn.labels:
            scores[label.split(".")[0]] += Score(found=label in stated, wanted=1)
        for statement, verdict in turn.stored:
            scores[f"stored: {statement.form}"] += Score(
                right=bool(verdict and verdict.right), stored=1, unjudged=verdict is None
            )
    return scores


def reliability(turns: Iterable[ChatTurn]) -> dict[str, dict[str, int]]:
    """How many statements of each form were judged, and how many of these are right, and true."""
    judged: dict[str, list[StatementVerdict]] = defaultdict(list)
    for turn in turns:
        for statement, verdict in turn.stored:
            if verdict:
                judged[statement.form].append(verdict)
    return {form: {"statements": len(found), "right": sum(each.right for each in found),
                   "true": sum(each.true for each in found)}
            for form, found in sorted(judged.items())}  # fmt: skip


def show(name: str, scores: Mapping[str, Score]) -> None:
    """The table of a set."""
    rows = [*sorted(scores.items()), ("all", sum(scores.values(), Score()))]
    print(figures.table([name, "recall", "precision", "not judged"],
                        ([kind, *score.cells()] for kind, score in rows)), end="\n\n")  # fmt: skip


def findings(totals: Mapping[str, Score]) -> Iterator[Finding]:
    """What is compared with the aims."""
    for name, score in totals.items():
        if name == MADE or not score.wanted:
            continue
        aim = _CHAT_PRECISION if name == REAL else _PRECISION
        yield _finding(f"Facts, {name}: precision", score.right, score.stored, aim)
        if name != REAL:
            yield _finding(f"Facts, {name}: recall", score.found, score.wanted, _RECALL)


def _finding(what: str, hits: int, count: int, aim: int) -> Finding:
    met = 100 * hits >= aim * count if count else None
    return Finding(what, figures.share(hits, count), aim=f"≥ {aim} %", met=met)


def measure(service: MemoryService) -> None:
    """Print and keep all scores."""
    for name in VARIABLES.keys() - OWN.keys() - CHATS.keys():
        print(f"{name}: {VARIABLES[name]} names no file, left out")
    scores = {name: by_class(stored_of_set(service, name)) for name in OWN}
    chats = {name: list(chat_turns(service, CHATS[name])) for name in CHATS}
    scores |= {name: by_kind(turns) for name, turns in chats.items()}
    for name, kinds in scores.items():
        show(name, kinds)
    reliable = reliability(turn for turns in chats.values() for turn in turns)
    print(calibration.shown(reliable), end="\n\n")
    totals = {name: sum(kinds.values(), Score()) for name, kinds in scores.items()}
    rows = {name: {"all": totals[name].shown(),
                   **{kind: score.shown() for kind, score in sorted(kinds.items())}}
            for name, kinds in scores.items()}  # fmt: skip
    figures.keep("facts", {**rows, "reliability": reliable}, list(findings(totals)))


def print_unjudged(service: MemoryService) -> None:
    """Print the statements that have no verdict, as lines for verdicts.txt, with their turns."""
    for name in CHATS:
        for turn in chat_turns(service, CHATS[name]):
            unknown = [statement for statement, verdict in turn.stored if verdict is None]
            if unknown:
                print("\n".join(f"  ({each.user_query})" for each in turn.before))
                print(f"{turn.turn.user_query}\n  labels: {' '.join(turn.labels)}")
            for statement in unknown:
                print(f"{turn.place} {statement.key} ??? | {statement.line}")


def print_faults(service: MemoryService, name: str) -> None:
    """Print what a set misses, and what is stored in error."""
    if name in OWN:
        for turn, statements in stored_of_set(service, name):
            missed = [fact.model_dump_json(exclude_defaults=True) for fact in turn.store
                      if not any(map(fact.matches, statements))]  # fmt: skip
            wrong = [each for each in statements if not turn.is_right(each)]
            _print_faults(f"{turn.kind}: {turn.said}", missed, wrong)
    else:
        for heard in chat_turns(service, CHATS[name]):
            stated = {verdict.states for _, verdict in heard.stored if verdict and verdict.right}
            wrong = [each for each, verdict in heard.stored if not (verdict and verdict.right)]
            said = f"{heard.place} {heard.turn.user_query}"
            _print_faults(said, [label for label in heard.labels if label not in stated], wrong)


def _print_faults(said: str, missed: Sequence[str], wrong: Sequence[StoredStatement]) -> None:
    if missed or wrong:
        print(said)
    for each in missed:
        print(f"  missed {each}")
    for statement in wrong:
        print(f"  wrong {statement.line} ({statement.content})")


def main() -> None:
    """Measure, or print what is to be judged or mended."""
    with private_servers():
        service = MemoryService.over(connect())
        match sys.argv[1:]:
            case []:
                measure(service)
            case ["unjudged"]:
                print_unjudged(service)
            case ["faults", name] if name in OWN | CHATS:
                print_faults(service, name)
            case _:
                sys.exit(__doc__)


if __name__ == "__main__":
    main()
