"""Hooks: where a git host tells of pushes to a repository, and what it told last."""

import secrets
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from pymongo import ReturnDocument
from pymongo.database import Database

from keepsake.jobs import CredentialGone, Vault
from keepsake.scanner.models import Repository, ScanRequest
from keepsake.scanner.push_events import SECRET_PREFIX, HookHost, Push
from keepsake.scanner.store import HOOKS, INDEXES
from keepsake.storage import Document, Preparation, literals, new_id, translated

_SECRET_BYTES = 32
_KEPT_SECONDS = 100 * 366 * 86_400
"""The vault keeps a hook's secret as long as there is the hook."""
_PUSHES_KEPT = 100
_NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Hook:
    """A hook, and its secret as far as the vault has it."""

    record: Document
    secret: str

    @property
    def pushes(self) -> list[Push]:
        """What was dealt with, the oldest first."""
        return [Push(each["branch"], "", each["after"]) for each in self.record["pushes"]]

    def has_dealt_with(self, delivery: str) -> bool:
        """Whether a delivery has come before."""
        return bool(delivery) and any(
            each["delivery"] == delivery for each in self.record["pushes"]
        )


class Hooks:
    """Everything but a delivery is scoped by owner."""

    def __init__(self, database: Database[Document]) -> None:
        self._hooks = database[HOOKS]
        self._vault = Vault(database)
        self._prepare = Preparation(database, INDEXES).once
        self._unknown = _new_secret()

    def create(
        self, repository: Repository, host: HookHost, request: ScanRequest
    ) -> tuple[Document, str]:
        """A new hook and its secret, which is not shown again.

        Raises:
            VaultClosed: No key is set.
            StorageUnavailable: MongoDB does not answer.
        """
        self._prepare()
        secret = _new_secret()
        reference = self._vault.put(repository.owner, SecretStr(secret), ttl_seconds=_KEPT_SECONDS)
        fields: Document = {
            "owner": repository.owner, "repository": repository.id, "git_host": str(host),
            "request": request.model_dump(mode="json"), "secret": reference, "pushes": [],
            "last": None, "last_at": None,
        }  # fmt: skip
        with translated("making a hook"):
            made = self._hooks.find_one_and_update(
                {"_id": new_id("hook", repository.owner)},
                [{"$set": {**literals(**fields), "created_at": "$$NOW"}}],
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        return made or {}, secret

    def of(self, owner: str, after: str | None, limit: int) -> list[Document]:
        """Some of an owner's hooks, the oldest first, after one."""
        which: Document = {"owner": owner}
        if after is not None:
            which["_id"] = {"$gt": after}
        with translated("listing hooks"):
            return list(self._hooks.find(which).sort("_id", 1).limit(limit))

    def delete(self, owner: str, hook_id: str) -> bool:
        """End a hook and forget its secret; whether there was one."""
        with translated("deleting a hook"):
            gone = self._hooks.find_one_and_delete({"_id": hook_id, "owner": owner})
        if gone is not None:
            self._vault.forget(gone["secret"])
        return gone is not None

    def delete_of(self, repository: Repository) -> None:
        """End all hooks of a repository."""
        which = {"owner": repository.owner, "repository": repository.id}
        with translated("deleting hooks"):
            ids = [hook["_id"] for hook in self._hooks.find(which, {"_id": 1})]
        for hook_id in ids:
            self.delete(repository.owner, hook_id)

    def called(self, host: HookHost, hook_id: str) -> Hook | None:
        """The hook that a delivery calls; None if there is none, or its secret is lost.

        Both ask MongoDB the same, so that nobody learns which hooks there are.
        """
        with translated("reading a hook"):
            record = self._hooks.find_one({"_id": hook_id, "git_host": str(host)})
        owner, reference = (record["owner"], record["secret"]) if record else (_NOBODY, _NOBODY)
        try:
            secret = self._vault.reveal(owner, reference).get_secret_value()
        except CredentialGone:
            return None
        return Hook(record, secret) if record else None

    @property
    def no_secret(self) -> str:
        """A secret that nobody has: what is compared with it takes as long."""
        return self._unknown

    def note(self, hook_id: str, told: Document, pushed: Document | None) -> None:
        """Keep what a delivery came to; of a push also its branch and commit."""
        change: dict[str, Any] = {"$set": {"last": told}, "$currentDate": {"last_at": True}}
        if pushed is not None:
            change["$push"] = {"pushes": {"$each": [pushed], "$slice": -_PUSHES_KEPT}}
        with translated("noting a delivery"):
            self._hooks.update_one({"_id": hook_id}, change)


def _new_secret() -> str:
    return SECRET_PREFIX + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
