"""`keepsake`, for repositories: scanned, searched, by a token that is shown nowhere."""

from tests.integration.client.commands.conftest import asked


def test_a_repository_is_scanned_and_searched(keepsake, repo):
    scanned = keepsake("scan", repo.path, "--wait", "--no-embed", "--label", "team=shop")

    name = f"{repo.path.parent.name}/{repo.path.name}"
    assert name in scanned.stdout
    assert "parse" in scanned.stderr
    assert "app/price.py:1" in keepsake("search-code", name, "what things cost").stdout
    lines = keepsake("search-text", "def price", "--repository", name).stdout
    assert "app/price.py:1" in lines
    assert f"{name} app/price.py:1" in keepsake("search-text", "def price").stdout
    assert asked(keepsake, "refs", name, "price", "--kind", "call")[0]["path"] == "app/shop.py"
    assert "Nothing is known to use it." in keepsake("refs", name, "sell").stdout
    assert "Nothing is known to inherit" in keepsake("subclasses", name, "Shop").stdout
    assert asked(keepsake, "implementations", name, "Shop") == []
    assert "app/price.py:" in keepsake("map", name, "--max-tokens", "100").stdout
    assert keepsake("outline", name, "app/price.py").stdout == "1-3 def price()\n"
    assert keepsake("source", name, "--symbol", "price", "--json").stdout.startswith("{")
    assert keepsake("source", name, "app/price.py", "--to", "1").stdout == "1 def price():\n"
    assert "Older commits may be missing" in keepsake("history", name, "--symbol", "price").stderr
    assert asked(keepsake, "jobs", "ls", "--type", "scanner.scan")[0]["labels"] == {"team": "shop"}


def test_a_scan_that_was_given_up_is_exit_code_1(keepsake, tmp_path):
    failed = keepsake("scan", (tmp_path / "none").as_uri(), "--wait", code=1)

    assert "dead_letter" in failed.stderr.splitlines()[-1]


def test_a_token_is_read_from_a_file_and_shown_nowhere(keepsake, tmp_path, repo, database):
    (tmp_path / "token").write_text("ghp_" + "s3cret" * 6)
    name, file = f"{repo.path.parent.name}/shop", ("--token-file", tmp_path / "token")

    told = [
        keepsake("scan", repo.url, *file, "--run-at", "+2d"),
        keepsake("credential", name, *file),
        keepsake("credential", name),
    ]

    assert "token kept" in told[-1].stdout
    assert not any("s3cret" in each.output for each in told)
    assert database["vault"].count_documents({}) == 2
    assert "token kept" not in keepsake("credential", name, "--forget").stdout
    assert database["vault"].count_documents({}) == 1
