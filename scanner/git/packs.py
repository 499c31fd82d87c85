"""What a mirror holds, against what was noted when it was fetched.

Nothing of a mirror waits for the disk, so a power cut may leave packs that are short, empty or of
zeros. Git then takes an object for one that was never fetched: it would be listed as oversized.
"""

import json
from collections.abc import Mapping
from pathlib import Path

_NOTE = "keepsake.packs"


def note(mirror: Path) -> None:
    """Write down which packs there are, and their sizes."""
    draft = mirror / f"{_NOTE}.draft"
    draft.write_text(json.dumps(_sizes(mirror)))
    draft.replace(mirror / _NOTE)


def as_noted(mirror: Path) -> bool:
    """Whether the packs are those of the last fetch that came to its end."""
    try:
        noted = json.loads((mirror / _NOTE).read_bytes())
    except (OSError, ValueError):
        return False
    return bool(noted == _sizes(mirror))


def _sizes(mirror: Path) -> Mapping[str, int]:
    packs = mirror / "objects" / "pack"
    return {file.name: file.stat().st_size for file in sorted(packs.glob("pack-*"))}
