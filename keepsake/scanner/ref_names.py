"""Names of branches, tags and commits as a client may write them."""

import re

_MOST_CHARACTERS = 250
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FORBIDDEN = re.compile(
    r"[\x00-\x20\x7f~^:?*\[\\\ud800-\udfff]|\.\.|@\{|//|(^|/)\.|\.lock(/|$)|^[-/]|[/.]$|^@$"
)
"""What git allows in no name of a branch or a tag."""
_HEADS, _TAGS, _REFS = "refs/heads/", "refs/tags/", "refs/"


def branch_name(written: str) -> str:
    """A branch's name, written with `refs/heads/` before it or without.

    Raises:
        ValueError: No branch can be called so.
    """
    if written.startswith(_TAGS):
        raise ValueError("must be a branch: send the name of a tag as `tag`, without `refs/tags/`")
    return _name(written.removeprefix(_HEADS))


def tag_name(written: str) -> str:
    """A tag's name, written with `refs/tags/` before it or without.

    Raises:
        ValueError: No tag can be called so.
    """
    if written.startswith(_HEADS):
        raise ValueError("must be a tag: send the name of a branch as `branch`")
    return _name(written.removeprefix(_TAGS))


def commit_id(written: str) -> str:
    """The id of a commit, in lower case.

    Raises:
        ValueError: It is not a whole id.
    """
    if not _COMMIT.fullmatch(written.lower()):
        raise ValueError("must be a whole id, 40 or 64 hex digits: hosts find no short ones")
    return written.lower()


def _name(name: str) -> str:
    if name.startswith(_REFS):
        raise ValueError("must be a name without `refs/`: other refs are not scanned")
    if not 0 < len(name) <= _MOST_CHARACTERS or _FORBIDDEN.search(name):
        raise ValueError("must be a name that git allows for branches and tags")
    return name
