"""What is long and odd on purpose is read in little time: the regexes hold Python's lock."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Lock

import pytest

from keepsake.memory.domains.lasting import settled
from keepsake.memory.domains.parse import _ENGLISH, parse
from keepsake.memory.domains.registry import classify, extract
from keepsake.memory.searching.question import parse_question
from keepsake.memory.turn import Turn
from tests.unit.memory.scoring import EMBEDDER

TODAY = date(2024, 5, 15)
MOST_SECONDS = 2.0
"""Of this thread's own time. Each of these took more before it was mended, or may one day."""
PIECES = [
    "the sunday before ", "“", " 'aaaaaaaaaaaaa", "my dog ", "I ", "I have a ", "no ", "and ",
    "my best friend Tom ", "from a ", "```", " - ", "a few days ", "here is a ", "? ", "I like a, ",
    ",", "lol ", "if the a b matters ", "I'm 34, ", "as a nurse, ", "just me and a in a ",
    "\N{FACE WITH TEARS OF JOY}",
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _loaded():
    """The models, whose first texts take seconds."""
    turn = Turn(user_query="I live in Rome.")
    settled(extract(turn, classify(turn), TODAY), EMBEDDER)
    EMBEDDER.embed(["I live in Rome."])


def odd(piece, length):
    return ("I live in " + piece * (length // len(piece) + 1))[:length].strip()


@pytest.mark.parametrize("chars", [990, 10_000])  # a longer clause is not parsed
@pytest.mark.parametrize("piece", [*PIECES, " " * 5_000 + "x"])
def test_a_hostile_turn_is_read_in_little_time(piece, chars):
    turn = Turn(user_query=odd(piece, chars))

    began = time.thread_time()
    settled(extract(turn, classify(turn), TODAY), EMBEDDER)

    assert time.thread_time() - began < MOST_SECONDS


@pytest.mark.parametrize("piece", PIECES)
def test_a_hostile_query_is_read_in_little_time(piece):
    began = time.thread_time()
    parse_question(odd(piece, 5_000), ["ana"], ["sister"], TODAY)

    assert time.thread_time() - began < MOST_SECONDS


def test_a_statement_that_never_ends_is_no_fact():
    def told(text):
        turn = Turn(user_query=text)
        return len(settled(extract(turn, classify(turn), TODAY), EMBEDDER)) - 1

    assert told("I live in Paris.") == 1
    assert told("I live in Paris " + "and so on " * 200) == 0


def test_long_turns_are_parsed_one_after_the_other_in_small_pieces(monkeypatch):
    model, lock, running, pieces = _ENGLISH._model, Lock(), [0], []
    pipe = model.pipe

    def watched(texts, *, batch_size):
        with lock:
            running.append(running[-1] + 1)
            pieces.append(batch_size)
        yield from pipe(texts, batch_size=batch_size)
        with lock:
            running.append(running[-1] - 1)

    monkeypatch.setattr(model, "pipe", watched)
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(parse, [["I live in Rome.", "I like tea."] * 20] * 4))

    assert [len(each) for each in read] == [40] * 4
    assert max(pieces) <= 8
    assert max(running) == 1


def test_lemmas_of_words_that_came_once_are_not_kept_for_ever(monkeypatch):
    monkeypatch.setattr("keepsake.memory.domains.parse._LEMMAS_KEPT", 20)
    kept = _ENGLISH._model.get_pipe("lemmatizer").cache

    for number in range(30):
        parse([f"My friend Tom{number} likes chess{number} and hikes{number}."])

    assert 0 < len(kept) < 60
