"""What pages load: style, scripts and the icon, out of the package and kept in memory."""

import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, HTTPException, Response

router = APIRouter(prefix="/static")
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def _loaded(folder: Traversable, prefix: str = "") -> dict[str, bytes]:
    loaded: dict[str, bytes] = {}
    for entry in folder.iterdir():
        if entry.is_dir():
            loaded |= _loaded(entry, f"{prefix}{entry.name}/")
        elif entry.name.rpartition(".")[2] in _TYPES:
            loaded[prefix + entry.name] = entry.read_bytes()
    return loaded


_FILES = _loaded(files("web.console") / "static")
_VERSION = hashlib.sha256(b"".join(_FILES[name] for name in sorted(_FILES))).hexdigest()[:12]


def static_url(name: str) -> str:
    """Where a file is; the address changes with any of them, so browsers may keep it for ever."""
    if name not in _FILES:
        raise KeyError(name)
    return f"/console/static/{name}?v={_VERSION}"


@router.get("/{name:path}")
async def static_file(name: str) -> Response:
    """One of the files; it is the same for everybody."""
    if name not in _FILES:
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(_FILES[name], media_type=_TYPES[name.rpartition(".")[2]], headers=headers)
