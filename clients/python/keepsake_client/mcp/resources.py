"""Resources: the owner's repositories, and what is known of a user."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import mcp_types

from keepsake_client.client import AsyncKeepsake
from keepsake_client.mcp.results import BYTES_PER_TOKEN, marked
from keepsake_client.models.code import Repository
from keepsake_client.places import Place
from keepsake_client.problems import Forbidden

_SCHEME = "keepsake"
_LISTED_MOST = 100
_PROFILE_BYTES = 4_000 * BYTES_PER_TOKEN
_OWN = "me"
TEMPLATES = (
    mcp_types.ResourceTemplate(
        name="profile", title="What is known of a user", mime_type="text/plain",
        uri_template="keepsake://users/{user_id}/profile",
        description=f"Facts about a user that hold now; `{_OWN}` is the API key's own owner",
    ),
    mcp_types.ResourceTemplate(
        name="repository", title="A scanned repository", mime_type="text/plain",
        uri_template="keepsake://repositories/{host}/{+name}",
        description="How far its scan is, and its branches that can be searched",
    ),
)  # fmt: skip


class NoSuchResource(Exception):
    """No resource has this address."""


async def listed(client: AsyncKeepsake) -> list[mcp_types.Resource]:
    """The owner's repositories, and its own profile."""
    profile = mcp_types.Resource(
        uri=f"{_SCHEME}://users/{_OWN}/profile", name="profile", mime_type="text/plain",
        title="What is known of the API key's own owner",
    )  # fmt: skip
    resources = [profile]
    with suppress(Forbidden):  # a key may be for memory alone
        async for repository in client.code.repositories(page_size=_LISTED_MOST):
            if len(resources) > _LISTED_MOST:
                break
            resources.append(_repository(repository))
    return resources


def _repository(repository: Repository) -> mcp_types.Resource:
    name = f"{repository.org}/{repository.repo}"
    return mcp_types.Resource(
        uri=f"{_SCHEME}://repositories/{quote(repository.host, safe='')}/{quote(name)}",
        name=name, title=name, mime_type="text/plain",
        description=f"A repository of {repository.host} that can be searched",
    )  # fmt: skip


async def read(client: AsyncKeepsake, uri: str) -> str:
    """The text of a resource, marked as data.

    Raises:
        NoSuchResource: The address is none of those that are listed.
    """
    address = urlsplit(uri)
    parts = [unquote(part) for part in address.path.split("/")[1:]]
    if address.scheme == _SCHEME and address.netloc == "users" and parts[1:] == ["profile"]:
        facts = client.memory.list(
            user_id=None if parts[0] == _OWN else parts[0], domains=["profile"]
        )
        return "\n".join(marked(await _lines(facts)))
    if address.scheme == _SCHEME and address.netloc == "repositories" and len(parts) > 2:  # noqa: PLR2004
        place = Place("/".join(parts[1:]), host=parts[0])
        repository = await client.code.repository(place)
        return "\n".join(marked(repository.model_dump_json(exclude_none=True, indent=1)))
    raise NoSuchResource(uri)


async def _lines(facts: AsyncIterator[Any]) -> str:
    """A JSON line for each fact, as many as have room."""
    lines, room = [], _PROFILE_BYTES
    async for fact in facts:
        line = json.dumps({"id": fact.id, "content": fact.content}, ensure_ascii=False)
        room -= len(line.encode())
        if room < 0:
            lines.append(json.dumps({"left_out": "there is more; search with `recall`"}))
            break
        lines.append(line)
    return "\n".join(lines)
