"""Embeds texts with a model that is loaded at the first of them."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from keepsake import heap
from keepsake.inference.embedding_models import MINILM, EmbeddingModel
from keepsake.inference.encoder import Encoder
from keepsake.inference.layers import DIMENSIONS, Vector


class Embedder:
    """Texts to unit vectors. Loads the model at its first use; threads may share it.

    What was embedded lately is kept, so that judging again or a repeated query costs nothing: 2 kB
    each.
    """

    def __init__(self, model: EmbeddingModel = MINILM, kept: int = 5_000) -> None:
        self.model = model
        self._loading = threading.Lock()
        self._keeping = threading.Lock()
        self._most_kept = kept
        self._kept: OrderedDict[bytes, Vector] = OrderedDict()

    def embed(self, texts: Sequence[str]) -> Vector:
        """One row of 384 per text, each of length 1.

        Raises:
            ModelDamaged: The weights are not the pinned ones.
        """
        return self._embedded([f"{self.model.passage}{text}" for text in texts])

    def embed_query(self, text: str) -> Vector:
        """The vector of a text that asks, to be compared with those of texts that may answer.

        Raises:
            ModelDamaged: The weights are not the pinned ones.
        """
        query: Vector = self._embedded([f"{self.model.query}{text}"])[0]
        return query

    def load(self) -> None:
        """Load the model now rather than at the first text."""
        _ = self._encoder

    def _embedded(self, texts: Sequence[str]) -> Vector:
        keys = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
        known = self._recall(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            known |= zip(missing, self._encoder.embed(list(missing.values())), strict=True)
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

    @property
    def _encoder(self) -> Encoder:
        with self._loading:
            return self._loaded

    @cached_property
    def _loaded(self) -> Encoder:
        encoder = self.model.load()
        heap.give_back()
        return encoder


def shared_embedder(_resources: object) -> Embedder:
    """The embedder of a process: it holds 70 MB, so all its services share it."""
    return Embedder()
