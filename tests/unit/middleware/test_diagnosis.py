"""What is kept of a failure: classes and places, and no value."""

import gc
import threading
from types import SimpleNamespace

import pytest

from keepsake.jobs import Permanent, TimeLimitReached, Transient
from middleware.diagnosis import described, out_of_time

HERE = "middleware/test_diagnosis.py:"


def raised(kind, depth=0):
    if depth:
        raised(kind, depth - 1)
    raise kind("Lisbon is a secret")


def failed():
    """What a library's failure leads to, which another one led to."""
    try:
        try:
            raised(KeyError, depth=40)
        except KeyError:
            raised(ValueError)
    except ValueError as error:
        raise Transient("the host does not answer") from error


def hiding():
    try:
        raised(KeyError)
    except KeyError:
        raise Permanent("the payload does not fit") from None


def test_what_led_to_a_failure_is_kept_by_class_and_place_alone():
    with pytest.raises(Transient) as caught:
        failed()
    error = described(caught.value)

    assert (error["type"], error["message"]) == ("transient", "the host does not answer")
    assert error["exception"] == "Transient"
    causes = [cause.split(" ") for cause in error["causes"]]
    assert [(name, function) for name, _, function in causes] == [
        ("ValueError", "raised"), ("KeyError", "raised"),
    ]  # fmt: skip
    assert all(place.startswith(HERE) for _, place, _ in causes)
    assert "Lisbon" not in str(error)


def test_an_unexpected_error_keeps_twelve_places_and_no_word_of_its_message():
    with pytest.raises(KeyError) as caught:
        raised(KeyError, depth=40)
    error = described(caught.value)

    assert (error["type"], error["exception"], error["causes"]) == ("internal", "KeyError", [])
    assert len(error["traceback"]) == 12
    assert error["traceback"][-1].endswith(" raised")
    assert "Lisbon" not in str(error)


def test_a_cause_that_is_hidden_stays_hidden():
    with pytest.raises(Permanent) as caught:
        hiding()

    assert described(caught.value)["causes"] == []


def test_a_time_limit_says_where_the_thread_was_or_still_is():
    inside, waiting = threading.Event(), threading.Event()

    def blocked():
        inside.set()
        waiting.wait(30)

    thread = threading.Thread(target=blocked)
    thread.start()
    inside.wait(30)
    still = out_of_time(TimeLimitReached(), thread.ident)
    waiting.set()
    thread.join()
    with pytest.raises(TimeLimitReached) as caught:
        raised(TimeLimitReached)
    interrupted = out_of_time(caught.value, 0)

    assert still["type"] == interrupted["type"] == "attempt-timeout"
    assert any(place.endswith(" blocked") for place in still["traceback"])
    assert interrupted["traceback"][-1].endswith(" raised")
    assert out_of_time(TimeLimitReached(), 0)["traceback"] == []


def test_no_garbage_is_collected_while_the_frames_of_all_threads_are_listed(monkeypatch):
    collects = []

    def listed():
        collects.append(gc.isenabled())
        return {}

    monkeypatch.setattr("middleware.diagnosis.sys", SimpleNamespace(_current_frames=listed))
    out_of_time(TimeLimitReached(), 0)

    assert (collects, gc.isenabled()) == ([False], True)
