"""What XMem's tools make of an index's paths."""

from starlette.requests import Request

from web.edge.replies import Envelope
from web.v1.code_tools import tree_of


def test_whatever_paths_a_repository_has_there_is_a_tree_that_json_can_hold():
    tree = tree_of("r", ["b", "a/" * 400 + "f", "b/c", "d/e"])
    request = Request({"type": "http", "headers": []})

    written = Envelope.of(request, data={"tree": tree}).model_dump_json()

    assert f'"{"a/" * 336}f"' in written
    assert [node["path"] for node in tree["children"]] == ["a", "b", "d"]
