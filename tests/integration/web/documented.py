"""Holds every answer that a test gets against the OpenAPI document of the server."""

import re
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

_STREAMED = ("text/event-stream", "application/x-ndjson")


class Document:
    """The document of a running server, and the answers it allows."""

    def __init__(self, base_url: str) -> None:
        self.spelt_out: dict[str, Any] = httpx.get(f"{base_url}/openapi.json", timeout=60).json()
        self._validators: dict[int, Draft202012Validator] = {}
        self._paths = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+?", path)), path)
            for path in sorted(self.spelt_out["paths"], key=lambda path: (path.count("{"), path))
        ]

    def check(self, response: httpx.Response) -> None:
        """Fail unless the answer is one that its operation documents."""
        operation = self._operation(response.request)
        if operation is None:
            return
        where = f"{response.request.method} {response.request.url.path} {response.status_code}"
        allowed = operation["responses"].get(str(response.status_code))
        assert allowed is not None, f"{where} is not documented"
        self._check_headers(where, response, allowed.get("headers", {}))
        media_type = response.headers.get("content-type", "").split(";")[0]
        contents = allowed.get("content", {})
        assert media_type in contents or not (contents or media_type), f"{where}: {media_type}"
        if media_type.endswith("json") and media_type not in _STREAMED:
            response.read()
            self._validate(response.json(), contents[media_type]["schema"])

    def check_event(self, stream: httpx.Response, data: Any) -> None:
        """Fail unless an event's data is one that the stream's operation documents."""
        operation = self._operation(stream.request)
        assert operation is not None
        schema = operation["responses"]["200"]["content"]["text/event-stream"]["schema"]
        self._validate(data, schema)

    def _check_headers(self, where: str, response: httpx.Response, named: dict[str, Any]) -> None:
        for name, reference in named.items():
            header = self.spelt_out["components"]["headers"][reference["$ref"].rsplit("/", 1)[-1]]
            assert name in response.headers or not header.get("required"), f"{where}: no {name}"
            if name in response.headers:
                self._validate(response.headers[name], header["schema"])

    def _validate(self, instance: Any, schema: dict[str, Any]) -> None:
        """A validator is made once for each schema, which is a part of the document."""
        validator = self._validators.get(id(schema))
        if validator is None:
            whole = {**schema, "components": self.spelt_out["components"]}
            Draft202012Validator.check_schema(schema)
            validator = self._validators[id(schema)] = Draft202012Validator(whole)
        error = best_match(validator.iter_errors(instance))
        if error is not None:
            raise error

    def _operation(self, request: httpx.Request) -> dict[str, Any] | None:
        for pattern, path in self._paths:
            if pattern.fullmatch(request.url.raw_path.decode().partition("?")[0]):
                operation: dict[str, Any] | None = self.spelt_out["paths"][path].get(
                    request.method.lower()
                )
                if operation is not None:
                    return operation
        return None


@cache
def document(base_url: str) -> Document:
    """A server's document, read once."""
    return Document(base_url)
