"""Requests of somebody who may not see, and what they ask of MongoDB."""

from typing import Any

_CODE = {"name": "sell", "query": "sell", "q": "sell", "branch": "main", "path": "app/shop.py"}
_BODIES: dict[str, Any] = {"PATCH": {"content": "I live in Lyon."}, "PUT": {}}
_VARYING = {"x-request-id", "date", "ratelimit", "ratelimit-policy"}
_UNASKED = {"getmore", "command"}
"""What runs beside requests: change streams, sessions."""


def answers(client, walked, names):
    """What each route answers about the things of these names."""
    return {f"{method} {path}": _answer(client, method, path.format(**names))
            for method, path in walked}  # fmt: skip


def _answer(client, method: str, url: str) -> tuple[int, dict[str, str], Any]:
    params = {"user_id": "u1"} if "/memory/" in url else _CODE if "/acme/" in url else {}
    body = {"token": "t"} if url.endswith("/credential") else _BODIES.get(method)
    answer = client.request(method, url, json=body, params=params)
    headers = {name: text for name, text in answer.headers.items() if name not in _VARYING}
    return answer.status_code, headers, answer.json()


def questions(database, client, walked, names, kept: tuple[str, ...]):
    """What those answers ask of the collections that end so.

    Keys and rates are asked for now and then, so they are none of these.
    """
    database.command("profile", 2)
    answers(client, walked, names)
    database.command("profile", 0)
    rows = database["system.profile"].find().sort("ts", 1)
    asked = [
        _shape(row, names) for row in rows if row["op"] not in _UNASKED and row["ns"].endswith(kept)
    ]
    database.drop_collection("system.profile")
    return asked


def _shape(row: dict[str, Any], names) -> tuple[str, str, str]:
    """An operation without the names that it is about."""
    text = str(row["command"].get("filter") or row["command"].get("q") or {})
    for name in names.values():
        text = text.replace(repr(name), "NAME")
    return row["op"], row["ns"], text
