"""What bounds a scan: sources, time, memory, sizes."""

from pathlib import Path

from pydantic import Field

from keepsake.storage import Audience, DataSettings


class ScannerSettings(DataSettings):
    """Limits of the scanner. Defaults let a stranger's repository cost little."""

    audience = Audience.CODE

    scan_protocols: frozenset[str] = frozenset({"https"})
    """As JSON; `http` and `file` where clients are trusted."""
    scan_file_roots: frozenset[Path] = frozenset()
    """As JSON, the folders below which `file` may read; with none named, all that the processes may
    read, if `file` is allowed."""
    scan_private_hosts: bool = False
    """Whether a remote may resolve to a loopback, private or link-local address."""

    scan_cache_path: Path = Field(default_factory=lambda given: given["data_dir"] / "mirrors")
    """Where the mirrors are; by default `mirrors` in the data directory."""
    scan_cache_mb: int = Field(default=8_192, ge=16)
    """All mirrors together; the longest unused go first."""
    scan_repository_mb: int = Field(default=2_048, ge=1)
    """One mirror."""
    scan_max_files: int = Field(default=200_000, ge=1)
    """Of one repository."""
    scan_max_symbols: int = Field(default=1_000_000, ge=1)
    """Of one index, a file at two paths counted twice; a scan that finds more is not published
    (`TooLarge`). A web process that searches an index holds it in memory: about 1.5 GB for a
    million."""
    scan_max_file_kb: int = Field(default=1_024, ge=1)
    """Larger files are skipped; when it changes, mirrors are fetched anew."""
    scan_history_commits: int = Field(default=1, ge=1, le=10_000)
    """How many commits a fetch brings of a branch. What changed lines is told of these alone, by
    processes on the machine of the mirror."""

    scan_connect_timeout_seconds: float = Field(default=30, gt=0)
    """How long a host may take to answer."""
    scan_fetch_timeout_seconds: float = Field(default=1_200, gt=0, le=1_200)
    """One fetch; one that breaks off begins anew, so it has to fit into one attempt at a scan
    (1500 s)."""
    scan_git_timeout_seconds: float = Field(default=120, gt=0)
    """Any other git command."""
    scan_git_memory_mb: int = Field(default=2_048, ge=256)
    """Of one git process."""

    scan_parsers: int = Field(default=2, ge=1, le=64)
    """Parser processes of one worker."""
    scan_parser_memory_mb: int = Field(default=1_024, ge=256)
    """Of each."""
    scan_parser_timeout_seconds: float = Field(default=20, gt=0)
    """For one file."""
    scan_batch_files: int = Field(default=400, ge=1)
    """Files between two checkpoints."""

    scan_symbol_index_mb: int = Field(default=256, ge=16)
    """What the symbol indexes of one process that searches may take; its text indexes may take half
    as much besides."""
