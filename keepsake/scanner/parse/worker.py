"""The parser's child process: `python -m scanner.parse.worker MEMORY_MB SECONDS`.

It ends when its owner's pipe closes, and dies of its own alarm when one frame takes too long, so a
busy one does not outlive a killed worker for long.
"""

import resource
import signal
import sys
from collections.abc import Iterator, Sequence

from keepsake.scanner.parse.file import pack_blob
from keepsake.scanner.parse.frames import Packed, read_frame, write_frame


def serve() -> None:
    """SymbolHits each frame of blobs with their records, in order, each within the time."""
    limit = int(sys.argv[1]) << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process, also in the middle of C code
    seconds = float(sys.argv[2])
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        wanted, raw = frame
        _answer(list(_packed(wanted, raw)))
        signal.setitimer(signal.ITIMER_REAL, 0)


def _packed(wanted: Sequence[tuple[str, int]], raw: bytes) -> Iterator[Packed]:
    position = 0
    for language, size in wanted:
        yield pack_blob(raw[position : position + size], language)
        position += size


def _answer(blobs: Sequence[Packed]) -> None:
    header = [[blob.counts, len(blob.fields), len(blob.text)] for blob in blobs]
    write_frame(
        sys.stdout.buffer,
        header,
        b"".join(part for blob in blobs for part in (blob.fields, blob.text)),
    )


if __name__ == "__main__":
    serve()
