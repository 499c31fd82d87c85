from keepsake.scanner.models import ScanRequest
from keepsake.scanner.pipeline import Scan
from keepsake.scanner.store.files import visible
from keepsake.storage.mongo import Unfenced


def paths(tools, result):
    rows = tools.files.shown(result.index, result.generation)
    return {row["path"]: row["skip"] for row in rows}


def test_a_first_scan_indexes_every_file_and_says_why_one_is_skipped(scan, repo, tools):
    repo.commit({
        "app/main.py": "import os\n\nclass Shop:\n    def sell(self):\n        return price()\n",
        "web/index.ts": "export function render() { sell() }\n",
        "README.md": "# Shop\n\nHow to buy.\n",
        "node_modules/x/index.js": "function hidden() {}\n",
        "logo.png": b"\x89PNG\0\0",
        "data.bin2": b"\0\1\2",
    })  # fmt: skip

    result = scan(repo)

    assert paths(tools, result) == {
        "README.md": None,
        "app/main.py": None,
        "data.bin2": None,
        "logo.png": "binary",
        "node_modules/x/index.js": "vendored",
        "web/index.ts": None,
    }
    assert result.stats["skipped"] == {"binary": 2, "vendored": 1}
    assert result.stats["symbols"] == 4
    assert (result.org, result.repo, result.branch) == ("acme", "shop", "main")
    assert (result.phase1, result.phase2) == ("complete", "skipped")


def test_an_unchanged_commit_is_not_scanned_again(scan, repo):
    commit = repo.commit({"a.py": "def a(): pass\n"})

    first, second = scan(repo), scan(repo)

    assert (first.reused, second.reused) == (False, True)
    assert (second.generation, second.commit) == (first.generation, commit)


def test_a_rescan_reads_what_changed_and_nothing_else(scan, repo, tools, database):
    repo.commit({"a.py": "def a(): pass\n", "b.py": "def b(): pass\n", "c.py": "def c(): pass\n"})
    scan(repo)
    repo.git("mv", "a.py", "moved.py")
    repo.git("rm", "-q", "b.py")
    repo.commit({"c.py": "def c2(): pass\n", "d.py": "def d(): pass\n"})

    result = scan(repo)

    assert paths(tools, result) == {"c.py": None, "d.py": None, "moved.py": None}
    assert result.stats["files_changed"] == 5
    assert (result.stats["files"], result.stats["symbols"]) == (3, 3)
    moved = tools.files.at(result.index, result.generation, "moved.py")
    assert moved["renamed_from"] == "a.py"


def test_the_old_index_stays_visible_until_the_new_one_is_complete(scan, repo, tools, database):
    repo.commit({"a.py": "def a(): pass\n"})
    first = scan(repo)
    repo.commit({"a.py": "def b(): pass\n", "b.py": "def c(): pass\n", "c.py": "", "d.py": ""})
    running = Scan(tools, "ann", ScanRequest(url=repo.url), fence=Unfenced())

    seen = []
    for step in running.steps():
        current = tools.indexes.current(running.repository, "main")
        shown = database["code_files"].count_documents(visible(first.index, current["generation"]))
        seen.append((step.progress.stage in ("embed", "enrich", "tidy", "done"), shown))

    assert set(seen) == {(False, 1), (True, 4)}


def test_two_branches_share_what_is_equal(scan, repo, database):
    repo.commit({"a.py": "def a(): pass\n", "b.py": "def b(): pass\n"})
    scan(repo)
    repo.git("checkout", "-q", "-b", "other")
    repo.commit({"b.py": "def b2(): pass\n"})

    result = scan(repo, branch="other")

    assert database["code_blobs"].count_documents({}) == 3
    assert (result.branch, result.stats["symbols"]) == ("other", 2)


def test_owners_share_nothing(scan, repo, database):
    repo.commit({"a.py": "def a(): pass\n"})

    scan(repo, owner="ann")
    scan(repo, owner="bob")

    owners = [blob["owner"] for blob in database["code_blobs"].find()]
    assert sorted(owners) == ["ann", "bob"]


def test_an_abandoned_scan_of_another_commit_leaves_nothing(scan, repo, tools):
    repo.commit({"a.py": "def a(): pass\n"})
    scan(repo)
    repo.commit({"a.py": "def lost(): pass\n", "lost.py": ""})
    for step in Scan(tools, "ann", ScanRequest(url=repo.url), fence=Unfenced()).steps():
        if step.progress.stage == "parse":
            break
    repo.git("rm", "-q", "lost.py")
    repo.commit({"a.py": "def kept(): pass\n"})

    result = scan(repo)

    assert paths(tools, result) == {"a.py": None}
    assert result.stats["symbols"] == 1


def test_blobs_that_no_generation_shows_are_deleted(scan, repo, database):
    for number in range(4):
        repo.commit({"a.py": f"def version_{number}(): pass\n"})
        scan(repo)

    names = sorted(name for blob in database["code_blobs"].find() for name in blob["names"])
    assert names == ["version_2", "version_3"]
