"""Questions about an index, answered by a language model that cites what it was shown."""

import json

import pytest

from keepsake.scanner.models import ScanOptions, ScanRequest
from keepsake.scanner.parse.pool import ParserPool
from keepsake.scanner.pipeline import Scan
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.stages import ScanTools
from keepsake.storage.mongo import Unfenced
from tests.conftest import started_web
from tests.integration.memory.model_server import ModelServer


@pytest.fixture(scope="module")
def model():
    server = ModelServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def answering_web(rabbitmq, mongod, directory, model):
    """The base URL of a server that may ask a language model."""
    process, base_url = started_web(
        directory / "answering-web.log", KEEPSAKE_LLM_BASE_URL=model.url,
        KEEPSAKE_LLM_MODEL="test", KEEPSAKE_LLM_TIMEOUT_SECONDS="30",
    )  # fmt: skip
    yield base_url
    process.stop(grace_seconds=5)


@pytest.fixture
def ask(database, repo, tmp_path, model, answering_web, clients):
    """Asks about a small shop that `ann` has scanned; the lines of the answer."""
    settings = ScannerSettings(scan_cache_path=tmp_path / "cache", scan_protocols={"file"})
    tools = ScanTools(database, settings, ParserPool(settings))
    request = ScanRequest(url=repo.url, options=ScanOptions(enrich=False))
    for _ in Scan(tools, "ann", request, fence=Unfenced()).steps():
        pass
    tools.parsers.close()
    model.requests.clear()
    ann = clients("ann")
    ann.base_url = answering_web

    def answer(query):
        asked = {"org_id": "acme", "repo": "shop", "query": query}
        with ann.stream("POST", "/v1/scanner/chat", json=asked) as streamed:
            lines = [json.loads(line) for line in streamed.iter_lines()]
        assert [lines[0]["type"], lines[-1]["type"]] == ["sources", "done"]
        return lines[0]["sources"], "".join(entry["content"] for entry in lines[1:-1])

    return answer


def written(*sentences):
    return json.dumps({"sentences": [{"text": t, "sources": s} for t, s in sentences]})


def test_a_model_answers_from_the_code_and_what_it_does_not_cite_is_left_out(ask, model):
    model.script = [written(("It costs one.", [1]), ("Buy it.", []), ("Cheap.", [99]))]

    sources, text = ask("what does a thing cost")

    assert text == "It costs one. [1]\n"
    shown = json.loads(model.requests[0]["messages"][1]["content"])["sources"]
    first = sources[0]
    assert (shown[0]["path"], shown[0]["name"]) == (first["file_path"], first["qualified_name"])
    assert "return 1" in next(entry["code"] for entry in shown if entry["name"] == "price")


@pytest.mark.parametrize(
    ("script", "text"),
    [(503, "What a thing costs."), ("no JSON", "What a thing costs."),
     (written(("Nothing.", [])), "Nothing in this index answers that.")],
)  # fmt: skip
def test_a_model_of_no_use_is_done_without(ask, model, script, text):
    model.script = [script]

    assert text in ask("what does a thing cost")[1]
