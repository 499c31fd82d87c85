"""The symbol_index of an index: what a number stands for, and what is shared between paths."""

from types import SimpleNamespace

import numpy as np

from keepsake.inference import Vocabulary
from keepsake.scanner.search.name_search import _order
from keepsake.scanner.search.symbol_index import SymbolIndex, indexed_blob


def blob(*names):
    """A parsed blob that defines some functions."""
    return {
        "symbols": [
            {"name": name, "qualified": name, "signature": f"def {name}()", "doc": "",
             "kind": "field" if name.startswith("_") else "function"}
            for name in names
        ]
    }  # fmt: skip


def symbol_index(files, **blobs):
    """A symbol_index of paths, each showing one of some blobs."""
    vocabulary = Vocabulary()
    indexed = {key: indexed_blob(blob(*names), vocabulary) for key, names in blobs.items()}
    return SymbolIndex([(path, "python", key) for path, key in files], indexed, vocabulary)


def test_each_number_is_a_symbol_at_a_path():
    listed = symbol_index(
        [("a", "two"), ("b", "none"), ("c", "one"), ("d", "two")],
        two=("sell", "buy"), none=(), one=("price",),
    )  # fmt: skip

    shown = [listed.symbol(number) for number in range(listed.size)]
    assert [(symbol["name"], path) for symbol, path, _ in shown] == [
        ("sell", "a"), ("buy", "a"), ("price", "c"), ("sell", "d"), ("buy", "d"),
    ]  # fmt: skip


def test_symbols_are_found_by_name_wherever_their_blob_is_shown():
    index = symbol_index([("a", "two"), ("b", "two")], two=("sell", "buy"))

    assert [(symbol["name"], path) for symbol, path, _ in index.named({"buy"})] == [
        ("buy", "a"), ("buy", "b"),
    ]  # fmt: skip


def test_a_blob_at_many_paths_is_held_once():
    paths = [(f"{number}.py", "one") for number in range(100)]

    many, few = symbol_index(paths, one=("sell",)), symbol_index(paths[:1], one=("sell",))

    assert many.size == 100
    assert many.symbol(0)[0] is many.symbol(99)[0]
    assert many.bytes - few.bytes < 100 * 300


def test_vectors_go_to_code_alone_and_their_share_is_of_code():
    listed = symbol_index([("a", "mixed")], mixed=("_price", "sell", "_name", "buy"))
    rows = np.eye(2, dtype="<f4")
    part = {"key": "mixed", "dimensions": 2, "hashes": ["1", "2"], "vectors": rows.tobytes()}
    listed.load_vectors(SimpleNamespace(read=lambda _: [part]), 1)

    assert (listed.semantic, listed.complete) == (1.0, True)
    assert list(listed.likeness(np.array([1, 2], dtype=np.float32))) == [0, 1, 0, 2]


def test_of_equal_names_code_comes_before_data():
    symbols = [
        {"name": "sell", "qualified": "sell", "kind": kind, "line": 1}
        for kind in ("field", "method")
    ]
    ranked = sorted(((1.0, symbol, "a.py", "python") for symbol in symbols), key=_order)

    assert [symbol["kind"] for _, symbol, _, _ in ranked] == ["method", "field"]


def test_an_empty_symbol_index_has_no_symbols():
    assert (symbol_index([]).size, list(symbol_index([]).named({"x"}))) == (0, [])
