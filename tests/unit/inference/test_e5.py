"""The multilingual model beside what its wheel's own engine makes of the same texts."""

import numpy as np
import pytest

from keepsake.inference.embedding import Embedder
from keepsake.inference.embedding_models import E5

EMBEDDER = Embedder(E5)
START, END = 0, 2


@pytest.fixture(scope="module")
def tokeniser():
    return EMBEDDER._encoder._tokeniser


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("I'm allergic to peanuts.", [87, 25, 39, 46443, 238, 47, 16320, 3609, 7, 5]),
        ("Café NAÏVE Straße", [61427, 3076, 243901, 24878, 90515]),
        ("İstanbul ΟΔΟΣ", [10621, 2108, 12623, 49021]),
        ("東京タワーに行きました。", [6, 22888, 10793, 79663, 233611, 30]),
        ("ฉันอาศัยอยู่ที่เชียงใหม่", [59334, 193766, 699, 69203]),
        ("मैं दिल्ली में रहता हूँ।", [10399, 14420, 421, 119657, 28035, 125]),
        ("Я живу в Казани с 2019 года.", [1509, 18884, 105, 49, 216087, 89, 135, 3640, 2699, 5]),  # noqa: RUF001
        ("أعيش في القاهرة", [1333, 89052, 240, 73267]),
        ("🙂 smile ☃", [3143, 49488, 6, 245060]),
        ("ﬁ ½ x² Ａ１", [809, 78660, 1022, 304, 62, 418]),  # noqa: RUF001
        ("tab\tnew\nline\u3000wide", [20928, 3525, 13315, 38134]),
        ("zzzzqqqq\u0378x", [97, 177033, 38656, 38656, 3, 425]),
    ],
)
def test_texts_are_split_as_the_model_was_trained_on_them(tokeniser, text, pieces):
    assert tokeniser.numbers(text, 256) == [START, *pieces, END]


def test_letters_and_their_accents_are_one_however_they_are_written(tokeniser):
    assert tokeniser.numbers("Cafe\u0301", 256) == tokeniser.numbers("Café", 256)


def test_a_written_out_special_token_is_not_one(tokeniser):
    _, *inner, _ = tokeniser.numbers("<s> gone </s> <mask>", 256)

    assert not {START, END, 250_001}.intersection(inner)


def test_what_is_over_is_left_out(tokeniser):
    assert len(tokeniser.numbers("one two three four " * 100, 16)) == 16


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I am allergic to peanuts.", (0.0615, 0.0072, -0.0292, -0.1088, 0.1087, -0.0374)),
        ("Wir wohnen seit März in Köln.", (0.0394, -0.0214, -0.0075, -0.0682, 0.0859, -0.0179)),
        ("私は京都に住んでいます。", (0.0674, -0.0247, -0.041, -0.0703, 0.1028, -0.0192)),
    ],
)
def test_vectors_are_those_of_the_wheel_s_engine(text, expected):
    vector = EMBEDDER.embed([text])[0]

    assert np.allclose(vector[: len(expected)], expected, atol=2.5e-3)


def test_a_question_has_another_vector_than_a_statement():
    expected = (0.0989, -0.0072, -0.0522, -0.0697, 0.0699, -0.0593)
    question = EMBEDDER.embed_query("Which foods should be avoided?")

    assert np.allclose(question[: len(expected)], expected, atol=2.5e-3)
    assert not np.allclose(
        question, EMBEDDER.embed(["Which foods should be avoided?"])[0], atol=0.01
    )


def test_what_is_asked_in_one_language_is_found_in_another():
    said = ["Ich bin allergisch gegen Erdnüsse.", "Vivo en Lisboa.", "私は犬を二匹飼っています。"]
    asked = ["Which food is dangerous for me?", "What city is my home?", "Do I have pets?"]
    there = EMBEDDER.embed(said)

    nearest = [int(np.argmax(there @ EMBEDDER.embed_query(question))) for question in asked]

    assert nearest == [0, 1, 2]


def test_vectors_do_not_depend_on_their_batch():
    texts = ["Vivo en Lisboa.", "x " * 300, "hi"]

    together = EMBEDDER.embed(texts)
    alone = EMBEDDER._encoder.embed([f"passage: {texts[0]}"])

    assert np.allclose(together[0], alone[0], atol=1e-4)
