"""`/v1/admin/keys`: API keys, made and revoked by operators."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt

from keepsake.access import ALL_SCOPES, CONTENT, KeyLimits, KeyStore, Role
from keepsake.parts import job_types, key_scopes
from keepsake.storage import Document, LengthFirst, Moment, each_readable
from web.dependencies import ApiKeys, Audited
from web.edge.auth import Observer, Operator, require_scope
from web.edge.body_limits import BoundedRoute
from web.job_views.schemas import among
from web.problems import Problem
from web.scanner.places import Names

KeyId = Annotated[str, Path(max_length=100)]
router = APIRouter(prefix="/v1/admin/keys", tags=["admin"], route_class=BoundedRoute)

SCOPES = key_scopes(job_types())
if TYPE_CHECKING:
    ScopeName = str
else:
    ScopeName = StrEnum("Scope", {scope: scope for scope in SCOPES})
    """One of the scopes of this process, as the OpenAPI document shows them."""


class LimitsView(BaseModel):
    """A key's own limits; null is as the settings say."""

    model_config = ConfigDict(extra="forbid")

    requests_per_second: StrictFloat | None = Field(default=None, gt=0, le=1_000_000)
    backlog: StrictInt | None = Field(default=None, ge=1, le=1_000_000_000)
    stored_bytes: StrictInt | None = Field(
        default=None, ge=0, le=10**15, examples=[10_000_000_000],
        description="How much its owner may store; past it the key adds nothing",
    )  # fmt: skip


class NewKey(BaseModel):
    """Whose key it is to be, and what it may do."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    owner: str = Field(max_length=256, pattern=r"^[\w.\-@:]+$", examples=["alice"])
    role: Role = Role.OWNER
    scopes: Annotated[list[ScopeName], Field(min_length=1, max_length=10), LengthFirst()] = list(
        ALL_SCOPES
    )
    expires_at: Moment | None = None
    limits: LimitsView = LimitsView()
    organisations: Names = Field(
        default_factory=list,
        description="It may search what they share, and its owner may share with them",
    )
    name: str = Field(default="", max_length=200, examples=["laptop"])

    def made_in(self, keys: KeyStore) -> str:
        """Make it; the plain key is returned once.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        return keys.create(
            self.owner,
            role=self.role,
            expires_at=self.expires_at,
            scopes=self.scopes,
            limits=KeyLimits(**self.limits.model_dump()),
            organisations=self.organisations,
            name=self.name,
        )


class KeyView(BaseModel):
    """A key as operators see it."""

    key_id: str
    owner: str
    role: str = Field(description=f"{among(Role)}; a newer version may know others")
    scopes: list[str] = Field(description=f"Of {among(SCOPES)}, and what a newer version knows")
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    limits: LimitsView
    organisations: list[str] = Field(default_factory=list)

    @classmethod
    def of(cls, record: Document) -> "KeyView":
        """The view of a stored key."""
        return cls(key_id=record["_id"], **{n: record[n] for n in cls.model_fields if n in record})


class MadeKey(BaseModel):
    """A new key; `key` is shown this once."""

    key: str
    about: KeyView


class KeyList(BaseModel):
    """Keys, the newest first."""

    keys: list[KeyView]


@router.get("")
def list_keys(
    stored: ApiKeys, _: Observer, owner: Annotated[str, Query(max_length=256)] = ""
) -> KeyList:
    """The newest 500 keys, of one owner or of all."""
    return KeyList(keys=list(each_readable(KeyView.of, stored.listed(owner or None))))


@router.post("", status_code=201)
def create_key(stored: ApiKeys, body: NewKey, caller: Operator, audit: Audited) -> MadeKey:
    """Make a key. It is answered once and stored only as a hash.

    One that may read what is its owners' alone (`operator:content`) takes such a key to make.
    """
    if CONTENT in body.scopes:
        require_scope(caller, CONTENT)
    audit.note("key.create", body.owner, f"role {body.role}")
    key = body.made_in(stored)
    return MadeKey(key=key, about=KeyView.of(stored.described(key)))


@router.post("/{key_id}:revoke")
def revoke_key(stored: ApiKeys, key_id: KeyId, _: Operator, audit: Audited) -> KeyView:
    """Revoke a key; it is refused from now on."""
    audit.note("key.revoke", key_id)
    record = stored.revoke(key_id)
    if record is None:
        raise Problem(404, "key-not-found", "There is no such key.")
    return KeyView.of(record)
