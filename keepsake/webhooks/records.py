"""Webhooks as they are stored: whose, where to, which events. Secrets are in the vault."""

import base64
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from pymongo import ReturnDocument
from pymongo.database import Database

from keepsake.jobs import Vault
from keepsake.storage import (
    Document,
    Index,
    Preparation,
    cluster_time,
    literals,
    new_id,
    translated,
)

WEBHOOKS = "webhooks"
POSITION = "webhook_position"
INDEXES = (Index(WEBHOOKS, "by_owner", (("owner", 1), ("_id", 1))),)
MOST = 20
"""Webhooks of one owner."""
_SECRET_BYTES = 32
_KEPT_SECONDS = 100 * 365 * 86_400
_OLD_SECONDS = 86_400
"""For how long deliveries are signed with a secret that was replaced, too."""


class NoSuchWebhook(Exception):
    """The owner has no webhook of that id."""


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """Where to post which events of an owner's."""

    owner: str
    url: str
    events: Sequence[str]
    description: str = ""


class Webhooks:
    """Everything is scoped by owner."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._webhooks = database[WEBHOOKS]
        self._vault = Vault(database)
        self._prepare = Preparation(database, INDEXES).once

    def create(self, new: NewWebhook) -> tuple[Document, SecretStr]:
        """Begin a webhook: what happens from now on is posted. Its secret is shown only here.

        Raises:
            VaultClosed: No key is set that the vault could seal the secret with.
            StorageUnavailable: MongoDB does not answer.
        """
        self._prepare()
        secret, reference = self._sealed(new.owner)
        fields = literals(
            owner=new.owner, url=new.url, events=sorted(set(new.events)),
            description=new.description, active=True, secrets=[reference], reason=None,
            since=cluster_time(self._database),
        )  # fmt: skip
        with translated("making a webhook"):
            webhook = self._webhooks.find_one_and_update(
                {"_id": new_id("wh", new.owner)},
                [{"$set": {**fields, "created_at": "$$NOW", "posts_from": "$$NOW"}}],
                upsert=True, return_document=ReturnDocument.AFTER,
            )  # fmt: skip
        return webhook or {}, secret

    def of(self, owner: str) -> list[Document]:
        """An owner's webhooks, the oldest first."""
        with translated("listing webhooks"):
            return list(self._webhooks.find({"owner": owner}).sort("_id", 1).limit(MOST))

    def get(self, owner: str, webhook_id: str) -> Document:
        """One webhook.

        Raises:
            NoSuchWebhook: There is none of this owner's.
        """
        with translated("reading a webhook"):
            webhook = self._webhooks.find_one({"_id": webhook_id, "owner": owner})
        return _there(webhook, webhook_id)

    def change(self, owner: str, webhook_id: str, changes: Mapping[str, Any]) -> Document:
        """Set some of `url`, `events`, `description`, `active` and `reason`.

        One that was off is posted what happens from now on.

        Raises:
            NoSuchWebhook: There is none of this owner's.
        """
        which = {"_id": webhook_id, "owner": owner}
        with translated("changing a webhook"):
            if changes.get("active"):
                begun = literals(since=cluster_time(self._database)) | {"posts_from": "$$NOW"}
                self._webhooks.update_one({**which, "active": False}, [{"$set": begun}])
            webhook = self._webhooks.find_one_and_update(
                which, {"$set": dict(changes)}, return_document=ReturnDocument.AFTER
            )
        return _there(webhook, webhook_id)

    def rotate(self, owner: str, webhook_id: str) -> tuple[Document, SecretStr]:
        """A new secret; deliveries carry a signature with the old one too, for a day.

        Raises:
            NoSuchWebhook: There is none of this owner's.
            VaultClosed: As `create` has it.
        """
        before = self.get(owner, webhook_id)["secrets"][0]
        secret, reference = self._sealed(owner)
        with translated("changing a webhook"):
            webhook = self._webhooks.find_one_and_update(
                {"_id": webhook_id, "owner": owner, "secrets.0": before},
                {"$set": {"secrets": [reference, before]}}, return_document=ReturnDocument.AFTER,
            )  # fmt: skip
        if webhook is None:  # another rotation came first, or the webhook is gone
            self._vault.forget(reference)
            return self.rotate(owner, webhook_id)
        self._vault.shorten(before, _OLD_SECONDS)
        return webhook, secret

    def delete(self, owner: str, webhook_id: str) -> None:
        """End a webhook; its deliveries that have not begun are not made.

        Raises:
            NoSuchWebhook: There is none of this owner's.
        """
        with translated("deleting a webhook"):
            webhook = self._webhooks.find_one_and_delete({"_id": webhook_id, "owner": owner})
        for reference in _there(webhook, webhook_id)["secrets"]:
            self._vault.forget(reference)

    def any(self) -> bool:
        """Whether anybody has one that is posted to."""
        with translated("looking for webhooks"):
            return self._webhooks.find_one({"active": True}, {"_id": 1}) is not None

    def active(self, owners: Collection[str] | None = None) -> list[Document]:
        """Those that are posted to, of some owners or of all."""
        which: Document = {"active": True}
        if owners is not None:
            which["owner"] = {"$in": sorted(owners)}
        with translated("reading webhooks"):
            return list(self._webhooks.find(which))

    def _sealed(self, owner: str) -> tuple[SecretStr, str]:
        raw = base64.b64encode(os.urandom(_SECRET_BYTES)).decode()
        secret = SecretStr(f"whsec_{raw}")
        return secret, self._vault.put(owner, secret, ttl_seconds=_KEPT_SECONDS)


def _there(webhook: Document | None, webhook_id: str) -> Document:
    if webhook is None:
        raise NoSuchWebhook(webhook_id)
    return webhook
