"""Whether `retrieve` answers rightly, without a language model, and how sure it says that it is.

    make bench-answers [DATA=PATH] [CHATS=PATH]

DATA is a file in LoCoMo's form, CHATS one in REALTALK's; they stay where they are. Without any,
conversations of our own are measured. Processes beside each other ingest a conversation each, in a
private mongod and without HTTP, and ask its questions. It asserts and measures no time. It writes
bench/results/answers.json: figures, no text.

An answer is right when a turn that it cites is evidence. A question that nothing stored answers
(`adversarial`: it asks one speaker for what the other said) is rightly answered by `not known`
alone. The chance of an answer was fitted on every other conversation, the first one among them; the
rest is held out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bench import figures
from bench.conversations import Asked, Conversation, Talk, given_talks
from bench.figures import Finding
from bench.servers import private_servers
from keepsake.memory import MemoryScope, MemoryService
from keepsake.storage import connect

GENERATED = "own conversations"
UNANSWERED = "adversarial"
VERDICTS = ("right", "other", "not known")
_BINS = (0.45, 0.55, 0.65, 0.75, 1.01)
_PROCESSES = 2


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What was answered to a question.

    cited: the ids of the turns cited, none when it is not known. held_out: nothing was fitted on
    its conversation.
    """

    asked: Asked
    cited: frozenset[str]
    confidence: float
    held_out: bool

    @property
    def verdict(self) -> str:
        """Whether it is right, something else, or not known."""
        if not self.cited:
            return "not known"
        right = self.asked.category != UNANSWERED and bool(self.cited & self.asked.evidence)
        return "right" if right else "other"


def answered(name: str, number: int, talk: Talk) -> list[GivenAnswer]:
    """Ingest a conversation as a user of its own, and ask all of its questions."""
    memory, scope = MemoryService.over(connect()), MemoryScope(name, f"talk{number}")
    for position, turn in enumerate(talk.turns):
        memory.pipeline.ingest(scope, turn, job_id=f"{name}{number}", position=position)
    given = ((asked, memory.retrieval.retrieve(scope, asked.question)) for asked in talk.questions)
    return [
        GivenAnswer(asked, frozenset(each for hit in answer.sources for each in hit.source_ids),
                    answer.confidence, held_out=number % 2 == 1)
        for asked, answer in given
    ]  # fmt: skip


def measured(given: Sequence[GivenAnswer]) -> dict[str, Any]:
    """The verdicts by category, of what the chance was fitted on and of the rest; and by chance."""
    halves = {name: counted(each for each in given if each.held_out is held_out)
              for name, held_out in (("fitted", False), ("held out", True))}  # fmt: skip
    return {**halves, "by confidence": list(reliability(given))}


def counted(given: Iterable[GivenAnswer]) -> dict[str, dict[str, int]]:
    """The verdicts by category, and of all."""
    counts: dict[str, Counter[str]] = {}
    for each in given:
        for group in ("all", each.asked.category):
            counts.setdefault(group, Counter())[each.verdict] += 1
    return {name: {verdict: each[verdict] for verdict in VERDICTS}
            for name, each in sorted(counts.items())}  # fmt: skip


def reliability(given: Iterable[GivenAnswer]) -> Iterator[dict[str, Any]]:
    """How often answers of a confidence were right, whatever was asked."""
    known = [(each.confidence, each.verdict == "right") for each in given if each.cited]
    for low, high in pairwise(_BINS):
        rights = [right for confidence, right in known if low <= confidence < high]
        yield {"from": low, "answers": len(rights), "right": sum(rights)}


def precision(counts: Mapping[str, int]) -> str:
    """How many of those answered are right."""
    return figures.share(counts["right"], counts["right"] + counts["other"])


def coverage(counts: Mapping[str, int]) -> str:
    """How many of the questions are answered."""
    return figures.share(counts["right"] + counts["other"], sum(counts.values()))


def findings(rows: Mapping[str, Any]) -> list[Finding]:
    """Precision and coverage of what was held out."""
    return [
        Finding(f"Answers, {name}, {category}, held out",
                f"right of those answered {precision(counts)}", f"answered {coverage(counts)}")
        for name, row in rows.items() for category, counts in row["held out"].items()
    ]  # fmt: skip


def table(rows: Mapping[str, Any]) -> str:
    """The table of the document: how often answers of a confidence were right."""
    lines = [f"| `confidence` from | {' | '.join(f'{name}: right' for name in rows)} |",
             f"|---|{'--:|' * len(rows)}"]  # fmt: skip
    for number, low in enumerate(_BINS[:-1]):
        bins = [row["by confidence"][number] for row in rows.values()]
        cells = [figures.share(each["right"], each["answers"]) for each in bins]
        lines.append(f"| {low:.2f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def conversations() -> dict[str, list[Talk]]:
    """What is measured, by name."""
    return given_talks() or {GENERATED: [Conversation(seed).talk for seed in range(4)]}


def main() -> None:
    """Ingest, ask, count."""
    talks = [(name, number, talk) for name, each in conversations().items()
             for number, talk in enumerate(each)]  # fmt: skip
    with private_servers(), ProcessPoolExecutor(_PROCESSES) as pool:
        given: dict[str, list[GivenAnswer]] = {}
        for (name, _, _), answers in zip(talks, pool.map(answered, *zip(*talks, strict=True)),
                                         strict=True):  # fmt: skip
            given.setdefault(name, []).extend(answers)
        rows = {name: measured(answers) for name, answers in given.items()}
        for name, row in rows.items():
            cells = [[f"{half}, {category}", precision(counts), coverage(counts)]
                     for half in ("fitted", "held out")
                     for category, counts in row[half].items()]  # fmt: skip
            print(figures.table([name, "right of those answered", "answered"], cells))
        print(table(rows))
        settings = {name: len(answers) for name, answers in given.items()}
        figures.keep("answers", rows, findings(rows), {"questions": settings})


if __name__ == "__main__":
    main()
