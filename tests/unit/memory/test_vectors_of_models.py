"""An index compares vectors of one model: those of another are as long and mean nothing."""

from datetime import UTC, datetime
from math import nan

import numpy as np
import pytest
from pydantic import ValidationError

from keepsake.inference import DIMENSIONS, E5, E5_ONNX, MINILM, EmbeddingModel
from keepsake.memory.domains import lasting
from keepsake.memory.searching import statements
from keepsake.memory.searching.index import UserIndex
from keepsake.memory.service import embedding_model
from keepsake.memory.settings import MemorySettings
from keepsake.memory.storing.documents import embedded

THEN = datetime(2024, 5, 15, tzinfo=UTC)
EAST, NORTH = np.eye(2, DIMENSIONS, dtype=np.float32)


def turn(number, model, *vectors):
    return {
        "_id": f"t{number}", "kind": "turn", "domain": "summary", "content": f"Turn {number}.",
        "said_at": THEN, "valid_from": THEN, "valid_to": None, "event_date": None, "order": number,
        "session_id": "s", "provenance": {}, "support": [], "slot": None,
        **embedded(np.array(vectors), model),
    }  # fmt: skip


def index_of(*turns, **options):
    index = UserIndex("epoch", model="new", **options)
    index.take([turns], 1)
    return index


@pytest.fixture
def mixed():
    return [turn(0, "old", EAST), turn(1, "new", EAST), turn(2, "old", EAST, EAST),
            turn(3, "new", NORTH, NORTH)]  # fmt: skip


def test_nobody_knows_how_near_rows_without_vectors_of_the_model_are(mixed):
    index = index_of(*mixed)

    assert index.cosines(EAST).tolist() == pytest.approx([nan, 1, nan, 0], nan_ok=True)
    assert index.unembedded == {0, 2}


def test_a_server_s_cosines_of_other_models_are_not_taken(mixed):
    index = index_of(*mixed, served=True)

    near = index.merged(EAST, {"t0": 0.9, "t1": 0.8, "t2": 0.7}, 0.25)

    assert near.tolist() == pytest.approx([nan, 0.8, nan, 0], nan_ok=True)


def test_vectors_that_do_not_say_their_model_are_minilm_s():
    former = turn(0, "all-MiniLM-L6-v2", EAST)
    del former["embedded_by"]
    index = UserIndex("epoch")
    index.take([[former]], 1)

    assert index.cosines(EAST).tolist() == [1]


@pytest.mark.parametrize("model", [MINILM, E5])
def test_what_lasts_and_what_answers_is_learned_for_each_model(model):
    weights, _, least = lasting._weights(model.name)
    weight, far = statements._NEAR[model.name]

    assert len(weights) > DIMENSIONS
    assert least > 0
    assert weight * (1 - far) > 0


def test_the_multilingual_model_is_taken_where_it_is_installed(monkeypatch):
    assert embedding_model(MemorySettings(embedding_model="auto")) is E5
    assert embedding_model(MemorySettings(embedding_model=MINILM.name)) is MINILM

    monkeypatch.setattr(EmbeddingModel, "missing", ["keepsake-e5-weights"])

    assert embedding_model(MemorySettings(embedding_model="auto")) is MINILM
    with pytest.raises(ValidationError, match="install keepsake-e5-weights"):
        MemorySettings(embedding_model=E5.name)


def test_onnxruntime_is_taken_where_it_is_set_and_needs_its_extra(monkeypatch):
    monkeypatch.setattr(EmbeddingModel, "missing", [])

    assert (
        embedding_model(MemorySettings(embedding_model="auto", embedding_runtime="onnx")) is E5_ONNX
    )
    assert embedding_model(MemorySettings(embedding_model=E5.name)) is E5

    monkeypatch.setattr(EmbeddingModel, "missing", ["onnx", "onnxruntime"])

    with pytest.raises(ValidationError, match="install onnx, onnxruntime"):
        MemorySettings(embedding_runtime="onnx")


def test_vectors_say_the_same_model_whatever_computes_it():
    assert E5_ONNX.name == E5.name
    assert E5_ONNX.pinned == E5.pinned
