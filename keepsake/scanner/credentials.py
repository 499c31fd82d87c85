"""Which token opens a repository, and which ones its host has refused.

A scan uses the token that it was sent with. Without one, or where the host has refused that, it
uses the repository's, which the vault keeps. What was refused is not sent again: a scan that has
nothing else waits on the repository's record, until its owner gives a new token. Of a refused
token a keyed digest is kept, by which alone nobody can tell it.
"""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from pydantic import SecretStr, ValidationError
from pymongo.client_session import ClientSession
from pymongo.database import Database

from keepsake.jobs import CredentialGone, Vault, VaultSettings
from keepsake.scanner.errors import ScanError, TokenNeeded, Unauthorised
from keepsake.scanner.git.remote import resolve_ref
from keepsake.scanner.models import Ref, Repository, ScanRequest, digest
from keepsake.scanner.settings import ScannerSettings
from keepsake.scanner.source import parse_source
from keepsake.scanner.store import REPOSITORIES, fenced
from keepsake.storage import Document, Fence, literal, literals, translated

_NO_TOKEN = "none"  # noqa: S105 - stands for access without any
_REFUSED_MOST, _WAITING_MOST = 20, 50
_DIGEST_CHARACTERS = 32
KEPT_SECONDS = 366 * 86_400
"""How long the vault keeps a repository's token."""
_WHICH = {"_id": 0, "credential": 1, "refused": 1, "waiting": 1}


@dataclass(frozen=True, slots=True)
class Access:
    """How scans of a repository reach its host, as its record says it."""

    kept_at: datetime | None
    """When its token was given; None without one."""
    refused_at: datetime | None
    """When the host refused what scans use now; None while nothing is known against it."""
    waiting: int
    """How many scans wait for a new token."""

    @classmethod
    def of(cls, record: Document) -> "Access":
        """The access of a repository's record."""
        kept = record.get("credential") or {}
        used = kept.get("token", _NO_TOKEN)
        return cls(kept.get("at"), _refused(record).get(used), len(record.get("waiting", ())))


class Credentials:
    """The tokens of repositories, and what became of them."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._repositories = database[REPOSITORIES]
        self._vault = Vault(database)
        self._keys = VaultSettings().derived(b"keepsake refused tokens")

    def usable(self, repository: Repository, own: SecretStr | None) -> SecretStr | None:
        """The token for a scan that was sent with `own`; None for access without one.

        Raises:
            TokenNeeded: The host has refused all there is, or the vault lost the repository's.
            StorageUnavailable: MongoDB does not answer.
        """
        record = self._record(repository)
        refused = _refused(record)
        if own is not None and refused.keys().isdisjoint(self._digests(repository, own)):
            return own
        kept = record.get("credential")
        if kept and kept["token"] not in refused:
            return self._revealed(repository.owner, kept["reference"])
        if not kept and own is None and _NO_TOKEN not in refused:
            return None
        raise TokenNeeded("the host has refused access; give the repository a new token")

    @contextmanager
    def opening(
        self,
        repository: Repository,
        request: ScanRequest,
        own: SecretStr | None,
        fence: Fence,
        settings: ScannerSettings,
    ) -> Iterator[SecretStr | None]:
        """Give the token for a scan; if the host refuses it, that is noted, and the scan waits.

        Raises:
            Unauthorised: The host refuses, or has refused before.
        """
        token: SecretStr | None = None
        try:
            token = self.usable(repository, own)
            yield token
        except TokenNeeded:
            self._note(repository, (), request, fence)
            raise
        except Unauthorised:
            refused = [self._noted(repository, token)]
            if token and not _is_open(repository, settings):
                refused.append(_NO_TOKEN)
            self._note(repository, refused, request, fence)
            raise

    def keep(self, repository: Repository, token: SecretStr) -> None:
        """Let scans of a repository use a token from now on, also one that was refused before.

        Raises:
            VaultClosed: No key is set.
        """
        reference = self._vault.put(repository.owner, token, ttl_seconds=KEPT_SECONDS)
        (now_used, *others) = self._digests(repository, token)
        kept = {"reference": reference, "token": now_used}
        self._replace(
            repository,
            {
                "credential": {**literals(**kept), "at": "$$NOW"},
                "refused": _without([now_used, *others]),
            },
        )

    def forget(self, repository: Repository) -> None:
        """Forget a repository's token, and what was refused: its host is asked again."""
        self._replace(repository, {"credential": "$$REMOVE", "refused": "$$REMOVE"})

    def waiting(self, repository: Repository) -> list[ScanRequest]:
        """The scans that wait for a new token, the oldest first."""
        listed = self._record(repository).get("waiting", ())
        return [request for each in listed if (request := _read(each["request"])) is not None]

    def wait(self, repository: Repository, request: ScanRequest) -> None:
        """Let a scan wait for a new token; of two alike one waits."""
        with translated("noting a scan that waits"):
            self._repositories.update_one(_which(repository), [{"$set": _with_waiting(request)}])

    def started(self, repository: Repository, request: ScanRequest) -> None:
        """A scan waits no longer."""
        with translated("noting a scan that began"):
            self._repositories.update_one(
                _which(repository), {"$pull": {"waiting": {"id": _id(request)}}}
            )

    def _record(self, repository: Repository) -> Document:
        with translated("reading how a repository is reached"):
            return self._repositories.find_one(_which(repository), _WHICH) or {}

    def _revealed(self, owner: str, reference: str) -> SecretStr:
        try:
            return self._vault.reveal(owner, reference)
        except CredentialGone as error:
            raise TokenNeeded("the repository's token is gone; give it a new one") from error

    def _replace(self, repository: Repository, change: Mapping[str, Any]) -> None:
        """Change the record; the token that it named before is forgotten."""
        with translated("changing a repository's token"):
            before = self._repositories.find_one_and_update(
                _which(repository), [{"$set": change}], _WHICH
            )
        if kept := (before or {}).get("credential"):
            self._vault.forget(kept["reference"])

    def _note(
        self, repository: Repository, refused: Sequence[str], request: ScanRequest, fence: Fence
    ) -> None:
        now = [{"token": token, "at": "$$NOW"} for token in refused]
        latest = {"$slice": [{"$concatArrays": [_without(refused), now]}, -_REFUSED_MOST]}

        def write(session: ClientSession) -> None:
            self._repositories.update_one(
                _which(repository),
                [{"$set": {"refused": latest, **_with_waiting(request)}}],
                session=session,
            )

        fenced(self._database, fence, "noting a refused token", write)

    def _noted(self, repository: Repository, token: SecretStr | None) -> str:
        """How a token is noted: as the repository's is, if it is that one."""
        if token is None:
            return _NO_TOKEN
        known = self._digests(repository, token)
        kept: str = self._record(repository).get("credential", {}).get("token", "")
        return kept if kept in known else known[0]

    def _digests(self, repository: Repository, token: SecretStr) -> list[str]:
        """By each of the vault's keys, the newest first."""
        content = f"{repository.id}\0{token.get_secret_value()}".encode()
        return [
            hmac.digest(key, content, sha256).hex()[:_DIGEST_CHARACTERS]
            for key in self._keys or (b"",)
        ]


def hindrance(
    database: Database[Document], owner: str, payload: Mapping[str, Any], credential: str | None
) -> str | None:
    """Why a schedule's scan would fail before it asked its host: `credential`, or None."""
    request = _read(payload)
    if request is None:
        return None  # the job will say why
    try:
        own = Vault(database).reveal(owner, credential) if credential else None
        repository = parse_source(request.url, owner, ScannerSettings())
        Credentials(database).usable(repository, own)
    except TokenNeeded:
        return "credential"
    except (CredentialGone, ScanError):  # the job will say so
        return None
    return None


def _which(repository: Repository) -> Document:
    return {"_id": repository.id, "owner": repository.owner}


def _refused(record: Document) -> dict[str, datetime]:
    return {each["token"]: each["at"] for each in record.get("refused", ())}


def _without(tokens: Sequence[str]) -> Document:
    """The refused tokens but for some, as an expression."""
    known = {"$ifNull": ["$refused", []]}
    return {"$filter": {"input": known, "cond": {"$not": {"$in": ["$$this.token", list(tokens)]}}}}


def _with_waiting(request: ScanRequest) -> Document:
    known = {"$ifNull": ["$waiting", []]}
    others = {"$filter": {"input": known, "cond": {"$ne": ["$$this.id", _id(request)]}}}
    new = {"id": _id(request), "request": literal(request.model_dump(mode="json"))}
    return {"waiting": {"$slice": [{"$concatArrays": [others, [new]]}, -_WAITING_MOST]}}


def _id(request: ScanRequest) -> str:
    return digest(request.model_dump_json())


def _read(stored: Mapping[str, Any]) -> ScanRequest | None:
    """A stored request; None of another version's."""
    try:
        return ScanRequest.model_validate(stored)
    except ValidationError:
        return None


def _is_open(repository: Repository, settings: ScannerSettings) -> bool:
    """Whether the host gives the repository to everybody: then only the token is at fault."""
    try:
        resolve_ref(repository, Ref(), None, settings)
    except ScanError:
        return False
    return True
