"""`keepsake doctor`: what is wrong with an installation, in words, with the mend."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import entry_points
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from keepsake_client.commands import findings
from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.exits import CommandFailed, Exit, told
from keepsake_client.commands.findings import Finding
from keepsake_client.errors import KeepsakeError, Problem, UnexpectedAnswer
from keepsake_client.problems import Forbidden, Unauthorized

if TYPE_CHECKING:
    from keepsake_client.client import Keepsake

CHECKS = "keepsake.checks"
"""Entry points of what installed distributions look at on this host: functions that take nothing
and give findings."""
_COLOURS = {"ok": "green", "warning": "yellow", "fault": "red"}
_LOCAL = "http://127.0.0.1:8000"
_LETTERS = 100
_SECONDS = 10


@click.command(cls=ServiceCommand)
def doctor(call: Call) -> None:
    """Say what is wrong with this installation, and how to mend it.

    It looks at the connection, the key and the clock of this machine; with an operator's key at
    MongoDB, RabbitMQ, workers, queues and records; and on a host of the server at its settings.
    Exit code 1 says that something is broken; warnings alone are 0.
    """
    seen = list(_shown(call, _all(call)))
    if call.out.as_json:
        call.out.document([asdict(finding) for finding in seen])
    broken = any(finding.state == "fault" for finding in seen)
    sys.exit(Exit.FAILED if broken else Exit.DONE)


def _shown(call: Call, found: Iterable[Finding]) -> Iterator[Finding]:
    """Findings, each printed as soon as it is there."""
    for finding in found:
        state = click.style(finding.state.ljust(8), fg=_COLOURS[finding.state])
        call.out.line(f"{state} {finding.part}: {finding.what}")
        if finding.mend:
            call.out.line(f"         {click.style('mend:', bold=True)} {finding.mend}")
        yield finding


def _all(call: Call) -> Iterator[Finding]:
    yield from _of_this_host()
    try:
        client = call.client(retry_seconds=0)
    except (CommandFailed, ValueError) as error:
        yield Finding("connection", "fault", str(error), "keepsake profiles add")
        return
    with client:
        url = call.connection.url or _LOCAL
        yield _of_connection(url, call.connection.source)
        try:
            ready = client.ready()
        except KeepsakeError as error:
            yield _unreachable(url, error)
            return
        version, told_at = _introduced(url)
        yield Finding("service", "ok", f"{url} answers{f', version {version}' if version else ''}")
        yield from findings.of_parts(ready)
        if told_at is not None:
            yield findings.of_clock(told_at)
        yield from _of_key(client, version, ready.rabbitmq)


def _of_this_host() -> Iterator[Finding]:
    for point in entry_points(group=CHECKS):
        yield from point.load()()


def _of_connection(url: str, source: str) -> Finding:
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        return Finding(
            "connection", "warning", f"{url} is not encrypted: the key can be read on the way",
            "use https://",
        )  # fmt: skip
    return Finding("connection", "ok", f"by {source or 'default'}")


def _unreachable(url: str, error: KeepsakeError) -> Finding:
    mend = "see whether it runs (on one machine: keepsake run), and whether the address is right"
    if isinstance(error, UnexpectedAnswer):
        return Finding("service", "fault", f"something else answers at {url}", mend)
    return Finding("service", "fault", told(error), mend)


def _introduced(url: str) -> tuple[str, datetime | None]:
    """The service's version and time, as its own description has them; nobody needs a key for it.

    A proxy before it may hide either.
    """
    import httpx  # noqa: PLC0415 - help need not wait for it

    try:
        answer = httpx.get(f"{url}/openapi.json", timeout=_SECONDS).raise_for_status()
        version = str(answer.json()["info"]["version"])
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        return "", None
    date = answer.headers.get("Date")
    return version, parsedate_to_datetime(date) if date else None


def _of_key(client: "Keepsake", version: str, rabbitmq: str) -> Iterator[Finding]:
    try:
        next(client.jobs.list(page_size=1), None)
    except Unauthorized as error:
        yield Finding("key", "fault", told(error),
                      "ask an operator for one (keepsake keys create), or on the server's host: "
                      "keepsake issue-key; then: keepsake profiles add")  # fmt: skip
        return
    except Forbidden:
        yield Finding("key", "ok", "is good, and is not for jobs")
    except Problem as error:
        yield findings.of_problem("key", error)
        return
    else:
        yield Finding("key", "ok", "is good")
    try:
        yield _of_letters(client)
        yield from _of_operations(client, version, rabbitmq)
    except Problem as error:
        yield findings.of_problem("operation", error)


def _of_operations(client: "Keepsake", version: str, rabbitmq: str) -> Iterator[Finding]:
    """What only operators are told."""
    try:
        queues = client.admin.queues()
    except Forbidden:
        yield Finding("operation", "ok", "queues, workers and records are shown to operators alone")
        return
    yield from findings.of_queues(queues, rabbitmq=rabbitmq)
    workers = client.admin.workers()
    yield from findings.of_workers(workers, version)
    yield from findings.of_drained(workers)
    yield from findings.of_divergence(client.admin.divergence())


def _of_letters(client: "Keepsake") -> Finding:
    letters = list(islice(client.dead_letters.list(status="open"), _LETTERS + 1))
    return findings.of_dead_letters(min(len(letters), _LETTERS), more=len(letters) > _LETTERS)
