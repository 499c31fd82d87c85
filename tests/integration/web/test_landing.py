"""What is shown without a key: pages to browsers, JSON to other clients."""

import re

import httpx
import pytest

import keepsake

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def ask(clients):
    nobody = clients(None)

    def asked(path, accept="*/*", **headers) -> httpx.Response:
        return nobody.get(path, headers={"Accept": accept, **headers})

    return asked


def test_the_root_leads_browsers_and_programs_on(ask):
    program, browser = ask("/"), ask("/", BROWSER)
    paths = [path for path in program.json().values() if path.startswith("/")]
    places = re.findall(r'href="(/[^"]*)"', browser.text)

    assert program.json()["version"] == keepsake.__version__
    assert program.headers["Vary"] == browser.headers["Vary"] == "Accept"
    assert {*paths} <= {*places}
    assert {ask(place, BROWSER).status_code for place in places} <= {200, 303}


def test_the_type_of_a_problem_leads_to_its_words(ask):
    path, _, kind = ask("/v1/jobs").json()["type"].partition("#")

    page = ask(path, BROWSER)

    assert f'id="{kind}"' in page.text
    assert re.findall(r'id="([a-z-]+)"', page.text) == [*ask(path).json()]


def test_the_api_can_be_tried_with_what_this_server_serves_alone(ask):
    page = ask("/docs/try", BROWSER)
    policy = page.headers["Content-Security-Policy"]
    files = re.findall(r'(?:src|href)="(/docs/files/[^"]+)"', page.text)
    answers = [ask(path) for path in files]

    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert not re.search(r"unsafe|\*|https?:", policy)
    assert re.findall(r"<script(?! src=)|style=|https?:", page.text) == []
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    again = [
        ask(answer.url.path, **{"If-None-Match": answer.headers["ETag"]}) for answer in answers
    ]
    assert [answer.status_code for answer in again] == [304, 304, 304]
    assert ask("/docs/files/../try_it.py").status_code == 404
    assert ask("/docs/files/nothing.js").json()["type"] == "/problems#http"
