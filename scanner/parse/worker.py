"""The parser's child process: `python -m scanner.parse.worker MEMORY_MB`.

It ends when its owner's pipe closes, so it cannot outlive a killed worker.
"""

import resource
import sys

from scanner.parse.file import parse_blob
from scanner.parse.frames import read_frame, write_frame


def serve() -> None:
    """Answer each frame of blobs with their records, in order."""
    limit = int(sys.argv[1]) << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        wanted, raw = frame
        records, position = [], 0
        for language, size in wanted:
            records.append(parse_blob(raw[position : position + size], language))
            position += size
        write_frame(sys.stdout.buffer, records)


if __name__ == "__main__":
    serve()
