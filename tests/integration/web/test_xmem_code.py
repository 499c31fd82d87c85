"""`/v1/code`, `/auth/verify-key` and `/health`, as XMem's MCP server and extension call them."""

import json

import pytest

from keepsake.access.keys import JOBS

ENVELOPE = {"status", "request_id", "data", "error", "elapsed_ms"}
SHOP = {"org_id": "acme", "repo": "shop"}
RECORD = {"domain", "content", "score", "metadata"}
FENCED = "Remember this:\n```python\nprint(price())\n```"


def data(answer):
    content = answer.json()
    assert (answer.status_code, set(content), content["status"]) == (200, ENVELOPE, "ok"), content
    assert content["request_id"] == answer.headers["X-Request-ID"]
    return content["data"]


def refused(answer, status):
    content = answer.json()
    assert (answer.status_code, set(content), content["status"]) == (status, ENVELOPE, "error")
    return content["error"]


def called(client, tool, **arguments):
    sent = {**SHOP, "tool_name": tool, "tool_args": arguments}
    records = data(client.post("/v1/code/execute-tool", json=sent))["records"]
    assert all(set(record) == RECORD for record in records)
    return records


def metadata(records, field):
    return [record["metadata"][field] for record in records]


def test_every_tool_answers_with_records(ann, scanned, repo):
    scanned(url=repo.url)
    ann.post("/v1/memory/ingest", json={"user_query": FENCED, "user_id": "u1"})

    symbols = called(ann, "search_symbols", query="price")
    files = called(ann, "search_files", query="shop.py")
    impact = called(ann, "impact_analysis", symbol_name="price")
    context = called(ann, "get_file_context", file_path="app/price.py")
    symbol = called(ann, "read_symbol_code", symbol_name="price", file_path="app/price.py")
    whole = called(ann, "read_file_code", file_path="app/price.py")
    structure = called(ann, "get_repo_structure")
    folder = called(ann, "get_directory_summary", dir_path="app")
    summary = called(ann, "get_file_summary", file_path="app/shop.py")
    snippets = ann.post("/v1/code/execute-tool", json={
        **SHOP, "tool_name": "search_snippets", "tool_args": {"query": "price"}, "user_id": "u1",
    })  # fmt: skip

    assert symbols[0]["metadata"]["file_path"] == "app/price.py"
    assert symbols[0]["metadata"]["symbol_name"] == "price"
    assert files[0]["metadata"]["file_path"] == "app/shop.py"
    assert "Shop.sell" in metadata(impact, "symbol_name")
    assert context[0]["metadata"]["symbol_name"] == "price"
    assert "return 1" in symbol[0]["content"]
    assert whole[0]["content"].startswith("def price")
    assert whole[0]["metadata"]["truncated"] is False
    assert "app" in metadata(structure, "path")
    assert metadata(folder, "path") == ["app/price.py", "app/shop.py"]
    assert "Shop" in summary[0]["content"]
    assert [record["domain"] for record in data(snippets)["records"]] == ["snippet"]
    assert called(ann, "search_annotations", query="price") == []


def test_questions_are_answered_whole_and_by_lines(ann, scanned, repo):
    scanned(url=repo.url)
    asked = {**SHOP, "query": "what does a thing cost"}

    whole = data(ann.post("/v1/code/query", json=asked))
    with ann.stream("POST", "/v1/code/query_stream", json=asked) as streamed:
        media_type = streamed.headers["Content-Type"]
        lines = [json.loads(line) for line in streamed.iter_lines()]

    assert set(whole) == {"answer", "sources", "confidence"}
    assert "What a thing costs." in whole["answer"]
    assert 0 < whole["confidence"] <= 1
    assert media_type.startswith("application/x-ndjson")
    assert [lines[0]["type"], lines[-1]["type"]] == ["sources", "done"]
    assert lines[0]["sources"] == whole["sources"]
    assert "".join(line["content"] for line in lines[1:-1]) == whole["answer"]


def test_the_tree_the_names_and_the_text_of_files(ann, scanned, repo):
    scanned(url=repo.url)

    tree = data(ann.get("/v1/code/directory-tree", params=SHOP))
    repos = data(ann.get("/v1/code/repos", params={"org_id": "acme"}))
    text = data(ann.get("/v1/code/file-content", params={**SHOP, "file_path": "app/price.py"}))
    absent = ann.get("/v1/code/file-content", params={**SHOP, "file_path": "app/none.py"})

    assert (tree["repo"], tree["truncated"]) == ("shop", False)
    root = tree["tree"]
    assert (root["name"], root["type"], root["path"]) == ("shop", "directory", "")
    folder, *_ = root["children"]
    assert (folder["path"], folder["type"]) == ("app", "directory")
    assert [node["path"] for node in folder["children"]] == ["app/price.py", "app/shop.py"]
    assert repos == {"repos": ["shop"]}
    assert text["content"].splitlines()[0] == "def price():"
    assert refused(absent, 404) == "Nothing of that name is indexed."


def test_a_symbol_is_read_in_the_file_that_is_named_though_many_have_its_name(ann, scanned, repo):
    repo.commit({f"many/m{n:02}.py": f"class C:\n    def run(self):\n        return {n}\n"
                 for n in range(12)})  # fmt: skip
    scanned(url=repo.url)
    asked = {**SHOP, "tool_name": "read_symbol_code", "top_k": 5}

    for name in ("run", "C.run", "C::run", "RUN"):
        arguments = {"symbol_name": name, "file_path": "many/m11.py"}
        found = data(ann.post("/v1/code/execute-tool", json={**asked, "tool_args": arguments}))
        assert ["return 11" in record["content"] for record in found["records"]] == [True]
        assert found["truncated"] is False
    everywhere = {**asked, "tool_args": {"symbol_name": "run"}}
    found = data(ann.post("/v1/code/execute-tool", json=everywhere))
    assert (len(found["records"]), found["truncated"]) == (5, True)


def test_what_may_change_is_told_of_fifty_definitions_and_that_there_are_more(ann, scanned, repo):
    repo.commit({f"many/m{n:02}.py": f"def run():\n    return {n}\n\n\ndef go{n}():\n    run()\n"
                 for n in range(51)})  # fmt: skip
    scanned(url=repo.url)

    told, *changed = called(ann, "impact_analysis", symbol_name="run")

    assert told["content"] == "There are more than 50 definitions of this name."
    assert len(changed) >= 50
    assert "complete" in changed[0]["metadata"]


def test_of_a_folder_what_is_left_out_is_said_and_a_hidden_one_is_a_folder(ann, scanned, repo):
    repo.commit({f".ci/step{n:02}.sh": "true\n" for n in range(11)})
    scanned(url=repo.url)

    def listed(folder, top_k):
        sent = {**SHOP, "tool_name": "get_directory_summary", "tool_args": {"dir_path": folder}}
        bound = {"top_k": top_k} if top_k else {}
        found = data(ann.post("/v1/code/execute-tool", json={**sent, **bound}))
        return len(found["records"]), found["truncated"]

    assert [listed(".ci", 10), listed("./.ci/", 11)] == [(10, True), (11, False)]
    assert listed(".ci", None) == (11, False)  # as XMem's MCP server asks
    assert listed("/", 50) == listed(".", 50)


READS = [
    ("POST", "execute-tool", {"json": {**SHOP, "tool_name": "get_repo_structure"}}),
    ("POST", "execute-tool", {"json": {**SHOP, "tool_name": "search_annotations",
                                       "tool_args": {"query": "x"}}}),
    ("POST", "query", {"json": {**SHOP, "query": "x"}}),
    ("POST", "query_stream", {"json": {**SHOP, "query": "x"}}),
    ("GET", "directory-tree", {"params": SHOP}),
    ("GET", "file-content", {"params": {**SHOP, "file_path": "app/price.py"}}),
]  # fmt: skip


def test_who_has_no_right_is_refused_and_learns_nothing(ann, scanners, scanned, repo):
    scanned(url=repo.url)
    bob = scanners("bob")

    for method, path, sent in READS:
        there = refused(bob.request(method, f"/v1/code/{path}", **sent), 403)
        part = next(iter(sent))
        nowhere = {part: {**sent[part], "repo": "nothing"}}
        assert refused(bob.request(method, f"/v1/code/{path}", **nowhere), 403) == there
    assert data(bob.get("/v1/code/repos", params={"org_id": "acme"})) == {"repos": []}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"tool_name": "drop_tables"}, "tool_name"),
     ({"tool_name": "search_symbols"}, "/tool_args/query"),
     ({"tool_name": "impact_analysis", "tool_args": {"symbol_name": "x", "depth": 99}}, "depth"),
     ({"tool_name": "read_file_code", "tool_args": {"file_path": " "}}, "file_path")],
)  # fmt: skip
def test_a_tool_that_is_not_asked_rightly_says_what_is_wrong(alice, body, pointer):
    assert pointer in refused(alice.post("/v1/code/execute-tool", json={**SHOP, **body}), 422)


def test_snippets_need_a_key_for_memories_and_code_one_for_code(clients):
    coder, talker = clients("ann", scopes=["scanner"]), clients("bob", scopes=["memory"])
    sent = {**SHOP, "tool_name": "search_snippets", "tool_args": {"query": "x"}}

    assert "memory" in refused(coder.post("/v1/code/execute-tool", json=sent), 403)
    assert "scanner" in refused(talker.post("/v1/code/execute-tool", json=sent), 403)


def test_any_good_key_is_verified_and_no_other(clients):
    narrow, nobody = clients("ann", scopes=[JOBS]), clients(None)

    who = data(narrow.get("/auth/verify-key"))

    assert {who["id"], who["username"], who["name"]} == {"ann"}
    assert refused(nobody.get("/auth/verify-key"), 401)


def test_health_says_that_turns_are_accepted(clients):
    said = data(clients(None).get("/health"))

    assert set(said) == {"status", "pipelines_ready", "version", "uptime_seconds", "error"}
    assert (said["status"], said["pipelines_ready"], said["error"]) == ("ready", True, None)
