"""The document as one HTML page: no script, nothing fetched from elsewhere, works offline."""

import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import groupby
from typing import Any

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


def rendered(document: Mapping[str, Any], operations: Iterable[Operation]) -> str:
    """The page: an introduction, then every operation under its tag."""
    info = document["info"]
    order = [tag["name"] for tag in document["tags"]]
    by_tag = sorted(operations, key=lambda found: order.index(found[2]["tags"][0]))
    about = {tag["name"]: tag["description"] for tag in document["tags"]}
    parts = [
        f"<h2>{escape(tag)}</h2><p>{escape(about[tag])}</p>" + "".join(map(_operation, found))
        for tag, found in groupby(by_tag, key=lambda found: found[2]["tags"][0])
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


def _operation(found: Operation) -> str:
    path, method, operation = found
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
