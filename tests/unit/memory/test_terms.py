import unicodedata
from datetime import date

import pytest

from keepsake.memory.languages.detection import language_of
from keepsake.memory.languages.letters import folded, parts, words_of
from keepsake.memory.searching.question import parse_question
from keepsake.memory.searching.terms import own_terms, terms

TODAY = date(2024, 5, 15)


def test_words_are_stemmed_and_those_that_tell_nothing_left_out():
    assert terms("What are Ana's dogs?") == ["ana", "dog"]
    assert terms("Who is it?") == ["who", "is", "it"]
    assert terms("我的猫") == ["猫", "的猫"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("cafeteria", "La cafetería"), ("jamon", "Me gusta el jamón"), ("Muller", "Frau Müller"),
        ("Google", "我在Google上班"), ("上班", "我在Google上班"), ("\uff27oogle", "Google"),
        ("दिल्ली", "मैं दिल्ली में रहता हूँ"), ("กรุงเทพ", "ฉันอยู่ที่กรุงเทพ"), ("ngữ", "tiếng Anh ngữ"),
        ("Lodz", "Mieszkam w ŁÓDŹ"), ("strasse", "Die Straße ist laut"),
        ("ΑΘΗΝΑ", "Μένω στην Αθήνα"),
        ("الفندق", "الفُنْدُق"), ("شلوم", "شـلـوم"), ("٢٠٢٤", "In 2024"), ("istanbul", "İSTANBUL"),
        ("Google", "Google에서 일해요"), ("서울", "서울에서 살아요"), ("猫", "我养了一只猫"),
        ("東京", "私は東京に住んでいます"), ("ラーメン", "味噌ﾗｰﾒﾝが好き"),
        ("елка", "Новогодняя Ёлка"),
    ],
)  # fmt: skip
def test_a_word_is_found_however_it_is_written(asked, said):
    for form in ("NFC", "NFD"):
        assert set(terms(unicodedata.normalize(form, asked))) <= set(terms(said))
        assert set(terms(asked)) <= set(terms(unicodedata.normalize(form, said)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Besançon", 1), ("don't", 1), ("हिन्दी", 1), ("தமிழ்", 1), ("iPhone15", 1),
        ("我在Google上班", 3),
        ("2024年", 2), ("iPhoneを買う", 4), ("Google에서", 2), ("VPNый", 2), ("می\u200cروم", 1),
    ],
)  # fmt: skip
def test_a_word_ends_where_its_script_does_and_not_at_its_marks(text, words):
    assert len(words_of(text)) == words


@pytest.mark.parametrize(
    ("word", "letters"), [("हिन्दी", 3), ("க்ஷ", 2), ("ที่นี่", 2), ("서울", 2), ("北京", 2)]
)
def test_joined_words_are_found_by_their_letters_with_marks_and_by_pairs(word, letters):
    assert len(parts(folded(word))) == letters + letters - 1


def test_words_that_differ_by_more_than_accents_stay_apart():
    assert folded("мой") != folded("мои")
    assert set(terms("が")).isdisjoint(terms("か"))


@pytest.mark.parametrize(
    ("asked", "said", "language"),
    [
        ("Welche Kinder habe ich?", "Ich habe ein Kind und einen Hund.", "german"),
        ("¿Qué libros tengo?", "Tengo un libro de mi madre.", "spanish"),
        ("Quelles chansons est-ce que j'aime ?", "C'est ma chanson d'amour.", "french"),
        ("Quali amici ho?", "L'amico di mia sorella è qui.", "italian"),
        ("Que livros tenho?", "Este livro é meu.", "portuguese"),
        ("Welke boeken heb ik?", "Dat boek is van mijn zus.", "dutch"),
        ("Jakie książki mam?", "Mam tę książkę od siostry.", "polish"),
        ("Vilka hundar har jag?", "Min hund är inte stor.", "swedish"),
    ],
)
def test_a_text_is_stemmed_by_the_rules_of_its_language_and_a_question_by_those_of_all(
    asked, said, language
):
    words, spoken = own_terms(said)

    question = parse_question(asked, (), (), TODAY, ["english", language])

    assert spoken == language
    assert not set(words).isdisjoint(question.terms)


def test_english_stays_as_it_was_beside_other_languages():
    asked = "Which books did Ana's sisters like?"

    question = parse_question(asked, (), (), TODAY, ["german", "spanish"])

    assert list(question.terms[:3]) == terms(asked) == ["book", "ana", "sister"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ich will in Rom wohnen.", "german"), ("No kids, no pets.", "english"),
        ("No tengo hijos.", "spanish"), ("I live in München.", "english"), ("Pixel", "english"),
        ("Mam dwa koty.", "polish"), ("J'habite à Lyon.", "french"), ("我在Google上班", "CJK"),
        ("My name is 田中", "english"), ("Adoro i gatti.", "italian"), ("Bor i Oslo.", "swedish"),
        ("Tôi sống ở Huế", "vietnamese"), ("Asun Turussa.", "finnish"),
        ("Я живу в Rome", "CYRILLIC"),
    ],
)  # fmt: skip
def test_the_language_of_a_text_is_that_of_most_of_its_words(text, language):
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("Where does Jose live?", "josé"),
        ("安娜住在哪里", "安娜"),
        ("아나는 어디 살아요?", "아나"),
    ],
)
def test_a_speaker_is_known_by_name_however_it_is_written(query, name):
    question = parse_question(query, [folded(name)], (), TODAY)

    assert question.speakers == {folded(name)}
    assert name not in question.text
    assert "Jose" not in question.text
