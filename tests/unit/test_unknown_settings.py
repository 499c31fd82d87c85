"""A variable that looks like a setting and is none is refused."""

import pytest

from keepsake.inference.settings import LlmSettings
from keepsake.jobs.settings import JobSettings
from keepsake.storage.settings import UnknownSetting, refuse_unknown


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """The only environment of a test: a dictionary."""
    variables: dict[str, str] = {}
    monkeypatch.setattr("keepsake.storage.settings.os.environ", variables)
    return variables


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("KEEPSAKE_LEASE_SECOND", "KEEPSAKE_LEASE_SECONDS"),
        ("KEEPSAKE_NOTIFY_AFTER_SECONDS", "KEEPSAKE_NOTIFY_AGAIN_AFTER_SECONDS"),
        ("KEEPSAKE_HTP_PORT", "KEEPSAKE_HTTP_PORT"),
        ("KEEPSAKE_LLM_BASEURL", "KEEPSAKE_LLM_BASE_URL"),
        ("keepsake_lease_second", "KEEPSAKE_LEASE_SECONDS"),
    ],
)
def test_a_name_that_no_setting_has_is_refused_with_the_nearest_right_one(
    environment, name, nearest
):
    environment[name] = "99"

    with pytest.raises(UnknownSetting) as refused:
        refuse_unknown([JobSettings, LlmSettings])

    assert str(refused.value) == f"{name.upper()} is no setting: is it {nearest}?"


def test_all_unknown_names_are_told_at_once_and_none_of_their_values(environment):
    environment |= {"KEEPSAKE_SECRET_KEYS": "hush", "KEEPSAKE_QQQQ": "hush"}

    with pytest.raises(UnknownSetting) as refused:
        refuse_unknown([JobSettings])

    assert str(refused.value) == (
        "KEEPSAKE_SECRET_KEYS is no setting: is it KEEPSAKE_SECRET_KEY?; "
        "KEEPSAKE_QQQQ is no setting; unset it"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KEEPSAKE_LEASE_SECONDS", "60"),
        ("KEEPSAKE_HTTP_HOST", "0.0.0.0"),  # the web server's: the image sets it for workers too
        ("KEEPSAKE_WORKER_THREADS", "4"),  # the launcher's
        ("KEEPSAKE_URL", "https://keepsake.example.org"),  # the client's
        ("KEEPSAKE_API_KEY", "ks_x"),
        ("KEEPSAKE_LAUNCHED_FROM", "/data"),
        ("KEEPSAKE_FAULT", "after_claim"),
        ("KEEPSAKE_SECRET_KEY_FILE", "/run/secrets/key"),
        ("KEEPSAKE_NEW", ""),  # an empty variable counts as not set
        ("KEEPSAKE_SERVICE_HOST", "10.0.0.1"),
        ("KEEPSAKE_WEB_SERVICE_HOST", "10.0.0.1"),
        ("KEEPSAKE_WEB_SERVICE_PORT", "8000"),
        ("KEEPSAKE_WEB_SERVICE_PORT_METRICS", "9000"),
        ("KEEPSAKE_PORT", "tcp://10.0.0.1:8000"),
        ("KEEPSAKE_WEB_PORT", "tcp://10.0.0.1:8000"),
        ("KEEPSAKE_WEB_PORT_8000_TCP", "tcp://10.0.0.1:8000"),
        ("KEEPSAKE_WEB_PORT_8000_TCP_ADDR", "10.0.0.1"),
        ("OTHER_LEASE_SECOND", "99"),
    ],
)
def test_what_is_a_setting_of_any_part_or_none_of_ours_is_left_alone(environment, name, value):
    environment[name] = value

    refuse_unknown([JobSettings])
