from datetime import date

import numpy as np
import pytest

from bench.conversations import Talk
from bench.turn_features import indexed
from keepsake.inference import MINILM
from keepsake.memory import Turn
from keepsake.memory.languages.detection import names_speaker
from keepsake.memory.searching.question import parse_question
from keepsake.memory.searching.ranking import WEIGHTS, features

ASKED = "Which instrument does Ben play?"


class NoMeaning:
    """Embeds all texts alike, so that words alone count."""

    model = MINILM

    def embed(self, texts):
        return np.ones((len(texts), 384), dtype=np.float32) / 384**0.5


def part(name, *turns):
    """A part of the turns' scores, before it is weighed."""
    said = [Turn(**turn, source_id=f"t{n}", session_id="s") for n, turn in enumerate(turns)]
    index = indexed(Talk(said, []), NoMeaning())
    question = parse_question(ASKED, index.speakers, (), date.min)
    everything, near = np.ones(len(said), dtype=bool), np.zeros(len(said), dtype=np.float32)
    return [round(float(share), 2) for share in
            features(index, question, near, everything, WEIGHTS[MINILM.name])[name]]  # fmt: skip


def replies(*turns):
    """The share of the turn before that each turn is given as the reply to it."""
    return part("reply", *turns)


def ana(text):
    return {"user_query": f"Ana: {text}"}


def ben(text):
    return {"user_query": f"Ben: {text}"}


def user(text, response=""):
    return {"user_query": text, "agent_response": response}


@pytest.mark.parametrize("question", [
    "Which instrument do you play?",
    "Which instrument do you play? I forgot.",
    "Which instrument do you play? [shares a photo of a stage]",
    "Which instrument do you play\N{FULLWIDTH QUESTION MARK}",
])  # fmt: skip
def test_who_is_asked_by_another_speaker_replies(question):
    _, share, later = replies(ana(question), ben("The cello, since school."), ana("I see."))

    assert (share > 0, later) == (True, 0)


@pytest.mark.parametrize("turns", [
    (ana("Which instrument do you play?"), ana("I mean beside the piano.")),
    (ana("You play an instrument, I heard."), ben("The cello, since school.")),
    (ana("Which instrument do you play? " + "I ask as we need somebody on Friday. " * 3),
     ben("The cello, since school.")),
    (user("Which instrument shall I play?"), user("The cello perhaps.")),
    (user("Which instrument shall I play?", "Try the cello."), user("Thanks.")),
])  # fmt: skip
def test_what_follows_on_no_question_of_somebody_else_is_no_reply(turns):
    assert replies(*turns) == [0, 0]


def test_the_user_replies_to_what_the_assistant_asked():
    _, share = replies(user("Hello.", "Which instrument do you play?"), user("The cello."))

    assert share > 0


def test_a_turn_gains_by_the_best_of_four_on_either_side():
    chatter = [ana("Nice weather."), ben("So it is.")] * 3
    near = part("nearby", *chatter, ben("My instrument is the cello."), *chatter)

    assert [share > 0 for share in near] == [2 <= n <= 10 and n != 6 for n in range(13)]


def test_words_count_for_both_where_it_is_not_known_how_near_a_row_is():
    said = [Turn(**ben(text), source_id=text) for text in ("The cello.", "The weather.", "A dog.")]
    index = indexed(Talk(said, []), NoMeaning())
    question = parse_question("Who plays the cello?", index.speakers, (), date.min)
    everything, weights = np.ones(3, dtype=bool), WEIGHTS[MINILM.name]

    scored = [features(index, question, np.array(near, dtype=np.float32), everything, weights)
              for near in ([0.1, 0.2, 0.3], [np.nan, 0.2, 0.3])]  # fmt: skip

    assert scored[1]["dense"].tolist() == pytest.approx([0, -1, 1])
    words = [weights["lexical"] * parts["lexical"] for parts in scored]
    both = 1 + weights["dense"] / weights["lexical"]
    assert words[1].tolist() == pytest.approx([both * words[0][0], words[0][1], words[0][2]])


@pytest.mark.parametrize(("text", "language", "named"), [
    ("It is mine.", "english", True), ("You are kind.", "english", False),
    ("Du magst Tee.", "german", True), ("Ho comprato una bici.", "italian", True),
    ("\u4f60\u559c\u6b22\u8336", "english", True), ("The caf\u00e9.", "english", False),
])  # fmt: skip
def test_speakers_name_themselves_or_may_need_no_word_for_it(text, language, named):
    assert names_speaker(text, language) is named
