"""A scanner's tools over private servers, for benchmarks that look into what it has scanned."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.servers import private_servers
from keepsake.inference import Embedder
from keepsake.scanner import ParserPool, ScannerSettings, ScanTools
from keepsake.storage import connect


@contextmanager
def scan_tools() -> Iterator[tuple[ScanTools, Path]]:
    """Tools that scan what is on this machine, and a folder for it."""
    with tempfile.TemporaryDirectory() as name, private_servers():
        folder = Path(name)
        tools = tools_in(folder)
        try:
            yield tools, folder
        finally:
            tools.parsers.close()


def tools_in(folder: Path, embedder: Embedder | None = None) -> ScanTools:
    """Tools that keep their mirrors in a folder."""
    settings = ScannerSettings(
        scan_cache_path=folder / "mirrors", scan_protocols=frozenset({"file"})
    )
    return ScanTools(connect(), settings, ParserPool(settings), embedder)
