"""The multilingual model as onnxruntime computes it, beside numpy."""

import numpy as np
import pytest

from keepsake.inference.embedding import Embedder
from keepsake.inference.embedding_models import E5, E5_ONNX

NUMPY, ONNX = Embedder(E5), Embedder(E5_ONNX)
SAID = [
    "I am allergic to peanuts.", "Wir wohnen seit März in Köln.", "私は京都に住んでいます。",
    "ok", "We paid 1,250.50 EUR for 3 nights in 2023, see https://example.com/a?b=c", "x " * 200,
    "Я живу в Казани с 2019 года.", "أعيش في القاهرة",  # noqa: RUF001
]  # fmt: skip


def test_vectors_are_nearly_those_of_numpy():
    near = (NUMPY.embed(SAID) * ONNX.embed(SAID)).sum(1)

    assert near.min() > 0.996
    assert near.mean() > 0.998


def test_a_text_s_vector_does_not_depend_on_what_is_embedded_beside_it():
    together = ONNX.embed(SAID)

    assert np.allclose(together[0], Embedder(E5_ONNX).embed(SAID[:1])[0], atol=1e-6)


@pytest.mark.parametrize(("stored", "asking"), [(NUMPY, ONNX), (ONNX, NUMPY), (ONNX, ONNX)])
def test_what_one_embedded_the_other_finds(stored, asking):
    said = ["Ich bin allergisch gegen Erdnüsse.", "Vivo en Lisboa.", "私は犬を二匹飼っています。"]
    asked = ["Which food is dangerous for me?", "What city is my home?", "Do I have pets?"]
    there = stored.embed(said)

    assert [int(np.argmax(there @ asking.embed_query(each))) for each in asked] == [0, 1, 2]


def test_what_is_missing_for_it_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    assert not E5_ONNX.is_installed
    assert E5_ONNX.missing == ["keepsake-e5-weights", "onnx", "onnxruntime"]
