"""What a path says of a file: code comes before tests, these before prose, and changelogs last."""

import re
from enum import IntEnum

from keepsake.scanner.parse.languages import BY_NAME

_TEST_FOLDERS = frozenset({
    "test", "tests", "testing", "__tests__", "spec", "specs", "testdata", "test_data", "fixtures",
    "e2e", "androidtest", "integrationtest", "unittests", "__mocks__", "mocks",
})  # fmt: skip
_TEST_FILE = re.compile(
    r"(^|/)(tests?_[^/]*|conftest\.py|tests?\.\w+|[^/]*(_tests?|[._-]specs?|[.-]tests?)\.\w+)$",
    re.IGNORECASE,
)
_CAMEL_TEST = re.compile(r"[a-z0-9](Tests?|TestCase|Spec)\.\w+$")
_PROSE = frozenset({"markdown", "restructuredtext", "text", "html", "other"})
_DATA = frozenset({"json", "xml", "css", "ini"})
_DOCUMENT_FOLDERS = frozenset({"doc", "docs", "documentation", "man", "website"})
_CHANGELOG = re.compile(
    r"(^|/)(changelogs?|changes|history|news|release[-_ ]?notes?|releases|whatsnew)"
    r"(/|[-_\d.]*(\.\w+)?$)",
    re.IGNORECASE,
)


class PathGroup(IntEnum):
    """What files are, in the order of answers."""

    CODE = 0
    TEST = 1
    DATA = 2
    PROSE = 3
    CHANGELOG = 4


GROUP_WEIGHTS = {
    PathGroup.CODE: 1.0, PathGroup.TEST: 0.6, PathGroup.DATA: 0.6, PathGroup.PROSE: 0.5,
    PathGroup.CHANGELOG: 0.3,
}  # fmt: skip
"""What words in files are worth beside words in code."""


def is_test(path: str) -> bool:
    """Whether a path is that of a test, or of what tests use."""
    *folders, name = path.split("/")
    inside = any(folder.lower() in _TEST_FOLDERS for folder in folders)
    return inside or bool(_TEST_FILE.search(name) or _CAMEL_TEST.search(name))


def group_of(path: str, language: str) -> PathGroup:
    """What a file is, by its path and its language."""
    code = language in BY_NAME and language not in _PROSE | _DATA
    if not code and _CHANGELOG.search(path):
        return PathGroup.CHANGELOG
    if language in _PROSE or (not code and _in_documents(path)):
        return PathGroup.PROSE
    if is_test(path):
        return PathGroup.TEST
    return PathGroup.CODE if code else PathGroup.DATA


def _in_documents(path: str) -> bool:
    return any(folder.lower() in _DOCUMENT_FOLDERS for folder in path.split("/")[:-1])
