"""What a mirror holds: the entries of a tree, and what differs between two."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from keepsake.scanner.errors import TooLarge
from keepsake.scanner.git.mirror import Mirror

_ENTRY_BYTES = 256  # what one listed entry may take on average


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of a tree. A blob over the size limit was never fetched: its size is None."""

    path: bytes
    mode: str
    oid: str
    size: int | None


@dataclass(frozen=True, slots=True)
class TreeChange:
    """One path that differs: `entry` is None where it is gone."""

    path: bytes
    entry: Entry | None
    renamed_from: bytes | None = None


def entries(mirror: Mirror, tree: str) -> list[Entry]:
    """All entries below a tree, by path.

    Raises:
        TooLarge: More than the limit, as in a tree that repeats itself without end.
        MirrorDamaged: What was fetched cannot be read.
    """
    listed: list[Entry] = []
    child = mirror.reading_process(
        "ls-tree", "-r", "-z", "-l", "--full-tree", tree, output_bytes=_output_bytes(mirror)
    )
    with child:
        for record in _records(child.output()):
            listed.append(_entry(record))
            _check_count(mirror, len(listed))
        if child.code():
            raise mirror.damaged()
    _check_absent(mirror, listed)
    return listed


def entries_without_sizes(mirror: Mirror, tree: str) -> list[Entry]:
    """All entries below a tree, without their sizes: it may have no blobs.

    Raises:
        TooLarge: More than the limit.
    """
    args = ("ls-tree", "-r", "-z", "--full-tree", tree)
    records = mirror.read(*args, output_bytes=_output_bytes(mirror)).split(b"\0")
    listed = [_entry(record) for record in records if record]
    _check_count(mirror, len(listed))
    return listed


def changes(mirror: Mirror, old: str, new: str) -> list[TreeChange]:
    """What differs from the old tree to the new one, with renames.

    Raises:
        TooLarge: More than the limit.
        MirrorDamaged: The trees cannot be compared, or what was fetched cannot be read.
    """
    args = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--full-index")
    limit = _output_bytes(mirror)
    child = mirror.reading_process(*args, "-M", "-l1000", old, new, output_bytes=limit)
    with child:
        out, code = b"".join(child.output()), 0
        code = child.code()
    if code:  # -M reads blobs, and one of them may be over the size limit
        out = mirror.read(*args, "-M100%", old, new, output_bytes=limit)
    listed = list(_changes(out.split(b"\0")))
    _check_count(mirror, len(listed))
    return _sized(mirror, listed)


def _sized(mirror: Mirror, changes: list[TreeChange]) -> list[TreeChange]:
    """Fill in the sizes that `diff-tree` does not tell."""
    oids = [
        change.entry.oid for change in changes if change.entry and change.entry.mode != _SUBMODULE
    ]
    sizes = mirror.objects.sizes(oids)
    sized = [
        replace(change, entry=replace(change.entry, size=sizes.get(change.entry.oid)))
        if change.entry
        else change
        for change in changes
    ]
    _check_absent(mirror, [change.entry for change in sized if change.entry])
    return sized


def _check_absent(mirror: Mirror, entries: Sequence[Entry]) -> None:
    """A blob without a size is over the limit, or was lost."""
    if any(entry.size is None and entry.mode != _SUBMODULE for entry in entries):
        mirror.verify()


_SUBMODULE = "160000"


def _records(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\0")
        yield from whole


def _entry(record: bytes) -> Entry:
    facts, _, path = record.partition(b"\t")
    mode, _, oid, *size = facts.decode().split()
    return Entry(path, mode, oid, int(size[0]) if size and size[0].isdigit() else None)


def _changes(fields: list[bytes]) -> Iterator[TreeChange]:
    position = 0
    while position < len(fields) and fields[position].startswith(b":"):
        _, mode, _, oid, status = fields[position][1:].decode().split(" ")
        path = fields[position + 1]
        position += 2
        if status[0] in "RC":
            target = fields[position]
            position += 1
            source = path if status[0] == "R" else None
            if source is not None:
                yield TreeChange(source, None)
            yield TreeChange(target, Entry(target, mode, oid, None), source)
        else:
            yield TreeChange(path, None if status[0] == "D" else Entry(path, mode, oid, None))


def _output_bytes(mirror: Mirror) -> int:
    return mirror.settings.scan_max_files * _ENTRY_BYTES + (1 << 16)


def _check_count(mirror: Mirror, count: int) -> None:
    if count > mirror.settings.scan_max_files:
        raise TooLarge(f"the repository has more than {mirror.settings.scan_max_files} files")
