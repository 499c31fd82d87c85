"""BERT's encoder with mean pooling: texts become unit vectors.

torch would bring 1.5 GB for a few layers; `layers` has them in numpy.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from keepsake.inference.layers import DIMENSIONS, Affine, Layers, Vector, normed

_MAX_TOKENS = 256
_BATCH_TOKENS = 256
"""Of texts that are embedded together, with padding; more are no faster."""
_AT_ONCE = 4
"""Batches that a process embeds at the same time: each takes up to 8 MB."""
_THREADS = min(os.cpu_count() or 1, _AT_ONCE)
"""Of a call with many texts: numpy computes outside of Python's lock."""


class Tokeniser(Protocol):
    """Splits texts into the pieces that a model knows."""

    def numbers(self, text: str, at_most: int) -> list[int]:
        """The numbers of a text's pieces, between a start and an end; what is over is left out."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A model's weights.

    words: the embeddings of some pieces by their numbers; positions: what is added at each place.
    """

    words: Callable[[NDArray[np.int64]], Vector]
    positions: Vector
    norm: Affine
    layers: Layers


class Encoder:
    """A loaded model. Threads may share it."""

    def __init__(self, tokeniser: Tokeniser, weights: Weights) -> None:
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 - only who embeds pays

        threadpool_limits(1, "blas")  # jobs run side by side; BLAS threads wait by spinning
        self._tokeniser = tokeniser
        self._weights = weights
        self._room = threading.BoundedSemaphore(_AT_ONCE)

    def embed(self, texts: Sequence[str]) -> Vector:
        """One unit row per text."""
        rows = [self._tokeniser.numbers(text, _MAX_TOKENS) for text in texts]
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)

        def encode(batch: list[int]) -> None:
            with self._room:
                vectors[batch] = self._encoded([rows[number] for number in batch])

        together = list(batches([len(row) for row in rows]))
        if len(together) <= 1:
            for batch in together:
                encode(batch)
            return vectors
        with ThreadPoolExecutor(_THREADS, "embed") as threads:  # a fork has none that were before
            for _ in threads.map(encode, together):
                pass
        return vectors

    def _encoded(self, rows: Sequence[Sequence[int]]) -> Vector:
        ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        mask = np.zeros(ids.shape, dtype=np.float32)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = row
            mask[number, : len(row)] = 1
        hidden = self._embedded(ids)
        words = self._weights.layers(hidden, mask).reshape(*ids.shape, -1)
        pooled = (words * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        unit: Vector = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit

    def _embedded(self, ids: NDArray[np.int64]) -> Vector:
        """One row per token: one large product is faster than one for each text."""
        hidden = self._weights.words(ids)
        hidden += self._weights.positions[: ids.shape[1]]
        return normed(self._weights.norm, hidden.reshape(-1, hidden.shape[-1]))


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The places of texts that are embedded together: of similar length, for little padding."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[place] > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
