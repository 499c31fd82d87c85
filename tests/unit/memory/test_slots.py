import pytest

from keepsake.memory.domains.profile import read_facts


@pytest.mark.parametrize(
    ("sentence", "attribute", "value", "negated"),
    [
        ("I live in Paris.", "lives_in", "paris", False),
        ("I moved to Berlin and I like it", "lives_in", "berlin", False),
        ("I no longer live in Rome", "lives_in", "rome", True),
        ("I work at Initech", "works_at", "initech", False),
        ("I quit Initech.", "works_at", "initech", True),
        ("My name is Ana", "name", "ana", False),
        ("I'm allergic to peanuts", "allergic_to", "peanuts", False),
        ("I am not allergic to nuts", "allergic_to", "nuts", True),
        ("I hate coriander", "taste for coriander", "dislikes", False),
        ("I love jazz, always did", "taste for jazz", "likes", False),
        ("I work as a nurse", "works_as", "nurse", False),
    ],
)
def test_a_fact_is_read_in_parts(sentence, attribute, value, negated):
    slots = {slot.attribute: slot for slot in read_facts(sentence)}

    assert (slots[attribute].value, slots[attribute].negated) == (value, negated)


@pytest.mark.parametrize("sentence", ["It rains.", "They live in Paris", "You work at Initech"])
def test_what_others_do_is_no_fact_about_the_user(sentence):
    assert read_facts(sentence) == []
