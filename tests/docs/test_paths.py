"""What the documents name is there: files, folders, modules, links and headings."""

import re
from itertools import takewhile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TOP = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
MADE = {"dist", "build"}
"""Folders that commands of this repository write."""
QUOTED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
MODULE = re.compile(
    r"(?:python -m |--factory |dramatiq )((?:actors|bench|chaos|keepsake|web)[\w.]*)"
)
FILE = re.compile(r"[\w.*-]+(?:/[\w.*-]+)+\.(?:py|md|json|lock|toml|ya?ml)")


def named_files(text: str) -> set[str]:
    """Paths that a page names in code marks: of files, and of what is below a folder at the top."""
    words = {word.rstrip(",;:)") for quoted in QUOTED.findall(text) for word in quoted.split()}
    return {
        word
        for word in words
        if "NAME" not in word
        and not word.startswith((".", "/", "…", "{"))
        and (FILE.fullmatch(word) or ("/" in word and word.split("/")[0] in TOP - MADE))
    }


def is_there(path: str) -> bool:
    return any(ROOT.glob(path)) if "*" in path else (ROOT / path).exists()


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip("# \n").lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_path_that_a_page_names_exists(page):
    missing = {path for path in named_files(page.read_text()) if not is_there(path)}

    assert missing == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_module_that_a_page_starts_exists(page):
    names = {name.rstrip(".").split(":")[0] for name in MODULE.findall(page.read_text())}
    paths = {name: ROOT / name.replace(".", "/") for name in names}

    assert {
        name
        for name, path in paths.items()
        if not (path.with_suffix(".py").exists() or path.is_dir())
    } == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page):
    lost = []
    for link in LINK.findall(page.read_text()):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        if not target.exists() or (anchor and anchor not in headings(target)):
            lost.append(link)

    assert lost == []


def headings(page: Path) -> set[str]:
    lines = page.read_text().splitlines()
    return {slug(line) for line in lines if any(takewhile(lambda mark: mark == "#", line))}
