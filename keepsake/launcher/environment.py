"""The environment of each part: what every program needs, what the part's settings name, no more.

A part's variables can be read by whoever runs as its user, and by all that it starts.
"""

import os
from collections.abc import Iterable, Mapping

from keepsake.launcher.leftovers import MARK
from keepsake.scanner.git.environment import GIT_ENVIRONMENT
from keepsake.storage.settings import FILE_SUFFIX, Settings

_PLAIN = {"PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", MARK}
_FAMILIES = ("LC_", "PYTHON")


def plain() -> dict[str, str]:
    """What a program needs that is not ours to configure."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in _PLAIN or name.startswith(_FAMILIES)
    }


def configured(kinds: Iterable[type[Settings]], known: Mapping[str, str]) -> dict[str, str]:
    """Of a part that reads such settings; what is known here counts more than our environment."""
    part = plain() | {name: os.environ[name] for name in GIT_ENVIRONMENT if name in os.environ}
    for variable in {name for kind in kinds for name in kind.variables().values()}:
        pair = (variable, variable + FILE_SUFFIX)
        source = known if any(name in known for name in pair) else os.environ
        part |= {name: source[name] for name in pair if source.get(name)}
    return part
