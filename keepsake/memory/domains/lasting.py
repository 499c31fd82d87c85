"""Whether a statement is worth keeping for years: a linear judge of its embedding and grammar.

Its weights are learned by `bench.lasting` from statements of our own.
"""

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np

from keepsake.inference import DIMENSIONS, Embedder, Vector
from keepsake.memory.domains.general import SIGNS
from keepsake.memory.domains.spelling import spelled_out
from keepsake.memory.models import Candidate


@cache
def _weights(model: str) -> tuple[Vector, float, float]:
    """The weights of a model's dimensions and of signs, the bias, and the least score."""
    kept = json.loads((files(__package__) / "lasting.json").read_text())[model]
    weights = np.array(kept["weights"], dtype=np.float32)
    if len(weights) != DIMENSIONS + SIGNS:
        raise ValueError("lasting.json is of another version: run bench.lasting")
    return weights, float(kept["bias"]), float(kept["least"])


def settled(candidates: Sequence[Candidate], embedder: Embedder) -> list[Candidate]:
    """The candidates without the proposals that do not last, or that an event tells already."""
    contents = list({each.content for each in candidates if each.signs})
    plain = [spelled_out(content) for content in contents]
    vectors = dict(zip(contents, embedder.embed(plain), strict=True)) if contents else {}
    dated = {each.content for each in candidates if each.when}
    return [
        each for each in candidates
        if not each.signs
        or (_lasts(embedder.model.name, vectors[each.content], each.signs)
            and (each.slot or each.content not in dated))
    ]  # fmt: skip


def _lasts(model: str, vector: Vector, signs: tuple[float, ...]) -> bool:
    """Whether a statement lasts, with so much certainty that it is kept."""
    weights, bias, least = _weights(model)
    score = float(np.concatenate([vector, np.array(signs, dtype=np.float32)]) @ weights) + bias
    return score >= least
