"""What bounds a scan: sources, time, memory, sizes."""

from pathlib import Path

from pydantic import Field

from keepsake.storage.settings import DataSettings


class ScannerSettings(DataSettings):
    """ProcessLimits of the scanner. Defaults let a stranger's repository cost little."""

    scan_cache_path: Path = Field(default_factory=lambda given: given["data_dir"] / "mirrors")
    scan_cache_mb: int = Field(default=8_192, ge=16)
    scan_protocols: frozenset[str] = frozenset({"https"})
    """`https`, and where the operator allows it `http` and `file`."""
    scan_file_roots: frozenset[Path] = frozenset()
    """The folders below which `file` may read; all of them when none is named."""
    scan_private_hosts: bool = False
    """Whether a remote may resolve to a loopback, private or link-local address."""

    scan_connect_timeout_seconds: float = Field(default=30, gt=0)
    scan_fetch_timeout_seconds: float = Field(default=1_200, gt=0, le=1_200)
    """A fetch that breaks off begins anew, so it has to fit into one attempt at a scan."""
    scan_git_timeout_seconds: float = Field(default=120, gt=0)
    scan_slow_bytes_per_second: int = Field(default=1_000, ge=1)
    scan_slow_seconds: int = Field(default=30, ge=1)
    scan_git_memory_mb: int = Field(default=2_048, ge=256)
    scan_repository_mb: int = Field(default=2_048, ge=1)

    scan_max_files: int = Field(default=200_000, ge=1)
    scan_max_symbols: int = Field(default=1_000_000, ge=1)
    """Of one index; a file at two paths counts twice. Search holds them in memory."""
    scan_max_file_kb: int = Field(default=1_024, ge=1)
    scan_max_path_bytes: int = Field(default=1_024, ge=16)
    scan_max_path_depth: int = Field(default=64, ge=2)

    scan_parsers: int = Field(default=2, ge=1, le=64)
    scan_parser_memory_mb: int = Field(default=1_024, ge=256)
    scan_parser_timeout_seconds: float = Field(default=20, gt=0)

    scan_batch_files: int = Field(default=400, ge=1)
    scan_batch_kb: int = Field(default=4_096, ge=64)
    scan_batch_rows: int = Field(default=2_000, ge=1)
    scan_embed_batch: int = Field(default=32, ge=1)

    scan_symbol_index_mb: int = Field(default=256, ge=16)
    """How much memory a process may spend on the symbol indexes that searches ask."""
