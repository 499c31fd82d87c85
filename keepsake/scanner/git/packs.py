"""What a mirror holds, against what was noted when it was fetched.

Nothing of a mirror waits for the disk, so a power cut may leave packs that are short, empty or of
zeros. Git then takes an object for one that was never fetched: it would be listed as oversized.
So would a file that another limit would bring: the limit is noted too.
"""

import json
from pathlib import Path
from typing import Any

_NOTE = "keepsake.packs"

Note = dict[str, Any]


def note(mirror: Path, max_file_kb: int) -> None:
    """Write down which packs there are, their sizes, and up to what size files were fetched."""
    draft = mirror / f"{_NOTE}.draft"
    draft.write_text(json.dumps(_found(mirror, max_file_kb)))
    draft.replace(mirror / _NOTE)


def as_noted(mirror: Path, max_file_kb: int) -> bool:
    """Whether the packs are those of the last fetch that came to its end, with this limit."""
    try:
        noted = json.loads((mirror / _NOTE).read_bytes())
    except (OSError, ValueError):
        return False
    return bool(noted == _found(mirror, max_file_kb))


def _found(mirror: Path, max_file_kb: int) -> Note:
    packs = mirror / "objects" / "pack"
    sizes = {file.name: file.stat().st_size for file in sorted(packs.glob("pack-*"))}
    return {"max_file_kb": max_file_kb, "packs": sizes}
