"""Repositories made to hurt: they cost bounded time and memory, and harm nothing."""

from contextlib import closing
from dataclasses import replace

import pytest

from keepsake.scanner.errors import ForbiddenSource, TooLarge
from keepsake.scanner.models import Repository, ScanRequest
from keepsake.scanner.parse.pool import ParserPool
from keepsake.scanner.pipeline import Scan
from keepsake.storage.mongo import Unfenced
from keepsake.storage.secrecy import NotPrivate
from tests.cpu_time import cpu_under
from tests.integration.scanner.scan_process import LetterPairs


def raw_tree(repo, *entries):
    """A tree object that git itself would not write."""
    content = b"".join(
        mode + b" " + name + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries
    )
    return repo.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=content)


def blob(repo, content=b"def f(): pass\n"):
    return repo.git("hash-object", "-w", "--stdin", stdin=content)


def point_main_at(repo, tree):
    repo.git("update-ref", "refs/heads/main", repo.git("commit-tree", tree, "-m", "hostile"))


def skips(tools, result):
    rows = tools.files.shown(result.index, result.generation)
    return {row["path"]: row["skip"] for row in rows}


def test_symlinks_and_submodules_are_listed_and_never_followed(scan, repo, tools):
    repo.commit({"a.py": "def a(): pass\n"})
    (repo.path / "leak.py").symlink_to("/etc/passwd")
    (repo.path / "root").symlink_to("/")
    commit = repo.commit()
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
    repo.git("commit", "-q", "-m", "submodule")

    assert skips(tools, scan(repo)) == {
        "a.py": None,
        "leak.py": "symlink",
        "root": "symlink",
        "sub": "submodule",
    }


def test_paths_that_lead_outside_or_hold_control_characters_are_escaped_and_skipped(
    scan, repo, tools, tmp_path
):
    oid = blob(repo)
    inner = raw_tree(repo, (b"100644", b"evil.py", oid))
    tree = raw_tree(
        repo,
        (b"100644", b"\x1b[2Jred\n.py", oid),
        (b"40000", b"..", inner),
        (b"40000", b".GIT", inner),
        (b"100644", b"caf\xe9.py", oid),
        (b"100644", b"ok.py", oid),
    )
    point_main_at(repo, tree)

    reasons = skips(tools, scan(repo))

    assert reasons["ok.py"] is None
    assert reasons["../evil.py"] == "unsafe path"
    assert reasons[".GIT/evil.py"] == "unsafe path"
    assert all(path.isprintable() for path in reasons)
    assert sum(reason == "unsafe path" for reason in reasons.values()) == 3
    assert not list(tmp_path.rglob("evil.py"))


def test_a_tree_that_repeats_itself_without_end_is_refused_soon(scan, repo, tools):
    tree = raw_tree(repo, *((b"100644", str(n).encode(), blob(repo)) for n in range(10)))
    for _ in range(9):
        tree = raw_tree(repo, *((b"40000", str(n).encode(), tree) for n in range(10)))
    point_main_at(repo, tree)
    few = tools.settings.model_copy(update={"scan_max_files": 5_000})

    with cpu_under(seconds=10), pytest.raises(TooLarge):
        scan(repo, settings=few)


def test_mirrors_that_others_may_write_to_are_not_used(scan, repo, tools):
    repo.commit({"a.py": "def a(): pass\n"})
    scan(repo)
    tools.settings.scan_cache_path.chmod(0o777)

    with pytest.raises(NotPrivate):
        scan(repo, options={"force": True})


def test_a_tree_that_is_too_deep_is_skipped(scan, repo, tools):
    tree = raw_tree(repo, (b"100644", b"deep.py", blob(repo)))
    for _ in range(100):
        tree = raw_tree(repo, (b"40000", b"d", tree))
    point_main_at(repo, tree)

    assert list(skips(tools, scan(repo)).values()) == ["unsafe path"]


def test_hooks_filters_and_configuration_of_the_repository_do_nothing(scan, repo, tmp_path):
    marker = tmp_path / "ran"
    repo.git("config", "filter.evil.smudge", f"touch {marker}")
    repo.git("config", "uploadpack.packObjectsHook", f"touch {marker}")
    hook = repo.path / ".git" / "hooks" / "post-upload-pack"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
    hook.chmod(0o755)
    repo.commit({".gitattributes": "*.py filter=evil diff=evil\n", "a.py": "def a(): pass\n",
                 ".gitmodules": '[submodule "x"]\n\turl = ext::touch ran\n'})  # fmt: skip

    assert scan(repo).stats["files"] == 3
    assert not marker.exists()


def test_encodings_are_told_apart(scan, repo, database):
    repo.commit({
        "latin.py": "def caf\xe9(): pass\n".encode("latin-1"),
        "wide.py": "def wide(): pass\n".encode("utf-16"),
        "marked.py": b"\xef\xbb\xbfdef marked(): pass\n",
        "noise.py": bytes(range(128, 256)) * 20,
        "zero.py": b"def f(): pass\n\0\0\0",
    })  # fmt: skip

    result = scan(repo)

    names = {name for document in database["code_blobs"].find() for name in document["names"]}
    assert names == {"caf\xe9", "wide", "marked"}
    assert result.stats["skipped"] == {"binary": 1, "broken encoding": 1}


def test_generated_minified_and_lfs_files_are_listed_with_their_reason(scan, repo):
    repo.commit({
        "api_pb2.py": "x = 1\n",
        "made.go": "// Code generated by stringer. DO NOT EDIT.\npackage x\n",
        "packed.js": "function f(){};" * 2_000,
        "model.txt": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        "yarn.lock": "x\n",
    })  # fmt: skip

    assert scan(repo).stats["skipped"] == {"generated": 3, "lfs pointer": 1, "minified": 1}


def test_code_that_nests_without_end_costs_bounded_time(tools, scan, repo):
    repo.commit({
        "deep.py": "x = " + "(" * 100_000 + ")" * 100_000 + "\n" * 300,
        "deep.js": "[" * 20_000 + "\n" * 300,
        "laughs.py": "".join(f"a{n} = [a{n - 1}] * 10\n" for n in range(1, 20_000)),
        "classes.py": "".join(" " * n + f"class C{n}:\n" for n in range(400)),
        "heading.md": "# a" + " " * 500_000 + "b\n",
    })  # fmt: skip

    with cpu_under(seconds=15), closing(ParserPool(tools.settings)) as parsers:
        result = scan(repo, parsers=parsers)

    assert (result.stats["files"], result.stats["failed"]) == (5, 0)


class Namer:
    """Summarises a symbol by its code's first line."""

    model = "namer"

    def summarise(self, code, about):
        return code.splitlines()[0]


def test_a_file_that_kills_the_parser_fails_alone_and_is_tried_again(scan, repo, tools, database):
    repo.commit({"a.py": "def a(): pass\n", "b.py": "\x0c\u2028\ndef b(): pass\n"})
    with_all = replace(tools, embedder=LetterPairs(), embedding_model="pairs", summariser=Namer())
    pool = ParserPool(tools.settings.model_copy(update={"scan_parser_memory_mb": 1}))

    def scanned(tools):
        running = Scan(tools, "ann", ScanRequest(url=repo.url), fence=Unfenced())
        for _ in running.steps():
            pass
        return running.result

    first = scanned(replace(with_all, parsers=pool))
    pool.close()
    second = scanned(with_all)

    assert first.stats["failed"] == 2
    assert first.warnings
    assert (second.reused, second.stats["failed"], second.stats["symbols"]) == (False, 0, 2)
    assert [len(document["hashes"]) for document in database["code_vectors"].find()] == [1, 1]
    written = {
        s["text"] for document in database["code_summaries"].find() for s in document["summaries"]
    }
    assert written == {"def a(): pass", "def b(): pass"}


def test_a_source_that_the_operator_does_not_allow_is_refused(scan, repo, tools):
    repo.commit({"a.py": ""})
    strict = tools.settings.model_copy(update={"scan_protocols": frozenset({"https"})})

    with pytest.raises(ForbiddenSource):
        scan(repo, settings=strict)


def test_an_index_of_too_many_symbols_is_not_published(scan, repo, tools):
    repo.commit({"a.py": "def a(): pass\ndef b(): pass\n"})
    few = tools.settings.model_copy(update={"scan_max_symbols": 3})
    first = scan(repo, settings=few)
    repo.commit({"copy.py": "def a(): pass\ndef b(): pass\n"})

    with pytest.raises(TooLarge, match="4 symbols, and 3 are allowed"):
        scan(repo, settings=few)

    current = tools.indexes.current(Repository(owner="ann", org="", repo="", url=repo.url), "main")
    assert current["commit"] == first.commit
