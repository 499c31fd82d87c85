"""Learns which statements last, and writes keepsake/memory/domains/lasting.json.

    .venv/bin/python -m bench.lasting

Logistic regression over the embedding by each model and the grammar of `bench/labels/lasting.toml`,
statements of our own. Prints precision and recall by cross-validation, threshold by threshold, and
takes the threshold of the wanted precision. Statements that frames know, and those that are
proposed as nothing, are left out.
"""

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from bench import figures
from bench.servers import ROOT
from bench.statements import LABELS
from keepsake.inference import DIMENSIONS, E5, MINILM, Embedder, Vector
from keepsake.memory.domains.general import proposed, unread
from keepsake.memory.domains.parse import parse
from keepsake.memory.domains.spelling import spelled_out
from keepsake.memory.domains.statement_filter import normal, states

WEIGHTS = ROOT / "keepsake" / "memory" / "domains" / "lasting.json"
_FOLDS = 10
_STEPS, _RATE = 2_000, 0.5
_RIDGE = 0.01
_MODELS = ((MINILM, 6, False), (E5, 12, True))
"""What a model's embeddings, of length 1, are multiplied by beside signs of 0 or 1, and whether
their mean is taken off before: those of e5 are crowded around it."""
_WANTED = 0.95
"""The precision that the threshold is chosen for."""


def labelled(path: Path) -> tuple[list[str], Vector, Vector]:
    """The statements that are proposed, one row of signs for each, and whether they last."""
    table = tomllib.loads(path.read_text("utf-8"))
    rows = [(line, kind == "lasting") for kind, lines in table.items()
            for line in lines.split("\n") if line and states(line)]  # fmt: skip
    texts, signs, lasts = [], [], []
    for (line, lasting), assertions in zip(rows, parse([normal(r) for r, _ in rows]), strict=True):
        plain = normal(line)
        proposals = list(proposed(assertions[0], plain) if assertions else unread(plain))
        for proposal in proposals[:1]:
            texts.append(spelled_out(line))
            signs.append(proposal.signs)
            lasts.append(lasting)
    return texts, np.array(signs, dtype=np.float32), np.array(lasts, dtype=np.float32)


def learned(rows: Vector, lasts: Vector) -> tuple[Vector, float]:
    """The weights and the bias of a ridge logistic regression, by gradient descent."""
    weights, bias = np.zeros(rows.shape[1], dtype=np.float32), 0.0
    for _ in range(_STEPS):
        error = 1 / (1 + np.exp(-(rows @ weights + bias))) - lasts
        weights -= _RATE * (rows.T @ error / len(rows) + _RIDGE * weights)
        bias -= _RATE * float(error.mean())
    return weights, bias


def crossed(rows: Vector, lasts: Vector) -> Vector:
    """Each statement's score by weights that were learned without it."""
    scores = np.zeros(len(rows), dtype=np.float32)
    fold = np.random.default_rng(1).permutation(len(rows)) % _FOLDS
    for number in range(_FOLDS):
        weights, bias = learned(rows[fold != number], lasts[fold != number])
        scores[fold == number] = rows[fold == number] @ weights + bias
    return scores


def main() -> None:
    """Learn, print how well that went, and write the weights."""
    texts, signs, lasts = labelled(LABELS / "lasting.toml")
    kept = {}
    for model, scale, centred in _MODELS:
        vectors = Embedder(model).embed(texts)
        print(f"{model.name}: {len(texts)} statements, {int(lasts.sum())} lasting")
        kept[model.name] = fitted(vectors, vectors.mean(0) * centred, scale, signs, lasts)
    WEIGHTS.write_text(json.dumps(kept) + "\n")


def fitted(
    vectors: Vector, centre: Vector, scale: int, signs: Vector, lasts: Vector
) -> dict[str, Any]:
    """What is learned of one model's vectors, for vectors as they are."""
    rows = np.hstack([(vectors - centre) * scale, signs])
    scores = crossed(rows, lasts)
    table, least = [], None
    for threshold in np.arange(-1.0, 2.01, 0.1):
        kept = scores >= threshold
        precision, recall = float(lasts[kept].mean()), float(lasts[kept].sum() / lasts.sum())
        table.append([f"{threshold:.2f}", f"{100 * precision:.1f} %", f"{100 * recall:.1f} %"])
        if least is None and precision >= _WANTED:
            least = round(float(threshold), 2)
    print(figures.table(["threshold", "precision", "recall"], table))
    print(f"threshold {least}")
    weights, bias = learned(rows, lasts)
    weights[:DIMENSIONS] *= scale
    bias -= float(centre @ weights[:DIMENSIONS])
    kept_weights = [round(float(each), 3) for each in weights]
    return {"weights": kept_weights, "bias": round(bias, 3), "least": least}


if __name__ == "__main__":
    main()
