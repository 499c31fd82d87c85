from keepsake.memory.searching.question import terms


def test_words_are_stemmed_and_those_that_tell_nothing_left_out():
    assert terms("What are Ana's dogs?") == ["ana", "dog"]
    assert terms("Who is it?") == ["who", "is", "it"]
    assert terms("北京天气") == ["北京", "京天", "天气"]
