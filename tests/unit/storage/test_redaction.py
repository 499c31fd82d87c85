"""Secrets are taken out of what others wrote, in each form in which they are sent."""

import json
import logging
from base64 import b64encode
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from keepsake.inference.settings import LlmSettings
from keepsake.jobs.errors import Permanent
from keepsake.jobs.vault import VaultSettings
from keepsake.storage.mongo import MongoSettings
from keepsake.storage.secrecy import redacted
from middleware.broker import BrokerSettings
from middleware.logs import JsonLines
from middleware.management import ManagementSettings
from middleware.status import described

LLM, FALLBACK = "sk-first-0123456789", 'sk-"second"/0123456789'
AMQP, OTHER_NODE = "amqp-pa55-9876", "other-pa55-9876"
MONGO, CONSOLE = "m0ngo/pass+word", "console-pa55-9876"
VAULT = [b64encode(bytes([byte]) * 32).decode() for byte in (1, 2)]
SECRETS = {LLM: "", FALLBACK: "", AMQP: "ann", OTHER_NODE: "ben", MONGO: "cat", CONSOLE: "dan",
           VAULT[0]: "", VAULT[1]: ""}  # fmt: skip


@pytest.fixture(autouse=True)
def _settings():
    """Those of a process that knows them all."""
    fallbacks = [{"base_url": "http://127.0.0.1:2/v1", "model": "m", "api_key": FALLBACK}]
    LlmSettings(api_key=LLM, fallbacks=json.dumps(fallbacks))
    BrokerSettings(amqp_url=f"amqp://ann:{AMQP}@one:5672/k;amqp://ben:{OTHER_NODE}@two:5672/k")
    MongoSettings(mongo_url=f"mongodb://cat:{quote(MONGO, safe='')}@one,two/?replicaSet=rs0")
    ManagementSettings(management_url=f"http://dan:{CONSOLE}@one:15672")
    VaultSettings(secret_key=",".join(VAULT))


def forms(secret):
    """As one server after the other could echo it."""
    login = f"{SECRETS[secret]}:{secret}"
    return [secret, quote(secret, safe=""), json.dumps(secret)[1:-1],
            b64encode(login.encode()).decode()]  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_of_this_process_is_left_in_text(secret):
    for form in forms(secret):
        text = redacted(f"You sent {form}, and again {form}.")
        assert text.count("[redacted]") == 2
        assert form.rstrip("=") not in text


def test_the_secret_of_a_call_is_taken_out_of_what_answers_it():
    token = "ghp_0123456789abcdef"
    basic = b64encode(f"git:{token}".encode()).decode()

    text = redacted(f"{token} {basic}", SecretStr(token), "git")

    assert token not in text
    assert basic.rstrip("=") not in text
    assert redacted(token) == token  # nobody else's text is changed for it


@pytest.mark.parametrize("password", ["guest", "keepsake", "secret", ""])
def test_a_word_is_no_secret(password):
    BrokerSettings(amqp_url=f"amqp://ann:{password}@127.0.0.1:5672/k")

    assert redacted(f"a {password} of keepsake.web") == f"a {password} of keepsake.web"


def test_a_url_without_a_login_is_no_secret():
    url = MongoSettings(mongo_url="mongodb://127.0.0.1:27017/").mongo_url.get_secret_value()

    assert redacted(url) == url


@pytest.mark.parametrize("secret", SECRETS)
def test_neither_a_log_line_nor_a_failures_message_holds_one(secret):
    fault = RuntimeError(f"refused {secret}")
    record = logging.LogRecord(
        "keepsake", logging.ERROR, __file__, 1, "sent %s", (secret,), (RuntimeError, fault, None)
    )

    line = JsonLines().format(record)

    assert json.loads(line)["event"] == "sent [redacted]"
    assert all(form not in line for form in forms(secret))
    assert described(Permanent(f"refused {secret}"))["message"] == "refused [redacted]"
