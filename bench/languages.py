"""Search in many languages: the same things said and asked in each, and asked in another one.

    make bench-languages

`make bench-memory` does it as well. What is said and asked is our own
(bench/labels/languages.toml). Each language is a user with its turns, in a private mongod and
without HTTP. Each is asked in that language and in English, and the one with English turns in each
language. BM25 alone and dense alone rank the same turns; meaning is that of each embedding model
that is installed. It prints how often the right turn comes
first (hit@1) and the mean of one through its rank (MRR), and writes bench/results/languages.json.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from bench import figures
from bench.conversations import Asked, Talk
from bench.figures import Finding
from bench.servers import private_servers
from keepsake.inference import E5, MINILM, Embedder, EmbeddingModel, Postings
from keepsake.memory import MemoryQuery, MemoryScope, MemoryService, Turn
from keepsake.memory.searching.terms import own_terms, terms
from keepsake.storage import connect

SAID = Path(__file__).parent / "labels" / "languages.toml"
ENGLISH = "english"
OURS, WORDS, MEANING = "keepsake", "bm25 alone", "dense alone"
MODELS = {"minilm": MINILM, "e5": E5}
"""By which texts are embedded, those that are installed."""
SAME, FROM_ENGLISH, OF_ENGLISH = "same language", "asked in English", "asked of English"
Ranking = Callable[[str, str], list[str]]
"""The ids of the turns of a language for a question, best first."""


def talks() -> dict[str, Talk]:
    """What is said and asked, by language; a turn's id is its number."""
    return {
        language: Talk(
            [Turn(user_query=text, source_id=str(number))
             for number, text in enumerate(said["turns"])],
            [Asked(text, frozenset({str(number)}))
             for number, text in enumerate(said["questions"])],
        )
        for language, said in tomllib.loads(SAID.read_text("utf-8")).items()
    }  # fmt: skip


def keepsake(said: Mapping[str, Talk], model: EmbeddingModel) -> Ranking:
    """The memory search; each language is a user."""
    memory = MemoryService.over(connect(), embedder=Embedder(model))
    scopes = {language: MemoryScope(model.name, language) for language in said}
    for language, talk in said.items():
        for position, turn in enumerate(talk.turns):
            job_id = f"{model.name}:{language}"
            memory.pipeline.ingest(scopes[language], turn, job_id=job_id, position=position)

    def best(language: str, question: str) -> list[str]:
        query = MemoryQuery(query=question, top_k=len(said[language].turns))
        hits = memory.search.find(scopes[language], query)
        return list(dict.fromkeys(source for hit in hits for source in hit.source_ids))

    return best


def bm25(said: Mapping[str, Talk]) -> Ranking:
    """Words alone."""
    postings, spoken = {}, {}
    for language, talk in said.items():
        told = [own_terms(turn.user_query) for turn in talk.turns]
        postings[language] = Postings()
        postings[language].extend([words for words, _ in told])
        spoken[language] = {by for _, by in told}

    def best(language: str, question: str) -> list[str]:
        words = {word for by in spoken[language] for word in terms(question, by)}
        return _best(said[language], postings[language].scores(sorted(words)))

    return best


def dense(said: Mapping[str, Talk], embedder: Embedder) -> Ranking:
    """Meaning alone."""
    vectors = {language: embedder.embed([turn.user_query for turn in talk.turns])
               for language, talk in said.items()}  # fmt: skip
    return lambda language, question: _best(
        said[language], vectors[language] @ embedder.embed_query(question)
    )


def _best(talk: Talk, scores: Any) -> list[str]:
    """Those with a score, best first: what has none was not found."""
    rows = [row for row in np.argsort(-scores, kind="stable") if scores[row] > 0]
    return [talk.turns[row].source_id for row in rows]


def measured(said: Mapping[str, Talk], ranking: Ranking) -> dict[str, Any]:
    """How well it finds, by who is asked in what and by language."""
    pairs = {
        SAME: [(language, language) for language in said],
        FROM_ENGLISH: [(language, ENGLISH) for language in said if language != ENGLISH],
        OF_ENGLISH: [(ENGLISH, language) for language in said if language != ENGLISH],
    }
    return {
        name: {
            told if asked == ENGLISH else asked: _scores(
                [_rank(ranking(told, each.question), each) for each in said[asked].questions]
            )
            for told, asked in both
        }
        for name, both in pairs.items()
    }


def _rank(sources: Sequence[str], asked: Asked) -> int:
    """The rank of the right turn, from 1; 0 when it was not found."""
    (right,) = asked.evidence
    return sources.index(right) + 1 if right in sources else 0


def _scores(ranks: Sequence[int]) -> dict[str, float]:
    return {
        "hit@1": round(100 * fmean(rank == 1 for rank in ranks), 1),
        "mrr": round(fmean(1 / rank if rank else 0.0 for rank in ranks), 3),
    }


def mean(row: Mapping[str, Mapping[str, float]], figure: str) -> float:
    """The mean of all languages, which have as many questions each."""
    return fmean(scores[figure] for scores in row.values())


def compare() -> dict[str, Any]:
    """All figures, by method."""
    said = talks()
    rankings = {WORDS: bm25(said)}
    for name, model in MODELS.items():
        if model is MINILM or model.is_installed:
            rankings[f"{MEANING}, {name}"] = dense(said, Embedder(model))
            rankings[f"{OURS}, {name}"] = keepsake(said, model)
    return {name: measured(said, ranking) for name, ranking in rankings.items()}


def findings(rows: Mapping[str, Any]) -> list[Finding]:
    """What the table of results says of them."""
    return [
        Finding(f"Memory, hit@1 and MRR, {name}",
                "; ".join(_told(rows, method, name) for method in rows if method.startswith(OURS)),
                "; ".join(_told(rows, method, name) for method in rows
                          if not method.startswith(OURS)))
        for name in (SAME, FROM_ENGLISH, OF_ENGLISH)
    ]  # fmt: skip


def _told(rows: Mapping[str, Any], method: str, name: str) -> str:
    row = rows[method][name]
    return f"{method} {mean(row, 'hit@1'):.0f} %, {mean(row, 'mrr'):.2f}"


def show(rows: Mapping[str, Any]) -> None:
    """Hits and MRR by language, for each method."""
    for name in (SAME, FROM_ENGLISH, OF_ENGLISH):
        head = [name, *(f"{method}: {figure}" for method in rows for figure in ("hit@1", "mrr"))]
        lines = [[language, *(f"{rows[method][name][language][figure]:g}"
                              for method in rows for figure in ("hit@1", "mrr"))]
                 for language in rows[WORDS][name]]  # fmt: skip
        print(figures.table(head, lines))


def report() -> None:
    """Ingest, ask, compare; servers run already."""
    rows = compare()
    show(rows)
    asked = {"languages": len(rows[WORDS][SAME]), "questions": len(talks()[ENGLISH].questions)}
    figures.keep("languages", rows, findings(rows), asked)


def main() -> None:
    """Measure on servers of its own."""
    with private_servers():
        report()


if __name__ == "__main__":
    main()
