"""What is remembered: `remember`, `recall`, `import`, `export`, `restore`, `erase`."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, TextIO

import click

from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.output import Column, ago, plain, printable
from keepsake_client.commands.submits import priority_option, submit_options, submitted
from keepsake_client.commands.values import moment, text_of

if TYPE_CHECKING:
    from keepsake_client.models.jobs import JobInfo

_PART_BYTES = 4_000_000
user_option = click.option("--user", "-u", metavar="USER",
                           help="Whose memory; the key's own by default.")  # fmt: skip
_SOURCES: tuple[Column[Any], ...] = (
    Column("", lambda numbered: f"[{numbered[0]}]"),
    Column("score", lambda numbered: f"{numbered[1].score:.2f}"),
    Column("said", lambda numbered: ago(numbered[1].said_at)),
    Column("kind", lambda numbered: numbered[1].domain or numbered[1].kind),
    Column("content", lambda numbered: numbered[1].content),
)


@click.command(cls=ServiceCommand)
@click.argument("text")
@user_option
@click.option("--response", metavar="TEXT", help="What the agent answered.")
@click.option("--at", type=moment, help="When it was said; now by default.")
@click.option("--session", metavar="ID", help="The conversation that it belongs to.")
@priority_option
@submit_options()
def remember(
    call: Call,
    text: str,
    *,
    user: str | None,
    response: str | None,
    at: datetime | None,
    session: str | None,
    wait: bool,
    timeout: float | None,
    **options: Any,
) -> None:
    """Remember what a user said; TEXT may be `-` for stdin."""
    job = call.service.memory.add(
        text_of(text), user_id=user, agent_response=response, session_datetime=at,
        session_id=session, **options,
    )  # fmt: skip
    if submitted(call, job, wait=wait, timeout=timeout):
        for line in _learnt(job.info):
            call.out.line(line)


def _learnt(job: "JobInfo") -> Iterator[str]:
    operations = [
        (domain, operation)
        for domain, said in (job.result or {}).items() if isinstance(said, dict)
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
def recall(
    call: Call, question: str, user: str | None, limit: int | None, as_of: datetime | None
) -> None:
    """Answer a question from memory, with its sources; QUESTION may be `-` for stdin."""
    answer = call.service.memory.answer(text_of(question), user_id=user, top_k=limit, as_of=as_of)
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
    """Remember a conversation: an export or transcript, `-` for stdin, or the link of a chat."""
    url = source if "://" in source else None
    transcript = None if url else _transcript(source)
    job = call.service.memory.import_(
        user_id=user, user_name=user_name, url=url, transcript=transcript, **options
    )
    if submitted(call, job, wait=wait, timeout=timeout):
        result = job.info.result
        call.out.line(f"{result['succeeded']} turns are remembered"
                      f"{_besides(result, 'skipped')}{_besides(result, 'failed')}.")  # fmt: skip


def _transcript(source: str) -> str:
    return text_of("-") if source == "-" else Path(source).read_text(encoding="utf-8")


def _besides(result: Mapping[str, Any], how: str) -> str:
    return f", {result[how]} {how}" if result.get(how) else ""


@click.command(cls=ServiceCommand)
@user_option
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path),
              help="The file; it is there when it is whole, its owner's alone.")  # fmt: skip
def export(call: Call, user: str | None, output: Path | None) -> None:
    """Write all turns and memories of a user as lines of JSON, the oldest first."""
    memories = call.service.memory.export(user_id=user)
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
