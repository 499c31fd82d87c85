"""The embedding models that Keepsake can run, and what each reads of its distribution of weights.

Nothing is fetched: `weights/convert.py` writes what the distributions hold.
"""

import hashlib
import importlib.util
import json
import os
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsake.inference.encoder import Encoder, Weights
from keepsake.inference.layers import DIMENSIONS, Affine, Layer, Layers, Vector, in_numpy, unpacked
from keepsake.inference.unigram import Unigram
from keepsake.inference.wordpiece import WordPiece


class ModelDamaged(Exception):
    """The embedding model's weights are not there, or not the ones that were pinned."""


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """A model, by the name that stands beside its vectors.

    pinned: the files of its package, by the SHA-256 of what `weights/convert.py` writes.
    query, passage: what stands before a text that asks, and before one that may answer.
    runtime: what computes its layers. needs: packages beside its own.
    """

    name: str
    package: str
    pinned: Mapping[str, str]
    read: Callable[["EmbeddingModel"], Encoder]
    query: str = ""
    passage: str = ""
    runtime: str = "numpy"
    needs: tuple[str, ...] = ()

    @property
    def distribution(self) -> str:
        """The distribution of its weights."""
        return self.package.replace("_", "-")

    @property
    def missing(self) -> list[str]:
        """What is still to be installed for it; its content is looked at when it is loaded."""
        return [name.replace("_", "-") for name in (self.package, *self.needs)
                if importlib.util.find_spec(name) is None]  # fmt: skip

    @property
    def is_installed(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing

    def load(self) -> Encoder:
        """Read it.

        Raises:
            ModelDamaged: A file is not there, or not what was pinned.
        """
        return self.read(self)

    def path(self, name: str) -> Path:
        """A file of its package, when it is the one that was pinned.

        Raises:
            ModelDamaged: It is not there, or another one.
        """
        package = importlib.util.find_spec(self.package)
        if package is None or package.origin is None:
            raise ModelDamaged(f"the embedding model is not installed: install {self.distribution}")
        path = Path(package.origin).parent / name
        if not path.exists():
            raise ModelDamaged(f"{path} is missing: install {self.distribution} anew")
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        if digest != self.pinned[name]:
            raise ModelDamaged(f"{path} is not the pinned one: install {self.distribution} anew")
        return path


def _minilm(model: EmbeddingModel) -> Encoder:
    """Weights of half precision; those of words stay so."""
    halved = _tensors(model)
    words = halved.pop("embeddings.word_embeddings.weight")
    full = {name: tensor.astype(np.float32) for name, tensor in halved.items()}

    def affine(name: str) -> Affine:
        return np.ascontiguousarray(full[f"{name}.weight"].T), full[f"{name}.bias"]

    def layer(name: str) -> Layer:
        attention = f"{name}attention.self."
        return Layer(
            asked=_beside(affine(f"{attention}{part}") for part in ("query", "key", "value")),
            attended=affine(f"{name}attention.output.dense"),
            attended_norm=affine(f"{name}attention.output.LayerNorm"),
            inner=affine(f"{name}intermediate.dense"),
            outer=affine(f"{name}output.dense"),
            outer_norm=affine(f"{name}output.LayerNorm"),
        )

    weights = Weights(
        words=lambda ids: words[ids].astype(np.float32),
        positions=full["embeddings.position_embeddings.weight"]
        + full["embeddings.token_type_embeddings.weight"][0],
        norm=affine("embeddings.LayerNorm"),
        layers=in_numpy([layer(f"encoder.layer.{number}.") for number in range(6)]),
    )
    return Encoder(WordPiece(model.path("vocab.txt").read_text().splitlines()), weights)


def _e5(model: EmbeddingModel) -> Encoder:
    return _of_four_bits(model, _unpacked_layers)


def _e5_onnx(model: EmbeddingModel) -> Encoder:
    from keepsake.inference.onnx_layers import in_onnxruntime  # noqa: PLC0415 - an extra

    return _of_four_bits(model, in_onnxruntime)


def _of_four_bits(
    model: EmbeddingModel, layers: Callable[[dict[str, NDArray[Any]]], Layers]
) -> Encoder:
    """Weights of 4 bits; those of words stay so, and on disk until a text has them."""
    packed = _tensors(model)
    weights = Weights(
        words=_words_on_disk(model.path("words.npy")),
        positions=packed["emb.pos"].reshape(-1, DIMENSIONS) + packed["emb.type"][:DIMENSIONS],
        norm=(packed["emb.ln.w"], packed["emb.ln.b"]),
        layers=layers(packed),
    )
    return Encoder(_unigram(model, array("f", packed["scores"].tobytes())), weights)


def _unpacked_layers(packed: dict[str, NDArray[Any]]) -> Layers:
    """Each weight as a number that numpy can multiply by."""

    def affine(name: str) -> Affine:
        return np.ascontiguousarray(unpacked(packed[f"{name}.w"]).T), packed[f"{name}.b"]

    def norm(name: str) -> Affine:
        return packed[f"{name}.w"], packed[f"{name}.b"]

    def layer(name: str) -> Layer:
        return Layer(
            asked=_beside(affine(f"{name}{part}") for part in "qkv"),
            attended=affine(f"{name}ao"), attended_norm=norm(f"{name}aln"),
            inner=affine(f"{name}fi"), outer=affine(f"{name}fo"), outer_norm=norm(f"{name}oln"),
        )  # fmt: skip

    return in_numpy([layer(f"l{number}.") for number in range(12)])


def _words_on_disk(path: Path) -> Callable[[NDArray[np.int64]], Vector]:
    """The embeddings of pieces out of a table that stays on disk.

    Mapped, all its 54 MB would be in memory before long. It is open as long as the process lives.
    """
    table = np.load(path, mmap_mode="r")
    begins, size, shape = table.offset, table[0].nbytes, table[0].shape
    opened = os.open(path, os.O_RDONLY)

    def words(ids: NDArray[np.int64]) -> Vector:
        numbers, places = np.unique(ids, return_inverse=True)
        raw = b"".join(os.pread(opened, size, begins + size * int(number)) for number in numbers)
        rows = unpacked(np.frombuffer(raw, dtype=np.uint8).reshape(-1, *shape))
        return rows[places.reshape(ids.shape)]

    return words


def _unigram(model: EmbeddingModel, scores: Sequence[float]) -> Unigram:
    pieces = model.path("pieces.txt").read_text("utf-8").split("\n")
    return Unigram(pieces, scores, json.loads(model.path("characters.json").read_bytes()))


def _tensors(model: EmbeddingModel) -> dict[str, NDArray[Any]]:
    from safetensors.numpy import load_file  # noqa: PLC0415 - only who embeds pays

    tensors: dict[str, NDArray[Any]] = load_file(model.path("model.safetensors"))
    return tensors


def _beside(parts: Iterator[Affine]) -> Affine:
    """Several products as one."""
    products, added = zip(*parts, strict=True)
    return np.hstack(products), np.hstack(added)


MINILM = EmbeddingModel(
    name="all-MiniLM-L6-v2",
    package="keepsake_minilm_weights",
    pinned={
        "model.safetensors": "ef4f66adbac55a55f9d5a2d865d84a17f42e2f202b49d0235c77d3cdd5b19ce9",
        "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    },
    read=_minilm,
)
"""English. Its distribution is part of every installation."""
E5 = EmbeddingModel(
    name="multilingual-e5-small",
    package="keepsake_e5_weights",
    pinned={
        "characters.json": "c7150b1f70f731bed161eb139078b038e4b6c0ef52d7d9e881ee9dd9a82c198b",
        "model.safetensors": "88f9d97d755f36c1a7b99b7cfba2c59aed4149c9003bd49b91b1a27adc0bfc16",
        "pieces.txt": "3e8d27b254845a0251bc7d6087db5afc1d67fa8bc89482334b40aec28fdc1f50",
        "words.npy": "8b8b6e9af655fdf4ebea123ae3a6670f50f5b16ec001b37485450e3d4bc169c2",
    },
    read=_e5,
    query="query: ",
    passage="passage: ",
)
"""A hundred languages; twice the time."""
E5_ONNX = replace(E5, read=_e5_onnx, runtime="onnx", needs=("onnx", "onnxruntime"))
"""The same model in less time; its vectors compare with those of numpy."""
