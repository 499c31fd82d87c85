"""The API key stands in requests, and nowhere that a person or a log could see."""

import copy
import logging
import pickle
import traceback

import pytest

from keepsake_client import AsyncKeepsake, Keepsake, KeepsakeError
from keepsake_client.problems import InvalidRequest, Unauthorized


@pytest.fixture
def plain(key):
    return key("ann")


def test_nothing_that_is_shown_or_logged_has_the_key(service, plain, caplog):
    for logger in ("", "httpx", "httpcore", "keepsake_client"):  # a service sets levels of its own
        caplog.set_level(logging.DEBUG, logger)
    with Keepsake(service, plain, retry_seconds=0) as client:
        job = client.memory.add("I live in Lisbon.")
        next(job.events())
        shown = [client, job, client.memory, client._session, client._session.transport]
        with pytest.raises(InvalidRequest) as refused:
            client.memory.add("")
    with pytest.raises(KeepsakeError) as lost, Keepsake("http://127.0.0.1:1", plain,
                                                       retry_seconds=0) as nowhere:  # fmt: skip
        nowhere.ready()

    for raised in (refused.value, lost.value):
        shown += [raised, raised.args, vars(raised), pickle.dumps(raised)]
        lines = traceback.TracebackException.from_exception(raised, capture_locals=True).format()
        shown += [line for line in lines if "plain = " not in line]
    assert caplog.text
    assert plain not in caplog.text
    assert [thing for thing in shown if plain in repr(thing) or plain in str(thing)] == []


def test_a_refused_key_is_not_in_the_error(service, key):
    wrong = "ksk_" + "0" * 40
    with Keepsake(service, wrong) as client, pytest.raises(Unauthorized) as raised:
        client.jobs.get("job_1")

    assert wrong not in repr(vars(raised.value)) + str(raised.value)


@pytest.mark.parametrize("side", [Keepsake, AsyncKeepsake])
@pytest.mark.parametrize("taken", [pickle.dumps, copy.copy, copy.deepcopy])
def test_no_client_is_pickled_or_copied(side, taken, service, plain):
    client = side(service, plain)

    for held in (client, client.memory, client.jobs, client.admin):
        with pytest.raises(TypeError, match="not pickled"):
            taken(held)


def test_no_handle_is_pickled(service, plain):
    with Keepsake(service, plain) as client, pytest.raises(TypeError, match="keep its id"):
        pickle.dumps(client.memory.add("I live in Lisbon."))


def test_a_new_key_shows_itself_only_when_asked(service, key):
    with Keepsake(service, key("root", role="operator")) as operator:
        new = operator.admin.create_key("carl")
        secret = new.key.get_secret_value()
        with Keepsake(service, secret) as carl:
            assert carl.memory.search("anything") == []

    assert secret not in repr(new) + str(new)
