"""Phase 2: a language model's summaries, through a server that speaks its protocol."""

from dataclasses import replace

import pytest

from keepsake.inference.settings import LlmSettings
from keepsake.scanner.errors import SummariserAway, SummariserRefused
from keepsake.scanner.models import ScanRequest
from keepsake.scanner.pipeline import Scan
from keepsake.scanner.search.service import CodeSearch
from keepsake.scanner.store.readers import IndexReader, RepositoryName
from keepsake.scanner.summariser import Summariser
from keepsake.storage.mongo import Unfenced
from tests.integration.memory.model_server import ModelServer

KEY = "sk-hush-0123456789"
CODE = {
    "shop.py": "class Shop:\n    def sell(self):\n        return price()\n",
    "price.py": "def price():\n    return 1\n\ndef _hidden():\n    return 2\n",
}


@pytest.fixture
def model():
    server = ModelServer()
    yield server
    server.stop()


@pytest.fixture
def with_model(tools, model):
    settings = LlmSettings(base_url=model.url, model="test", api_key=KEY)
    return replace(tools, summariser=Summariser(settings))


def steps(tools, repo, state=None, *, degrade=False):
    running = Scan(tools, "ann", ScanRequest(url=repo.url), fence=Unfenced(), degrade=degrade)
    for step in running.steps(state):
        if step.settled:
            state = step.state
        yield running, state


def finished(tools, repo, state=None, **options):
    *_, (running, _) = steps(tools, repo, state, **options)
    return running.result


def test_exported_symbols_are_summarised_and_found_with_their_summaries(
    with_model, repo, model, database
):
    repo.commit(CODE)
    model.script = [lambda handler: model.write(handler, "  Sells\n things. ")]

    result = finished(with_model, repo)

    assert (result.phase1, result.phase2) == ("complete", "complete")
    search, place = CodeSearch(database), RepositoryName("acme", "shop")
    defined = search.definitions(IndexReader("ann"), place, "price.py").symbols
    assert [(symbol.name, symbol.summary) for symbol in defined] == [
        ("price", "Sells things."), ("_hidden", ""),
    ]  # fmt: skip
    (hit,) = search.by_name(IndexReader("ann"), place, "Shop.sell").hits[:1]
    assert hit.summary == "Sells things."
    asked = [request["messages"][1]["content"].splitlines()[0] for request in model.requests]
    assert sorted(asked) == ["class Shop", "function price", "method Shop.sell"]


def test_a_second_scan_pays_for_nothing_that_did_not_change(with_model, repo, model):
    repo.commit(CODE)
    model.script = ["Does something."]
    finished(with_model, repo)
    paid = len(model.requests)
    repo.commit({"tax.py": "def tax():\n    return 3\n"})

    finished(with_model, repo)

    assert len(model.requests) == paid + 1


def test_a_model_that_is_away_leaves_the_index_and_goes_on_where_it_was(
    with_model, repo, model, database
):
    repo.commit(CODE)
    model.script = ["Does something.", 503]
    kept = None
    with pytest.raises(SummariserAway):
        for _, state in steps(with_model, repo):
            kept = state
    hits = (
        CodeSearch(database)
        .by_name(IndexReader("ann"), RepositoryName("acme", "shop"), "price")
        .hits
    )
    paid = len(model.requests)
    model.script = ["Does something."]

    result = finished(with_model, repo, kept)

    assert hits[0].name == "price"
    assert result.phase2 == "complete"
    assert len(model.requests) - paid <= 3


def test_a_scan_may_end_without_a_model_that_stays_away_and_the_next_one_goes_on(
    with_model, repo, model
):
    repo.commit(CODE)
    model.script = ["Does something.", 503]
    without = finished(with_model, repo, degrade=True)
    model.script = ["Does something."]

    after = finished(with_model, repo)

    assert (without.phase1, without.phase2) == ("complete", "skipped")
    assert without.phase2_note.startswith("skipped: the language model did not answer")
    assert (after.commit, after.phase2) == (without.commit, "complete")


def test_an_answer_is_paid_for_once_though_its_file_has_more_symbols(with_model, repo, model):
    repo.commit({"a.py": "".join(f"def f{n}():\n    return {n}\n\n" for n in range(6))})
    model.script = ["Does something."] * 3 + [503]
    kept = None
    with pytest.raises(SummariserAway):
        for _, state in steps(with_model, repo):
            kept = state
    model.requests.clear()
    model.script = ["Does something."]

    result = finished(with_model, repo, kept)

    asked = [request["messages"][1]["content"].splitlines()[0] for request in model.requests]
    assert result.phase2 == "complete"
    assert asked == ["function f3", "function f4", "function f5"]


def test_a_model_that_refuses_the_key_ends_phase_2_for_good_without_showing_it(
    with_model, repo, model
):
    repo.commit(CODE)
    model.script = [401]

    with pytest.raises(SummariserRefused) as refused:
        finished(with_model, repo)

    assert KEY not in str(refused.value)
    assert model.keys == [f"Bearer {KEY}"]


def test_a_key_that_an_endpoint_echoes_is_in_no_summary(with_model, repo, model, database):
    repo.commit(CODE)
    model.script = [lambda handler: model.write(handler, handler.headers["Authorization"])]

    finished(with_model, repo)

    kept = str([list(database[name].find()) for name in database.list_collection_names()])
    assert model.keys[0] == f"Bearer {KEY}"
    assert "Bearer [redacted]" in kept
    assert KEY not in kept
