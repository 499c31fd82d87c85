"""House rules that no linter knows."""

import ast
import os
import re
import subprocess
import sys
from collections import defaultdict
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("actors", "chaos", "keepsake", "middleware", "release", "soak", "web")
CLIENT = ROOT / "clients" / "python" / "keepsake_client"
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
"""The server's; the client is a distribution of its own, with names of its own."""
MAX_MODULE_LINES, MAX_FUNCTION_LINES = 350, 50
BANNED_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


def functions(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_modules_and_functions_stay_small():
    modules = [*MODULES, *CLIENT.rglob("*.py")]
    long = [path.name for path in modules if len(path.read_text().splitlines()) > MAX_MODULE_LINES]
    long += [
        f"{path.name}:{node.name}"
        for path in modules
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno > MAX_FUNCTION_LINES
    ]

    assert long == []


def test_no_two_classes_have_the_same_name():
    homes = defaultdict(list)
    for path in [*MODULES, *(ROOT / "bench").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(path.relative_to(ROOT).as_posix())

    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}


def test_no_module_has_a_name_that_says_nothing():
    assert [path for path in MODULES if path.stem in BANNED_NAMES] == []


def test_only_the_job_stores_write_a_state():
    written = re.compile(r'"state": (?:literal|move|str\(State\.PENDING)|state=str\(')

    writers = {path.relative_to(ROOT).as_posix() for path in MODULES
               if written.search(path.read_text())}  # fmt: skip

    assert writers == {
        "keepsake/jobs/expressions.py",
        "keepsake/jobs/drafts.py",
    }


def test_all_settings_can_read_their_secrets_from_files():
    direct = {path.relative_to(ROOT).as_posix() for path in MODULES
              if "(BaseSettings)" in path.read_text()}  # fmt: skip

    assert direct == {"keepsake/storage/settings.py"}


def test_no_test_sleeps():
    slept = [p.name for p in (ROOT / "tests").rglob("*.py") if "time." + "sleep" in p.read_text()]

    assert slept == []


def test_every_test_folder_is_a_package():
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}

    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_no_other_distribution_has_our_names():
    ours = set(PACKAGES) & set(packages_distributions())

    assert ours == set()


def loaded_with(module: str) -> set[str]:
    """The top-level packages that are there once a module has been imported."""
    script = f"import {module}, sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    plain = {name: value for name, value in os.environ.items() if not name.startswith("KEEPSAKE_")}
    out = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, env=plain, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(out.stdout.split())


def test_web_does_not_load_what_only_workers_or_agents_need():
    loaded = loaded_with("web.app")

    assert "fastapi" in loaded
    assert loaded & {"actors", "tree_sitter", "safetensors", "dateparser", "mcp"} == set()


def test_an_idle_worker_does_not_load_what_only_some_jobs_need():
    loaded = loaded_with("actors.process")

    assert "dramatiq" in loaded
    assert loaded & {"cryptography", "httpx", "safetensors", "spacy", "tree_sitter"} == set()


def test_a_run_starts_its_servers_before_it_loads_the_web_framework():
    assert "fastapi" not in loaded_with("keepsake.commands.server")
