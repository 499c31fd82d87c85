import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.resources import files
from threading import Barrier, Lock

import numpy as np
import pytest

from keepsake.inference import encoder
from keepsake.inference.embedding import Embedder
from keepsake.inference.embedding_models import MINILM, ModelDamaged

EMBEDDER = Embedder()


def test_vectors_have_unit_length_and_do_not_depend_on_their_batch():
    texts = ["I am allergic to peanuts.", "Which foods should be avoided?", "x " * 300, "hi"] * 5

    together = EMBEDDER.embed(texts)

    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together[0], EMBEDDER.embed(texts[:1])[0], atol=1e-4)


def test_meaning_is_nearer_than_words():
    peanuts, foods, city = EMBEDDER.embed(
        ["I am allergic to peanuts", "Which foods should be avoided?", "I live in Lisbon"]
    )

    assert peanuts @ foods > 3 * (city @ foods)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I am allergic to peanuts.", (0.00895, 0.00106, 0.02812, 0.0386, 0.00283, 0.02665)),
        ("def parse(source: bytes) -> Tree:", (-0.00148, 0.03294, 0.008, 0.05227, 0.00475)),
        (
            "Wir wohnen seit März in Köln.",
            (-0.00388, 0.11573, 0.04453, -0.00231, -0.04054, 0.02433),
        ),
    ],
)
def test_vectors_are_those_of_the_weights_in_full_precision(text, expected):
    vector = EMBEDDER.embed([text])[0]

    assert np.allclose(vector[: len(expected)], expected, atol=1e-3)


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """A package of weights that is read instead, and its folder; it is still empty."""
    package = tmp_path / "other_weights"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return replace(MINILM, package=package.name), package


def test_weights_that_are_not_the_pinned_ones_are_refused(weights):
    model, package = weights
    original = files("keepsake_minilm_weights").joinpath("model.safetensors").read_bytes()
    (package / "model.safetensors").write_bytes(original[:-1] + b"\0")

    with pytest.raises(ModelDamaged, match=r"model\.safetensors is not the pinned one"):
        Embedder(model).load()


def test_weights_that_are_missing_are_named(weights):
    with pytest.raises(ModelDamaged, match=r"model\.safetensors is missing"):
        Embedder(weights[0]).load()


def test_without_the_weights_their_distribution_is_named():
    absent = replace(MINILM, package="absent_weights")

    assert not absent.is_installed
    with pytest.raises(ModelDamaged, match="install absent-weights"):
        Embedder(absent).load()


def test_nothing_embeds_to_nothing():
    assert EMBEDDER.embed([]).shape == (0, 384)


def test_importing_the_package_loads_no_model():
    script = "import keepsake.memory.service, sys; print('safetensors' in sys.modules)"

    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert out.stdout.strip() == "False"


def test_long_texts_are_embedded_in_few_small_batches_at_once(monkeypatch):
    encoded, tokens, beside, lock = encoder.Encoder._encoded, [], [0], Lock()

    def counted(model, rows):
        with lock:
            tokens.append(len(rows) * max(map(len, rows)))
            beside.append(beside[-1] + 1)
        try:
            return encoded(model, rows)
        finally:
            with lock:
                beside.append(beside[-1] - 1)

    monkeypatch.setattr(encoder.Encoder, "_encoded", counted)
    texts = [[f"{number} {each} {'sea ' * 300}" for each in range(3)] for number in range(8)]
    with ThreadPoolExecutor(len(texts)) as pool:
        list(pool.map(EMBEDDER.embed, texts))

    assert max(tokens) <= encoder._BATCH_TOKENS
    assert max(beside) <= encoder._AT_ONCE


def test_the_texts_of_one_call_are_embedded_side_by_side(monkeypatch):
    encoded, both = encoder.Encoder._encoded, Barrier(2)

    def met(model, rows):
        both.wait(timeout=30)
        return encoded(model, rows)

    monkeypatch.setattr(encoder, "_THREADS", 2)
    monkeypatch.setattr(encoder.Encoder, "_encoded", met)
    texts = [f"{word} {'lake ' * 200}" for word in ("cold", "warm", "deep", "blue")]
    beside = EMBEDDER.embed(texts)
    monkeypatch.setattr(encoder.Encoder, "_encoded", encoded)

    assert np.allclose(beside[2], Embedder().embed([texts[2]])[0], atol=1e-4)
