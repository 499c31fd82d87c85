"""The vault: secrets that jobs need, encrypted, for as long as the job lives.

A job keeps only the reference. What is gone, expired or unreadable fails the job closed.
"""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from pydantic import SecretStr, field_validator
from pymongo.database import Database

from keepsake.jobs.errors import CredentialGone
from keepsake.jobs.expressions import NOW, after
from keepsake.jobs.indexes import VAULT
from keepsake.storage import Audience, Document, Settings, literals, new_id, translated

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES = 32
_NONCE_BYTES = 12


class VaultSettings(Settings):
    """The keys of the vault, newest first, separated by commas; each 32 bytes in base64.

    docs/operating.md says how to rotate them.
    """

    secret_key: Annotated[SecretStr | None, Audience.HOSTS] = None
    """The vault's keys, each 32 bytes in base64, newest first, with commas between them
    ([rotation](#rotating-the-vaults-key)); `keepsake run` makes and keeps one without it."""

    @field_validator("secret_key")
    @classmethod
    def _are_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            for key in value.get_secret_value().split(","):
                if len(_decoded(key)) != _KEY_BYTES:
                    raise ValueError("each key is 32 bytes in base64")
        return value

    @cached_property
    def keys(self) -> tuple[bytes, ...]:
        """The keys, newest first."""
        if self.secret_key is None:
            return ()
        return tuple(_decoded(key) for key in self.secret_key.get_secret_value().split(","))

    def derived(self, purpose: bytes) -> tuple[bytes, ...]:
        """Keys for another purpose than the vault's, newest first: one cannot lead to the other."""
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - see `_cipher`
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

        return tuple(
            HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose).derive(key) for key in self.keys
        )


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many secrets were sealed anew, and the references of those that no key opens."""

    sealed: int
    lost: tuple[str, ...]


class VaultClosed(Exception):
    """No key is set (KEEPSAKE_SECRET_KEY), so no secret can be kept."""


class Vault:
    """AES-256-GCM boxes in MongoDB, bound to their reference and owner."""

    def __init__(self, database: Database[Document], settings: VaultSettings | None = None) -> None:
        self._boxes = database[VAULT]
        self._keys = {_key_id(key): key for key in (settings or VaultSettings()).keys}

    def put(self, owner: str, secret: SecretStr, *, ttl_seconds: float) -> str:
        """Keep a secret; the reference is returned.

        Raises:
            VaultClosed: No key is set.
            StorageUnavailable: MongoDB does not answer.
        """
        reference = new_id("cred")
        fields = self._sealed(reference, owner, secret.get_secret_value().encode())
        with translated("keeping a credential"):
            self._boxes.update_one(
                {"_id": reference},
                [{"$set": {**literals(owner=owner, **fields), "created_at": NOW,
                           "expire_at": after(ttl_seconds)}}],
                upsert=True,
            )  # fmt: skip
        return reference

    def reveal(self, owner: str, reference: str) -> SecretStr:
        """The secret behind a reference.

        Raises:
            CredentialGone: It is unknown, expired, another owner's, or sealed with a lost key.
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("reading a credential"):
            box = self._boxes.find_one(
                {"_id": reference, "owner": owner, "$expr": {"$gt": ["$expire_at", NOW]}}
            )
        if box is None:
            raise CredentialGone("the credential is no longer in the vault; send it again")
        return SecretStr(self._opened(box).decode())

    def shorten(self, reference: str, seconds: float) -> None:
        """Keep a secret no longer than so many seconds from now."""
        end = {"$min": ["$expire_at", after(seconds)]}
        with translated("shortening a credential's time"):
            self._boxes.update_one({"_id": reference}, [{"$set": {"expire_at": end}}])

    def forget(self, reference: str) -> None:
        """Delete a secret; one that is gone already is fine."""
        with translated("forgetting a credential"):
            self._boxes.delete_one({"_id": reference})

    def rewrap(self) -> Rewrapped:
        """Seal every secret with the newest key; harmless beside whatever else uses the vault.

        Raises:
            VaultClosed: No key is set.
            StorageUnavailable: MongoDB does not answer.
        """
        newest, sealed, lost = self._newest(), 0, []
        with translated("rewrapping the vault"):
            for box in self._boxes.find({"key_id": {"$ne": _key_id(newest)}}):
                try:
                    fields = self._sealed(box["_id"], box["owner"], self._opened(box))
                except CredentialGone:
                    lost.append(box["_id"])
                    continue
                same = {"_id": box["_id"], "nonce": box["nonce"]}
                sealed += self._boxes.update_one(same, {"$set": fields}).modified_count
        return Rewrapped(sealed, tuple(lost))

    def closed(self) -> int:
        """How many secrets none of the keys opens: they were sealed with others.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("looking into the vault"):
            return self._boxes.count_documents({"key_id": {"$nin": list(self._keys)}})

    def _newest(self) -> bytes:
        for key in self._keys.values():
            return key
        raise VaultClosed("set KEEPSAKE_SECRET_KEY to keep credentials")

    def _sealed(self, reference: str, owner: str, plain: bytes) -> Document:
        key, nonce = self._newest(), os.urandom(_NONCE_BYTES)
        box = _cipher(key).encrypt(nonce, plain, _bound(reference, owner))
        return {"key_id": _key_id(key), "nonce": nonce, "box": box}

    def _opened(self, box: Document) -> bytes:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - see `_cipher`

        key = self._keys.get(box["key_id"])
        if key is None:
            raise CredentialGone("the credential was sealed with a key that is no longer set")
        try:
            return _cipher(key).decrypt(box["nonce"], box["box"], _bound(box["_id"], box["owner"]))
        except InvalidTag as error:
            raise CredentialGone("the credential in the vault is damaged; send it again") from error


def _cipher(key: bytes) -> "AESGCM":
    """Its library takes 6 MB, which who keeps no secret is spared."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    return AESGCM(key)


def _bound(reference: str, owner: str) -> bytes:
    """A box moved to another reference or owner does not open."""
    return f"{reference}\0{owner}".encode()


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"keepsake vault" + key).hexdigest()[:16]


def _decoded(key: str) -> bytes:
    try:
        return base64.b64decode(key.strip(), validate=True)
    except binascii.Error:
        return b""
