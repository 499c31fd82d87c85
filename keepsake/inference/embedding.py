"""Sentence embeddings by all-MiniLM-L6-v2, in plain numpy, and its tokeniser.

The weights come from `keepsake-minilm-weights`, in half precision, so nothing is fetched; torch
would bring 1.5 GB for six layers, and the `tokenizers` package a client that downloads models.
"""

import hashlib
import importlib.util
import math
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from string import punctuation
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

_UNKNOWN, _START, _END = "[UNK]", "[CLS]", "[SEP]"
_CONTINUED = "##"
_MAX_WORD_CHARS = 100
_SPACES, _DROPPED = "\t\n\r", "\ufffd"
_IDEOGRAPHS = (
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0x2F800, 0x2FA1F),
)  # fmt: skip


class WordPiece:
    """The tokeniser of uncased BERT models: the longest pieces that its vocabulary knows.

    Source: BertNormalizer, BertPreTokenizer and WordPiece of Hugging Face's tokenizers 0.23.
    A special token that is written out in a text, such as `[SEP]`, is read as ordinary characters.
    """

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._numbers = {piece: number for number, piece in enumerate(vocabulary)}
        self._most_chars = max(map(len, self._numbers))

    def numbers(self, text: str, at_most: int) -> list[int]:
        """The numbers of a text's pieces, between a start and an end; what is over is left out."""
        pieces = islice(self._pieces(text), at_most - 2)
        return [self._numbers[piece] for piece in (_START, *pieces, _END)]

    def _pieces(self, text: str) -> Iterator[str]:
        for word in "".join(map(_normalised, text)).split():
            yield from self._split(word)

    def _split(self, word: str) -> list[str]:
        """A word's pieces; one unknown piece for a word that has no split or is too long."""
        pieces: list[str] = []
        start = 0
        while start < len(word) <= _MAX_WORD_CHARS:
            piece = self._longest(word, start)
            if not piece:
                break
            pieces.append(piece)
            start += len(piece) - (len(_CONTINUED) if start else 0)
        return pieces if start == len(word) else [_UNKNOWN]

    def _longest(self, word: str, start: int) -> str:
        prefix = _CONTINUED if start else ""
        ends = range(min(len(word), start + self._most_chars), start, -1)
        return next((p for end in ends if (p := prefix + word[start:end]) in self._numbers), "")


@lru_cache(maxsize=4096)
def _normalised(char: str) -> str:
    """One character in lower case without accents; spaces part words and stand round marks."""
    if char in _SPACES or unicodedata.category(char).startswith("Z"):
        return " "
    if char in _DROPPED or unicodedata.category(char) in {"Cc", "Cf", "Co"}:
        return ""
    if any(first <= ord(char) <= last for first, last in _IDEOGRAPHS):
        return f" {unicodedata.normalize('NFD', char)} "
    letters = (c for c in unicodedata.normalize("NFD", char) if unicodedata.category(c) != "Mn")
    return "".join(f" {c} " if _is_mark(c) else c.lower() for c in letters)


def _is_mark(char: str) -> bool:
    return char in punctuation or unicodedata.category(char).startswith("P")


Vector: TypeAlias = NDArray[np.float32]

DIMENSIONS = 384
_PACKAGE = "keepsake_minilm_weights"
_SHA256 = {
    "model.safetensors": "ef4f66adbac55a55f9d5a2d865d84a17f42e2f202b49d0235c77d3cdd5b19ce9",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
"""Of what `weights/convert.py` writes."""
_LAYERS, _HEADS = 6, 12
_MAX_TOKENS = 256
_BATCH_TOKENS = 256
"""Of texts that are embedded together, with padding; more are no faster."""
_AT_ONCE = 4
"""Batches that a process embeds at the same time: each takes up to 8 MB."""
_EPSILON = 1e-12
_ROWS = 16


class ModelDamaged(Exception):
    """The embedding model's weights are not there, or not the ones that were pinned."""


class Embedder:
    """Texts to unit vectors. Loads the model at its first use; threads may share it.

    What was embedded lately is kept, so that judging again or a repeated query costs nothing.
    """

    def __init__(self, kept: int = 20_000) -> None:
        self._loading = threading.Lock()
        self._keeping = threading.Lock()
        self._most_kept = kept
        self._kept: OrderedDict[bytes, Vector] = OrderedDict()

    def embed(self, texts: Sequence[str]) -> Vector:
        """One row of 384 per text, each of length 1.

        Raises:
            ModelDamaged: The weights are not the pinned ones.
        """
        keys = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
        known = self._recall(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            known |= zip(missing, self._model.embed(list(missing.values())), strict=True)
        self._keep({key: known[key] for key in missing})
        rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, key in enumerate(keys):
            rows[row] = known[key]
        return rows

    def _recall(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        with self._keeping:
            known = {key: self._kept[key] for key in keys if key in self._kept}
            for key in known:
                self._kept.move_to_end(key)
            return known

    def _keep(self, vectors: dict[bytes, Vector]) -> None:
        with self._keeping:
            self._kept |= vectors
            while len(self._kept) > self._most_kept:
                self._kept.popitem(last=False)

    def load(self) -> None:
        """Load the model now rather than at the first text."""
        _ = self._model

    @property
    def _model(self) -> "_MiniLM":
        with self._loading:
            return self._loaded

    @cached_property
    def _loaded(self) -> "_MiniLM":
        return _MiniLM()


class _MiniLM:
    """BERT's encoder with mean pooling."""

    def __init__(self) -> None:
        from safetensors.numpy import load  # noqa: PLC0415 - only who embeds pays
        from threadpoolctl import threadpool_limits  # noqa: PLC0415

        threadpool_limits(1, "blas")  # jobs run side by side; BLAS threads wait by spinning
        halved = load(_pinned("model.safetensors"))
        self._words = halved.pop("embeddings.word_embeddings.weight").copy()
        self._weights = {name: tensor.astype(np.float32) for name, tensor in halved.items()}
        self._tokeniser = WordPiece(_pinned("vocab.txt").decode().splitlines())
        self._room = threading.BoundedSemaphore(_AT_ONCE)

    def embed(self, texts: Sequence[str]) -> Vector:
        """One unit row per text."""
        rows = [self._tokeniser.numbers(text, _MAX_TOKENS) for text in texts]
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for batch in batches([len(row) for row in rows]):
            with self._room:
                vectors[batch] = self._encoded([rows[number] for number in batch])
        return vectors

    def _encoded(self, rows: Sequence[Sequence[int]]) -> Vector:
        ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        mask = np.zeros(ids.shape, dtype=np.float32)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = row
            mask[number, : len(row)] = 1
        hidden = self._embedded(ids)
        bias = (1 - mask[:, None, None, :]) * np.float32(-1e9)
        for number in range(_LAYERS):
            hidden = self._layer(f"encoder.layer.{number}.", hidden, bias)
        words = hidden.reshape(*ids.shape, -1)
        pooled = (words * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        unit: Vector = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit

    def _embedded(self, ids: NDArray[np.int64]) -> Vector:
        """One row per token: one large product is faster than one for each text."""
        hidden: Vector = self._words[ids].astype(np.float32)  # half of the model stays halved
        hidden += self._weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        hidden += self._weights["embeddings.token_type_embeddings.weight"][0]
        return self._normed("embeddings.LayerNorm", hidden.reshape(-1, hidden.shape[-1]))

    def _layer(self, name: str, hidden: Vector, bias: Vector) -> Vector:
        attended = self._linear(f"{name}attention.output.dense", self._attend(name, hidden, bias))
        attended += hidden
        hidden = self._normed(f"{name}attention.output.LayerNorm", attended)
        inner = _gelu(self._linear(f"{name}intermediate.dense", hidden))
        outer = self._linear(f"{name}output.dense", inner)
        outer += hidden
        return self._normed(f"{name}output.LayerNorm", outer)

    def _attend(self, name: str, hidden: Vector, bias: Vector) -> Vector:
        texts, length, width = len(bias), bias.shape[-1], hidden.shape[-1]
        query, key, value = (
            self._linear(f"{name}attention.self.{part}", hidden)
            .reshape(texts, length, _HEADS, width // _HEADS)
            .transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores: Vector = query @ key.transpose(0, 1, 3, 2)
        scores *= np.float32(1 / math.sqrt(width // _HEADS))
        scores += bias
        scores -= scores.max(-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(-1, keepdims=True)
        flat: Vector = (scores @ value).transpose(0, 2, 1, 3).reshape(-1, width)
        return flat

    def _linear(self, name: str, values: Vector) -> Vector:
        product: Vector = values @ self._weights[f"{name}.weight"].T
        product += self._weights[f"{name}.bias"]
        return product

    def _normed(self, name: str, values: Vector) -> Vector:
        """Layer normalisation, in place."""
        values -= values.mean(-1, keepdims=True)
        values /= np.sqrt((values**2).mean(-1, keepdims=True) + np.float32(_EPSILON))
        values *= self._weights[f"{name}.weight"]
        values += self._weights[f"{name}.bias"]
        return values


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


def shared_embedder(_resources: object) -> Embedder:
    """The embedder of a process: it holds 70 MB, so all its services share it."""
    return Embedder()


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


def _pinned(name: str) -> bytes:
    """A file of the model.

    Raises:
        ModelDamaged: It is not there, or not what was pinned.
    """
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise ModelDamaged("the embedding model is not installed: install keepsake-minilm-weights")
    path = Path(package.origin).parent / name
    if not path.exists():
        raise ModelDamaged(f"{path} is missing: install keepsake-minilm-weights anew")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != _SHA256[name]:
        raise ModelDamaged(f"{path} is not the pinned one: install keepsake-minilm-weights anew")
    return content
