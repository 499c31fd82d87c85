"""Pages that people read without a script: the document as one page, and what they share.

They fetch nothing from elsewhere, so they work offline.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import groupby
from typing import Any
from urllib.parse import quote

from web.openapi.fields import fields, kind, limits, resolved

_STYLE = """
:root{color-scheme:light dark;--text:#222;--page:#fff;--shade:#f4f4f4;--line:#ddd;--quiet:#595959;
--get:#06639b;--post:#1a7f37;--delete:#b3261e;--put:#8a5a00;--link:#06639b}
@media(prefers-color-scheme:dark){:root{--text:#e6e6e6;--page:#16181b;--shade:#23262a;--line:#3a3f45;
--quiet:#a8adb3;--get:#7cc4f5;--post:#7bd88f;--delete:#ff9d94;--put:#e8b65a;--link:#7cc4f5}}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:var(--text);background:var(--page);overflow-wrap:anywhere}
a{color:var(--link)}:target{background:var(--shade)}
h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}summary{cursor:pointer;padding:.3rem 0}
details{border-bottom:1px solid var(--line)}details>div{padding:0 0 1rem 1rem;overflow-x:auto}
code{font:14px/1.4 ui-monospace,monospace}pre{background:var(--shade);padding:.7rem;overflow:auto}
.m{display:inline-block;width:4.5rem;font-weight:600}.get{color:var(--get)}.post{color:var(--post)}
.delete{color:var(--delete)}.patch,.put{color:var(--put)}.s{color:var(--quiet)}
table{border-collapse:collapse;width:100%}dt{margin-top:1rem}
td,th{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0}
@media(max-width:40rem){td,th{display:block}tr{display:block;padding-bottom:.6rem}}
"""
Operation = tuple[str, str, dict[str, Any]]


def whole_page(title: str, content: str) -> str:
    """A page with this title and, as HTML, this content."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<main><h1>{escape(title)}</h1>{content}</main></html>"
    )


def rendered(document: Mapping[str, Any], operations: Iterable[Operation]) -> str:
    """The document: an introduction, then every operation under its tag."""
    info = document["info"]
    schemas = document["components"]["schemas"]
    order = [tag["name"] for tag in document["tags"]]
    by_tag = sorted(operations, key=lambda entry: order.index(entry[2]["tags"][0]))
    about = {tag["name"]: tag["description"] for tag in document["tags"]}
    parts = [
        f"<h2>{escape(tag)}</h2><p>{escape(about[tag])}</p>"
        + "".join(_operation(entry, schemas) for entry in group)
        for tag, group in groupby(by_tag, key=lambda entry: entry[2]["tags"][0])
    ]
    return whole_page(
        f"{info['title']} {info['version']}",
        f'<p>{escape(info["summary"])}. <a href="/docs/try">Try it</a> (with JavaScript) · '
        '<a href="/openapi.json">OpenAPI 3.1</a> · <a href="/problems">kinds of problem</a></p>'
        f"<ul>{''.join(_points(info['description']))}</ul>{''.join(parts)}",
    )


def text(words: str) -> str:
    """Words as HTML, with their `code`."""
    parts = escape(words).split("`")
    return "".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))


def _points(description: str) -> Iterator[str]:
    """The points of the introduction."""
    for point in description.split("\n- ")[1:]:
        name, _, words = point.replace("\n", " ").removeprefix("**").partition("**: ")
        yield f"<li><b>{escape(name)}</b>: {text(words)}</li>"


def _operation(entry: Operation, schemas: Mapping[str, Any]) -> str:
    path, method, operation = entry
    tried = quote(f"/{operation['tags'][0]}/{operation['operationId']}", safe="/()")
    return (
        f'<details id="{operation["operationId"]}"><summary><span class="m {method}">'
        f"{method.upper()}</span><code>{escape(path)}</code> "
        f'<span class="s">{text(operation["summary"])}</span></summary><div>'
        f'<p>{text(operation["description"])} <a href="/docs/try#{tried}">Try it</a></p>'
        f"{_parameters(operation, schemas)}{_body(operation, schemas)}"
        f"{_answers(operation)}</div></details>"
    )


def _parameters(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    rows = []
    for parameter in operation["parameters"]:
        schema = resolved(parameter["schema"], schemas)
        about = f"{parameter['in']}, {kind(schema, schemas)}"
        rows.append(
            _row(
                parameter["name"],
                about,
                parameter["description"],
                limits(schema, schemas),
                required=parameter["required"],
            )
        )
    return f"<h4>Parameters</h4><table>{''.join(rows)}</table>"


def _body(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    contents = operation.get("requestBody", {}).get("content", {})
    return "".join(
        f"<h4>Body: <code>{media_type}</code></h4>{_fields(content['schema'], schemas)}"
        f"{_example(content)}"
        for media_type, content in contents.items()
    )


def _fields(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    rows = "".join(
        _row(field.name, field.kind, field.description, field.limits, required=field.required)
        for field in fields(schema, schemas)
    )
    rules = text(limits(resolved(schema, schemas), schemas))
    return f'<p class="s">{rules}</p>' * bool(rules) + f"<table>{rows}</table>" * bool(rows)


def _row(name: str, about: str, description: str, rules: str, *, required: bool) -> str:
    mark = " <b>required</b>" if required else ""
    quiet = f'<br><span class="s">{text(rules)}</span>' if rules else ""
    return (
        f"<tr><td><code>{escape(name)}</code>{mark}</td><td>{escape(about)}</td>"
        f"<td>{text(description)}{quiet}</td></tr>"
    )


def _answers(operation: Mapping[str, Any]) -> str:
    rows = []
    for status, response in operation["responses"].items():
        shown = "".join(map(_example, response.get("content", {}).values())) if status < "4" else ""
        headers = ", ".join(f"<code>{name}</code>" for name in response["headers"])
        rows.append(
            f"<tr><th>{status}</th><td>{text(response['description'])}{shown}"
            f'<br><span class="s">{headers}</span></td></tr>'
        )
    return f"<h4>Answers</h4><table>{''.join(rows)}</table>"


def _example(content: Mapping[str, Any]) -> str:
    example = content.get("example")
    text = example if isinstance(example, str) else json.dumps(example, indent=2)
    return f"<pre>{escape(text)}</pre>"
