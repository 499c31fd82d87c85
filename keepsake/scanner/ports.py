"""What the scanner asks of others: an embedder and, for summaries, a language model."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Texts to unit vectors."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row per text."""


class Summariser(Protocol):
    """A configured language model that says what code does."""

    @property
    def model(self) -> str:
        """Its name; summaries of different models are kept apart."""

    def summarise(self, code: str, about: str) -> str:
        """One or two sentences about a symbol. `about` is its kind and qualified name.

        Raises:
            SummariserAway: No model answered.
            SummariserRefused: None will.
        """
