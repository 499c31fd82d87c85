"""What is remembered: `remember`, `recall`, `import`, `export`, `restore`, `erase`."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, TextIO
from zipfile import is_zipfile

import click

from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.output import Column, ago, plain, printable
from keepsake_client.commands.submits import priority_option, submit_options, submitted
from keepsake_client.commands.values import F, fact_about, moment, text_of

if TYPE_CHECKING:
    from keepsake_client.models.jobs import JobInfo

_PART_BYTES = 4_000_000
user_option = click.option("--user", "-u", metavar="USER",
                           help="Whose memory; the key's own by default.")  # fmt: skip
_TAGS = (
    click.option("--agent", "agent_id", metavar="ID", help="The agent that took part in it."),
    click.option("--run", "run_id", metavar="ID", help="The run that it belongs to."),
    click.option("--session", "session_id", metavar="ID",
                 help="The conversation that it belongs to."),
    click.option("--metadata", type=fact_about, multiple=True, metavar="NAME=VALUE",
                 callback=lambda _, __, pairs: dict(pairs) or None,
                 help="A fact of your own about it; may be repeated."),
)  # fmt: skip
_SOURCES: tuple[Column[Any], ...] = (
    Column("", lambda numbered: f"[{numbered[0]}]"),
    Column("score", lambda numbered: f"{numbered[1].score:.2f}"),
    Column("said", lambda numbered: ago(numbered[1].said_at)),
    Column("kind", lambda numbered: numbered[1].domain or numbered[1].kind),
    Column("content", lambda numbered: numbered[1].content),
)


def _tagged(callback: F) -> F:
    """Add the options that say what turns belong to; as a filter, what has to be so."""
    for option in _TAGS:
        callback = option(callback)
    return callback


@click.command(cls=ServiceCommand)
@click.argument("text", required=False)
@user_option
@click.option(
    "--messages",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="In place of TEXT: a JSON list of messages with `role` and `content`.",
)
@click.option("--response", metavar="TEXT", help="What the agent answered.")
@click.option("--at", type=moment, help="When it was said; now by default.")
@_tagged
@priority_option
@submit_options()
def remember(
    call: Call,
    text: str | None,
    *,
    user: str | None,
    messages: TextIO | None,
    response: str | None,
    at: datetime | None,
    wait: bool,
    timeout: float | None,
    **options: Any,
) -> None:
    """Remember what a user said; TEXT, and the file of --messages, may be `-` for stdin."""
    if (text is None) == (messages is None):
        raise click.UsageError("Give either TEXT or --messages.")
    job = call.service.memory.add(
        text and text_of(text), user_id=user, agent_response=response, session_datetime=at,
        messages=_messages(messages) if messages else None, **options,
    )  # fmt: skip
    if submitted(call, job, wait=wait, timeout=timeout):
        for line in _learnt(job.info):
            call.out.line(line)


def _messages(file: TextIO) -> list[Any]:
    try:
        listed = json.load(file)
    except ValueError as error:
        raise click.UsageError(f"--messages is no JSON: {error}") from None
    if not isinstance(listed, list):
        raise click.UsageError("--messages is no list.")
    return listed


def _learnt(job: "JobInfo") -> Iterator[str]:
    result = job.result or {}
    operations = [
        (domain, operation)
        for turn in result.get("results", [result])
        for domain, said in turn.items() if isinstance(said, dict)
        for operation in said.get("operations", [])
    ]  # fmt: skip
    for domain, operation in operations:
        yield printable(f"{operation['type'].lower()} {domain}: {operation['content']}")
    if not operations:
        yield "Nothing new."


@click.command(cls=ServiceCommand)
@click.argument("question")
@user_option
@click.option("--limit", "-n", type=int, help="At most so many sources.")
@click.option("--as-of", type=moment, help="What held then, instead of now.")
@_tagged
def recall(
    call: Call,
    question: str,
    user: str | None,
    limit: int | None,
    as_of: datetime | None,
    **tags: Any,
) -> None:
    """Answer a question from memory, with its sources; QUESTION may be `-` for stdin."""
    answer = call.service.memory.answer(
        text_of(question), user_id=user, top_k=limit, as_of=as_of, **tags
    )
    if call.out.as_json:
        call.out.document(plain(answer))
        return
    call.out.line(printable(answer.answer))
    if answer.sources:
        call.out.line("")
        call.out.rows(enumerate(answer.sources, 1), _SOURCES)


@click.command("import", cls=ServiceCommand)
@click.argument("source", metavar="FILE|URL")
@user_option
@click.option("--user-name", help="Who is the user in a chat between people.")
@priority_option
@submit_options(waits=True)
def import_(
    call: Call,
    source: str,
    user: str | None,
    user_name: str | None,
    *,
    wait: bool,
    timeout: float | None,
    **options: Any,
) -> None:
    """Remember a conversation: an export or transcript, `-` for stdin, or the link of a chat.

    A large file and a zip are uploaded as they are read; the job counts its conversations.
    """
    if _is_uploaded(source):
        _upload(call, source, user, user_name, wait=wait, timeout=timeout, **options)
        return
    url = source if "://" in source else None
    transcript = None if url else _transcript(source)
    job = call.service.memory.import_(
        user_id=user, user_name=user_name, url=url, transcript=transcript, **options
    )
    if submitted(call, job, wait=wait, timeout=timeout):
        result = job.info.result
        call.out.line(f"{result['succeeded']} turns are remembered"
                      f"{_besides(result, 'skipped')}{_besides(result, 'failed')}.")  # fmt: skip


def _is_uploaded(source: str) -> bool:
    """Whether it is more than a request of JSON takes, or no text."""
    file = Path(source)
    return file.is_file() and (file.stat().st_size > _PART_BYTES or is_zipfile(file))


def _upload(
    call: Call,
    source: str,
    user: str | None,
    user_name: str | None,
    *,
    wait: bool,
    timeout: float | None,
    **options: Any,
) -> None:
    if options.pop("run_at", None) is not None:
        raise click.UsageError("An upload is remembered at once: leave out --at.")
    job = call.service.memory.upload(source, user_id=user, user_name=user_name, **options)
    if submitted(call, job, wait=wait, timeout=timeout):
        result = job.info.result
        counts = f"{result['conversations']} conversations, {result['succeeded']} turns"
        besides = f"{_besides(result, 'skipped')}{_besides(result, 'failed')}"
        call.out.line(f"{counts} are remembered{besides}.")
        for unread in result["named"]:
            call.out.line(printable(f"{unread['conversation']}: {unread['error']}"))


def _transcript(source: str) -> str:
    return text_of("-") if source == "-" else Path(source).read_text(encoding="utf-8")


def _besides(result: Mapping[str, Any], how: str) -> str:
    return f", {result[how]} {how}" if result.get(how) else ""


@click.command(cls=ServiceCommand)
@user_option
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path),
              help="The file; it is there when it is whole, its owner's alone.")  # fmt: skip
@_tagged
def export(
    call: Call,
    user: str | None,
    output: Path | None,
    metadata: Mapping[str, Any] | None,
    **tags: str | None,
) -> None:
    """Write all turns and memories of a user as lines of JSON, the oldest first."""
    pairs = [f"{name}:{json.dumps(value) if isinstance(value, bool) else value}"
             for name, value in (metadata or {}).items()]  # fmt: skip
    memories = call.service.memory.export(user_id=user, metadata=pairs or None, **tags)
    if output is None:
        for memory in memories:
            click.echo(json.dumps(plain(memory)))
        return
    with NamedTemporaryFile("w", dir=output.parent, delete=False, encoding="utf-8") as file:
        written = Path(file.name)
        try:
            count = sum(1 for memory in memories if file.write(json.dumps(plain(memory)) + "\n"))
        except BaseException:
            written.unlink()
            raise
    written.replace(output)
    call.out.record({"file": str(output), "records": count},
                    [("file", output), ("records", count)])  # fmt: skip


@click.command(cls=ServiceCommand)
@click.argument("file", type=click.File(encoding="utf-8"))
@user_option
@priority_option
@submit_options(waits=True)
def restore(
    call: Call,
    file: TextIO,
    user: str | None,
    *,
    wait: bool,
    timeout: float | None,
    **options: Any,
) -> None:
    """Bring back what `export` wrote, `-` for stdin; what is there already is skipped.

    A long file becomes several jobs, one after the other. Stopped, it is begun again with the same.
    """
    counts: Counter[str] = Counter()
    for part in _parts(file):
        job = call.service.memory.restore(part, user_id=user, **options)
        if submitted(call, job, wait=wait, timeout=timeout):
            result = job.info.result
            counts.update({how: result[how] for how in ("succeeded", "skipped", "failed")})
    if wait:
        call.out.line(f"{counts['succeeded']} turns and memories are back"
                      f"{_besides(counts, 'skipped')}{_besides(counts, 'failed')}.")  # fmt: skip


def _parts(file: Iterable[str]) -> Iterator[str]:
    """The lines of a file, as many together as a request takes; only these are kept in memory."""
    part: list[str] = []
    size = 0
    for line in file:
        length = len(json.dumps(line))
        if part and size + length > _PART_BYTES:
            yield "".join(part)
            part, size = [], 0
        part.append(line)
        size += length
    if part:
        yield "".join(part)


@click.command(cls=ServiceCommand)
@click.argument("user")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(call: Call, user: str, *, yes: bool) -> None:
    """Erase all that is kept of a user; nothing brings it back."""
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("Without a terminal to ask at, say --yes.")
        click.confirm(f"Erase all that is kept of {printable(user)}?", abort=True, err=True)
    erased = call.service.users.erase(user)
    call.out.record(erased, [(kind, f"{count} erased") for kind, count in erased.before.items()])
