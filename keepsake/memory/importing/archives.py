"""Exports as zip files: which members hold conversations, within bounds, and never on a disk."""

import json
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from functools import partial
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from keepsake.memory.errors import NoTurns
from keepsake.memory.importing.parts import WHOLE_BYTES, UploadPart, parts_of
from keepsake.memory.importing.people import people_of

MAGIC = b"PK\x03\x04"
_MOST_READ_BYTES = 2 << 20
_MOST_UNPACKED_BYTES = 2 << 30
_MOST_RATIO, _FREE_BYTES = 200, 1 << 20
_PIECE_BYTES = 1 << 20
_CONVERSATIONS = re.compile(r"(?:.*/)?conversations(?:[-_]?\d{1,5})?\.json", re.IGNORECASE)
"""Products that name their conversations so put other JSON beside them, such as ratings."""
_DAY = re.compile(r"(?:.*/)?[^/]+/\d{4}-\d\d-\d\d\.json")
_PEOPLE = re.compile(r"(?:.*/)?users\.json")
"""Slack's: what was said in a channel on a day, and who the users are."""
_NAMED = re.compile(rb"\w{1,40}")
_NAME_CHARACTERS = 80
_DATA = re.compile(r"\.(?:json|jsonl|ndjson)$", re.IGNORECASE)
_PAGES = re.compile(r"\.(?:html?|txt|md)$", re.IGNORECASE)
_DAMAGES = (
    BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, IndexError,
    OverflowError,
)  # fmt: skip
"""What `zipfile` raises of archives that are none; names in no encoding are a `ValueError`."""


class _Directory:
    """A file of which nothing larger than a directory of members is read at once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(_MOST_READ_BYTES + 1 if size < 0 else size)
        if max(size, len(data)) > _MOST_READ_BYTES:
            raise BadZipFile("its directory is too large")
        return data


def parts_of_archive(file: BinaryIO) -> Iterator[UploadPart]:
    """The parts of the members that hold conversations.

    Raises:
        NoTurns: It is damaged, encrypted, or larger inside than any export.
    """
    try:
        with ZipFile(_Directory(file)) as archive:
            yield from _parts(archive)
    except _DAMAGES as error:
        raise NoTurns("the archive is damaged, encrypted or packed in an unusual way") from error


def _parts(archive: ZipFile) -> Iterator[UploadPart]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    for chosen in _choices(members):
        empty = True
        _require_bounded(chosen)
        people = _people(archive, chosen)
        for member in chosen:
            opened = partial(_pieces, archive, member, people)
            for part in parts_of(opened, member.filename):
                empty = False
                yield part
        if not empty:
            return


def _people(archive: ZipFile, chosen: list[ZipInfo]) -> Mapping[str, str]:
    """The names of Slack's users by id; nobody when it is no export of Slack's."""
    listed = [member for member in chosen if _PEOPLE.fullmatch(member.filename)]
    days = any(_DAY.fullmatch(member.filename) for member in chosen)
    if not days or not listed or listed[0].file_size > WHOLE_BYTES:
        return {}
    try:
        return people_of(json.loads(b"".join(_unpacked(archive, listed[0]))))
    except (ValueError, RecursionError):
        return {}


def _choices(members: list[ZipInfo]) -> Iterator[list[ZipInfo]]:
    """What may hold the conversations: the first of these that holds any is all that is read.

    A page beside data of its name says the same.
    """
    ordered = sorted(members, key=lambda member: member.filename)
    yield [member for member in ordered if _CONVERSATIONS.fullmatch(member.filename)]
    data = [member for member in ordered if _DATA.search(member.filename)]
    named = {_DATA.sub("", member.filename) for member in data}
    pages = [member for member in ordered if _PAGES.search(member.filename)]
    yield data + [page for page in pages if _PAGES.sub("", page.filename) not in named]


def _require_bounded(chosen: list[ZipInfo]) -> None:
    """Refuse what unpacks to far more than it is.

    Raises:
        NoTurns: It does.
    """
    unpacked = sum(member.file_size for member in chosen)
    packed = sum(member.compress_size for member in chosen)
    if unpacked > _MOST_UNPACKED_BYTES or unpacked > _FREE_BYTES + _MOST_RATIO * packed:
        raise NoTurns(f"it unpacks to {unpacked} bytes, which no export does")
    for member in chosen:
        if member.flag_bits & 1 or member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise NoTurns("a member is encrypted, or packed in an unusual way")


def _pieces(archive: ZipFile, member: ZipInfo, people: Mapping[str, str]) -> Iterator[bytes]:
    """A member's content; a day of Slack's together with the users that it names."""
    day = people and _DAY.fullmatch(member.filename) and member.file_size <= WHOLE_BYTES
    if not day:
        yield from _unpacked(archive, member)
        return
    said = b"".join(_unpacked(archive, member))
    named = sorted(people.keys() & {name.decode() for name in _NAMED.findall(said)})
    users = [{"id": each, "name": people[each][:_NAME_CHARACTERS]} for each in named]
    head = json.dumps({"users.json": users})[:-1]
    yield f"{head},{json.dumps(member.filename)}:".encode() + said + b"}"


def _unpacked(archive: ZipFile, member: ZipInfo) -> Iterator[bytes]:
    """A member's content, a piece at a time: read at once it may be larger than it says."""
    with archive.open(member) as unpacked:
        while piece := unpacked.read(_PIECE_BYTES):
            yield piece
