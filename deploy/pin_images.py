"""Writes the digest of today behind each image that the Dockerfile and compose.yaml take.

`python deploy/pin_images.py FILE…`: an image keeps its tag, and what was pinned is pinned anew.
skopeo asks the registries: it knows their logins, mirrors and certificates. Nothing is written
unless every image was found. Uses the standard library only.
"""

import hashlib
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_IMAGE = re.compile(
    r"(?P<before>^FROM |\$\{\w+_IMAGE:-)(?P<name>[^\s@}]+)(?:@sha256:[0-9a-f]{64})?", re.MULTILINE
)
"""Of a Dockerfile's stages, and of what .env may name in a compose file."""


class NotFound(Exception):
    """A registry does not show an image; the message says what skopeo said."""


def pin(files: Sequence[Path]) -> list[str]:
    """Pin the images of files; the references as they stand there now.

    Raises:
        NotFound: No registry shows one of them.
    """
    texts = {file: file.read_text() for file in files}
    names = {found["name"] for text in texts.values() for found in _IMAGE.finditer(text)}
    pinned = {name: f"{name}@{_digest(name)}" for name in sorted(names)}
    for file, text in texts.items():
        file.write_text(_IMAGE.sub(lambda found: found["before"] + pinned[found["name"]], text))
    return list(pinned.values())


def _digest(name: str) -> str:
    """The digest of an image's manifest; of one for several machines, of the list of all."""
    shown = subprocess.run(
        ["skopeo", "inspect", "--raw", f"docker://{name}"], capture_output=True, check=False
    )
    if shown.returncode != 0:
        raise NotFound(f"{name}: {shown.stderr.decode().strip()}")
    return f"sha256:{hashlib.sha256(shown.stdout).hexdigest()}"


def main() -> None:
    """Pin the images of the files that are named, and say how."""
    try:
        print(*pin([Path(name) for name in sys.argv[1:]]), sep="\n")
    except NotFound as reason:
        sys.exit(f"keepsake: {reason}")


if __name__ == "__main__":
    main()
