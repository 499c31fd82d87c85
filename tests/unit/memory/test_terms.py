import unicodedata

import pytest

from keepsake.memory.searching.terms import terms


def test_words_are_stemmed_and_those_that_tell_nothing_left_out():
    assert terms("What are Ana's dogs?") == ["ana", "dog"]
    assert terms("Who is it?") == ["who", "is", "it"]
    assert terms("北京天气") == ["北京", "京天", "天气"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("cafeteria", "La cafetería"), ("jamon", "Me gusta el jamón"), ("Muller", "Frau Müller"),
        ("Google", "我在Google上班"), ("上班", "我在Google上班"), ("\uff27oogle", "Google"),
        ("दिल्ली", "मैं दिल्ली में रहता हूँ"), ("กรุงเทพ", "ฉันอยู่ที่กรุงเทพ"), ("ngữ", "tiếng Anh ngữ"),
    ],
)  # fmt: skip
def test_a_word_is_found_however_it_is_written(asked, said):
    for form in ("NFC", "NFD"):
        assert set(terms(unicodedata.normalize(form, asked))) <= set(terms(said))
        assert set(terms(asked)) <= set(terms(unicodedata.normalize(form, said)))


@pytest.mark.parametrize(
    ("word", "parts"),
    [("हिन्दी", 1), ("क्षेत्र", 1), ("தமிழ்", 1), ("ที่นี่", 5), ("Besançon", 1), ("don't", 1)],
)
def test_no_word_is_split_at_its_marks(word, parts):
    assert len(terms(word)) == parts


def test_words_that_differ_by_more_than_accents_stay_apart():
    assert set(terms("мой")).isdisjoint(terms("мои"))
    assert set(terms("が")).isdisjoint(terms("か"))
