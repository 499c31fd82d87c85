"""What people read of the document: its texts, and all of it as one HTML page.

The page has no script and fetches nothing from elsewhere, so it works offline.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from http import HTTPStatus
from itertools import groupby
from typing import Any

DESCRIPTION = """\
Durable memory and code search for AI agents. Whatever takes time is a **job**: it is accepted with
`202`, `Location` and `Retry-After`, followed by polling, long-polling or events, and it has one
shape everywhere.

- **Authentication**: `Authorization: Bearer ksk_…`. Nothing of another owner's exists: `404`.
- **Errors**: `application/problem+json` (RFC 9457); `GET /problems` lists every type. An unknown
  path is `404`, an unserved method `405` with `Allow`. `/v1/memory` and `/v1/scanner` answer in
  XMem's forms instead.
- **Idempotency**: `Idempotency-Key` on what makes a job, kept for 24 hours.
- **Limits**: `RateLimit` and `RateLimit-Policy` on every answer; past them `429`, `Retry-After`.
- **Connections**: on any path, before it is looked at: a head of more than 64 KB is
  `431 head-too-large`, one that is no HTTP `400 malformed-http`, a request that does not come in
  time `408 request-too-slow`, and a server without room answers `503 too-many-connections`.
- **Tracing**: `X-Request-ID` in, if the client has one, and out.
"""

TAGS = [
    {"name": "memory", "description": "Turns in, memories and answers out"},
    {
        "name": "memories",
        "description": "What is remembered, one by one: look, mend, erase, export",
    },
    {"name": "scanner", "description": "Repositories, scanned in the background and searched"},
    {"name": "jobs", "description": "Where work stands, and what may be done about it"},
    {"name": "events", "description": "Server-sent events that can be resumed"},
    {"name": "dead letters", "description": "What was given up, kept to be replayed"},
    {"name": "admin", "description": "For operators; every act is audited"},
    {"name": "health", "description": "For load balancers and Prometheus"},
    {"name": "memory (v1)", "description": "XMem's synchronous contract, in its envelope"},
    {"name": "scanner (v1)", "description": "XMem's scanner contract, in its flat answers"},
]

_BY_STATUS = {
    "201": "Made",
    "202": "Accepted; `Location` is where to follow it",
    "204": "Done; there is nothing to say",
    "304": "It is as the client has it",
}
_SENTENCE = re.compile(r"(.+?)(?:[.:;](?:\s|$)|$)")
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
h2{margin-top:2.5rem;border-bottom:1px solid #ddd}summary{cursor:pointer;padding:.3rem 0}
details{border-bottom:1px solid #eee}details>div{padding:0 0 1rem 1rem}
code{font:14px/1.4 ui-monospace,monospace}pre{background:#f6f6f6;padding:.7rem;overflow:auto}
.m{display:inline-block;width:4.5rem;font-weight:600}.get{color:#06639b}.post{color:#1a7f37}
.delete{color:#b3261e}.patch,.put{color:#8a5a00}.s{color:#666}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0}
"""
Operation = tuple[str, str, dict[str, Any]]


def summary(description: str) -> str:
    """The first clause of an operation's description, as a title."""
    clause = _SENTENCE.match(description)
    return clause[1] if clause else ""


def described(status: str, response: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """What an answer is: as the route says, as its status says, or what its schema is."""
    own = str(response.get("description", ""))
    if status in _BY_STATUS and own in {"Successful Response", HTTPStatus(int(status)).phrase}:
        return _BY_STATUS[status]
    if own != "Successful Response":
        return own
    for content in response.get("content", {}).values():
        name = str(content.get("schema", {}).get("$ref", "")).rsplit("/", 1)[-1]
        if about := schemas.get(name, {}).get("description"):
            return str(about)
    return ""


def rendered(document: Mapping[str, Any], operations: Iterable[Operation]) -> str:
    """The page: an introduction, then every operation under its tag."""
    info = document["info"]
    order = [tag["name"] for tag in document["tags"]]
    by_tag = sorted(operations, key=lambda entry: order.index(entry[2]["tags"][0]))
    about = {tag["name"]: tag["description"] for tag in document["tags"]}
    parts = [
        f"<h2>{escape(tag)}</h2><p>{escape(about[tag])}</p>" + "".join(map(_operation, group))
        for tag, group in groupby(by_tag, key=lambda entry: entry[2]["tags"][0])
    ]
    title = escape(info["title"])
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<h1>{title} {escape(info['version'])}</h1><p>{escape(info['summary'])}. "
        '<a href="/openapi.json">OpenAPI 3.1</a> · <a href="/problems">kinds of problem</a></p>'
        f"<ul>{''.join(_points(info['description']))}</ul>{''.join(parts)}</html>"
    )


def _points(description: str) -> Iterator[str]:
    """The points of the introduction."""
    for point in description.split("\n- ")[1:]:
        name, _, text = point.replace("\n", " ").removeprefix("**").partition("**: ")
        yield f"<li><b>{escape(name)}</b>: {_text(text)}</li>"


def _text(text: str) -> str:
    """Text with its `code`."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))


def _operation(entry: Operation) -> str:
    path, method, operation = entry
    return (
        f'<details id="{operation["operationId"]}"><summary><span class="m {method}">'
        f"{method.upper()}</span><code>{escape(path)}</code> "
        f'<span class="s">{_text(operation["summary"])}</span></summary><div>'
        f"<p>{_text(operation['description'])}</p>{_parameters(operation)}{_body(operation)}"
        f"{_answers(operation)}</div></details>"
    )


def _parameters(operation: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(parameter['name'])}</code></td><td>{parameter['in']}</td>"
        f"<td>{_text(parameter['description'])}</td></tr>"
        for parameter in operation.get("parameters", ())
    )
    return f"<h4>Parameters</h4><table>{rows}</table>" if rows else ""


def _body(operation: Mapping[str, Any]) -> str:
    contents = operation.get("requestBody", {}).get("content", {})
    return "".join(
        f"<h4>Body: <code>{media_type}</code></h4>{_example(content)}"
        for media_type, content in contents.items()
    )


def _answers(operation: Mapping[str, Any]) -> str:
    rows = []
    for status, response in operation["responses"].items():
        shown = "".join(map(_example, response.get("content", {}).values())) if status < "4" else ""
        headers = ", ".join(f"<code>{name}</code>" for name in response["headers"])
        rows.append(
            f"<tr><th>{status}</th><td>{_text(response['description'])}{shown}"
            f'<br><span class="s">{headers}</span></td></tr>'
        )
    return f"<h4>Answers</h4><table>{''.join(rows)}</table>"


def _example(content: Mapping[str, Any]) -> str:
    example = content.get("example")
    text = example if isinstance(example, str) else json.dumps(example, indent=2)
    return f"<pre>{escape(text)}</pre>"
