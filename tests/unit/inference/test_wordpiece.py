"""The tokeniser beside what Hugging Face's tokenizers 0.23.3 makes of the same texts."""

from importlib.resources import files

import pytest

from keepsake.inference.wordpiece import WordPiece

VOCABULARY = files("keepsake_minilm_weights").joinpath("vocab.txt").read_text().splitlines()
TOKENISER = WordPiece(VOCABULARY)


def pieces(text: str, at_most: int = 256) -> str:
    first, *inner, last = (VOCABULARY[number] for number in TOKENISER.numbers(text, at_most))
    assert (first, last) == ("[CLS]", "[SEP]")
    return " ".join(inner)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("I'm allergic to peanuts.", "i ' m allergic to peanuts ."),
        ("Café NAÏVE Straße", "cafe naive st ##raße"),
        ("İstanbul ΟΔΟΣ", "istanbul ο ##δ ##ο ##σ"),  # noqa: RUF001
        ("e\u0301le\u0300ve", "el ##eve"),
        ("東京タワー and 한국어", "東 京 タ ##ワ ##ー and ᄒ ##ᅡ ##ᆫ ##ᄀ ##ᅮ ##ᆨ ##ᄋ ##ᅥ"),
        ("tab\tnew\nline\u00a0nbsp\u3000wide", "tab new line n ##bs ##p wide"),
        ("a\0b\u200bc\ufffdd\ve\u0085f", "abc ##de ##f"),
        ("self._tokeniser(text, 256)", "self . _ token ##iser ( text , 256 )"),
        ("€5 – “quoted” … ½ x² ﬁ", "€ ##5 – “ quoted ” … ½ x ##² ﬁ"),  # noqa: RUF001
        ("🙂 smile", "[UNK] smile"),
        ("z" * 101, "[UNK]"),
    ],
)
def test_texts_are_split_as_the_model_was_trained_on_them(text, expected):
    assert pieces(text) == expected


def test_a_written_out_special_token_is_not_one():
    assert pieces("[SEP] x") == "[ sep ] x"


def test_a_word_is_split_as_a_whole_or_not_at_all():
    assert pieces("peanut☃") == "[UNK]"


def test_what_is_over_is_left_out():
    assert pieces("one two three four", at_most=5) == "one two three"
