"""XMem's two readers of conversations: what they answer is not remembered."""

import pytest

from tests import tls_site

TALK = "User: I am allergic to peanuts.\nAssistant: Noted.\nUser: Thanks!\nAssistant: Sure."
PAIRS = [
    {"user_query": "I am allergic to peanuts.", "agent_response": "Noted."},
    {"user_query": "Thanks!", "agent_response": "Sure."},
]
UPLOADS = {
    "a file": {"files": {"file": ("talk.txt", TALK)}},
    "a field": {"data": {"text": TALK}},
    "the body": {"content": TALK, "headers": {"Content-Type": "text/plain"}},
}


@pytest.fixture
def site(tmp_path):
    with tls_site.serving(tls_site.certificate(tmp_path, "localhost")) as serving:
        serving.url = f"https://localhost:{serving.server_port}"
        yield serving


@pytest.fixture
def reader(clients, web_server, site, tmp_path):
    """A client of a server whose operator lets it read from that site."""
    client = clients("alice")
    _, client.base_url = web_server(
        KEEPSAKE_LINK_HOSTS=f'["localhost:{site.server_port}"]',
        SSL_CERT_FILE=str(tmp_path / "server.pem"),
    )
    return client


def test_a_shared_link_is_answered_as_pairs(reader, site, database):
    site.paths["/share/1"] = tls_site.page(TALK)

    answer = reader.post("/v1/memory/scrape", json={"url": f"{site.url}/share/1"})

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["data"] == {"pairs": PAIRS, "error": None}
    assert database["memories"].count_documents({}) == database["jobs"].count_documents({}) == 0


@pytest.mark.parametrize("how", UPLOADS)
def test_an_uploaded_transcript_is_answered_as_pairs(alice, database, how):
    answer = alice.post("/v1/memory/parse_transcript", **UPLOADS[how])

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["data"] == {"pairs": PAIRS, "error": None}
    assert database["memories"].count_documents({}) == 0
