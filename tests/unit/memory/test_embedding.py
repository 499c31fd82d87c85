import subprocess
import sys

import numpy as np

from keepsake.inference.embedding import Embedder

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


def test_nothing_embeds_to_nothing():
    assert EMBEDDER.embed([]).shape == (0, 384)


def test_importing_the_package_loads_no_model():
    script = (
        "import keepsake.memory.service, sys; print([m for m in sys.modules if 'tokenizers' in m])"
    )

    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert out.stdout.strip() == "[]"
