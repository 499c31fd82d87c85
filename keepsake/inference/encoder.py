"""BERT's encoder with mean pooling, in plain numpy: texts become unit vectors.

torch would bring 1.5 GB for a few layers.
"""

import math
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float32]
Affine: TypeAlias = tuple[Vector, Vector]
"""A product or a scaling, and what is added. Matrices have a row for each number that comes in."""

DIMENSIONS = 384
_HEADS = 12
_MAX_TOKENS = 256
_BATCH_TOKENS = 256
"""Of texts that are embedded together, with padding; more are no faster."""
_AT_ONCE = 4
"""Batches that a process embeds at the same time: each takes up to 8 MB."""
_THREADS = min(os.cpu_count() or 1, _AT_ONCE)
"""Of a call with many texts: numpy computes outside of Python's lock."""
_EPSILON = 1e-12
_ROWS = 16


class Tokeniser(Protocol):
    """Splits texts into the pieces that a model knows."""

    def numbers(self, text: str, at_most: int) -> list[int]:
        """The numbers of a text's pieces, between a start and an end; what is over is left out."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer's weights. `asked` gives queries, keys and values side by side."""

    asked: Affine
    attended: Affine
    attended_norm: Affine
    inner: Affine
    outer: Affine
    outer_norm: Affine


@dataclass(frozen=True, slots=True)
class Weights:
    """A model's weights.

    words: the embeddings of some pieces by their numbers; positions: what is added at each place.
    """

    words: Callable[[NDArray[np.int64]], Vector]
    positions: Vector
    norm: Affine
    layers: Sequence[Layer]


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
        bias = (1 - mask[:, None, None, :]) * np.float32(-1e9)
        for layer in self._weights.layers:
            hidden = _passed(layer, hidden, bias)
        words = hidden.reshape(*ids.shape, -1)
        pooled = (words * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        unit: Vector = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit

    def _embedded(self, ids: NDArray[np.int64]) -> Vector:
        """One row per token: one large product is faster than one for each text."""
        hidden = self._weights.words(ids)
        hidden += self._weights.positions[: ids.shape[1]]
        return _normed(self._weights.norm, hidden.reshape(-1, hidden.shape[-1]))


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


def _passed(layer: Layer, hidden: Vector, bias: Vector) -> Vector:
    """What a layer makes of its rows."""
    attended = _affine(layer.attended, _attended(layer, hidden, bias))
    attended += hidden
    hidden = _normed(layer.attended_norm, attended)
    outer = _affine(layer.outer, _gelu(_affine(layer.inner, hidden)))
    outer += hidden
    return _normed(layer.outer_norm, outer)


def _attended(layer: Layer, hidden: Vector, bias: Vector) -> Vector:
    texts, length, width = len(bias), bias.shape[-1], hidden.shape[-1]
    query, key, value = (
        _affine(layer.asked, hidden)
        .reshape(texts, length, 3, _HEADS, width // _HEADS)
        .transpose(2, 0, 3, 1, 4)
    )
    scores: Vector = query @ key.transpose(0, 1, 3, 2)
    scores *= np.float32(1 / math.sqrt(width // _HEADS))
    scores += bias
    scores -= scores.max(-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(-1, keepdims=True)
    flat: Vector = (scores @ value).transpose(0, 2, 1, 3).reshape(-1, width)
    return flat


def _affine(weights: Affine, values: Vector) -> Vector:
    product: Vector = values @ weights[0]
    product += weights[1]
    return product


def _normed(weights: Affine, values: Vector) -> Vector:
    """Layer normalisation, in place."""
    values -= values.mean(-1, keepdims=True)
    values /= np.sqrt((values**2).mean(-1, keepdims=True) + np.float32(_EPSILON))
    values *= weights[0]
    values += weights[1]
    return values


def _gelu(values: Vector) -> Vector:
    """The exact GELU, in place, a few rows at a time: what stays in the cache is twice as fast."""
    for start in range(0, len(values), _ROWS):
        _gelu_of(values[start : start + _ROWS])
    return values


def _gelu_of(values: Vector) -> None:
    """With erf after Abramowitz and Stegun 7.1.26 (error below 1.5e-7)."""
    size = np.abs(values)
    root = size * np.float32(1 / math.sqrt(2))
    t = np.reciprocal(root * np.float32(0.3275911) + np.float32(1))
    tail = t * np.float32(1.061405429)
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail += np.float32(factor)
        tail *= t
    root *= root
    tail *= np.exp(np.negative(root, out=root), out=root)
    tail *= size
    tail *= np.float32(0.5)
    np.maximum(values, np.float32(0), out=values)
    values -= tail
