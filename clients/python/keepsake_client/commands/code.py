"""Code: `scan`, `search-code`, `search-text`, `refs`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import keepsake_client
from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.output import Column, printable
from keepsake_client.commands.submits import submit_options, submitted
from keepsake_client.commands.values import secret_of

if TYPE_CHECKING:
    from keepsake_client.models.code import Uses
    from keepsake_client.places import Place

_SYMBOLS: tuple[Column[Any], ...] = (
    Column("place", lambda hit: f"{hit.path}:{hit.line}", whole=True),
    Column("kind", lambda hit: hit.kind),
    Column("name", lambda hit: hit.qualified or hit.name),
    Column("match", lambda hit: hit.match),
    Column("about", lambda hit: hit.summary or hit.doc or hit.signature),
)
_USES: tuple[Column[Any], ...] = (
    Column("place", lambda use: f"{use.path}:{use.line}", whole=True),
    Column("in", lambda use: use.symbol),
    Column("use", lambda use: use.kind),
    Column("sure", lambda use: use.confidence),
    Column("text", lambda use: use.text.strip()),
)
_LINES: tuple[Column[Any], ...] = (
    Column("place", lambda hit: f"{_in_repository(hit)}{hit.path}:{hit.line}", whole=True),
    Column("text", lambda hit: hit.text.strip()),
)
_KINDS = ("call", "value", "type", "inherit", "import", "re-export")
branch_option = click.option("--branch", help="Of this branch.")


@click.command(cls=ServiceCommand)
@click.argument("source", metavar="URL|PATH")
@click.option("--branch", help="This branch; the default one if none is named.")
@click.option("--tag", help="This tag.")
@click.option("--commit", help="This commit.")
@click.option("--include", multiple=True, help="Only files that fit a pattern, such as `src/**`.")
@click.option("--exclude", multiple=True, help="No files that fit a pattern, such as `*_test.py`.")
@click.option("--force", is_flag=True, help="Read all anew.")
@click.option("--working-tree", is_flag=True, help="Of PATH, also what is not committed.")
@click.option("--embed/--no-embed", default=None, help="Make vectors, to search by meaning.")
@click.option("--enrich/--no-enrich", default=None, help="Let a language model sum symbols up.")
@click.option("--token-file", type=click.Path(path_type=Path, allow_dash=True),
              help="The file with a token for a private repository; `-` for stdin.")  # fmt: skip
@submit_options()
def scan(
    call: Call,
    source: str,
    *,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    force: bool,
    working_tree: bool,
    token_file: Path | None,
    wait: bool,
    timeout: float | None,
    **options: Any,
) -> None:
    """Make a repository searchable.

    PATH is one on the service's own machine, which has to allow `file` (KEEPSAKE_SCAN_PROTOCOLS).
    """
    job = call.service.code.scan(
        _url(source),
        token=secret_of(token_file),
        include=include or None,
        exclude=exclude or None,
        force=force or None,
        working_tree=working_tree or None,
        **options,
    )
    if submitted(call, job, wait=wait, timeout=timeout):
        scanned = job.info.result
        call.out.record(scanned, [
            ("repository", f"{scanned['org']}/{scanned['repo']}"),
            ("branch", scanned["branch"]),
            ("commit", scanned["commit"]),
            ("changes", "not committed" if scanned.get("dirty") else None),
            ("symbols", scanned["phase1"]),
            ("partly read", scanned["stats"].get("partial")),
            ("vectors", scanned["phase2"]),
            ("note", scanned["phase2_note"]),
            ("indexed before", "yes" if scanned["reused"] else None),
            ("warnings", scanned["warnings"]),
        ])  # fmt: skip


def _url(source: str) -> str:
    """An address; of a folder, the one by which git on the same machine reads it."""
    folder = Path(source)
    return folder.resolve().as_uri() if folder.is_dir() else source


@click.command("search-code", cls=ServiceCommand)
@click.argument("repository")
@click.argument("query")
@branch_option
@click.option(
    "--limit", "-n", type=click.IntRange(1), default=10, show_default=True, help="At most so many."
)
def search_code(call: Call, repository: str, query: str, branch: str | None, limit: int) -> None:
    """Search a repository (organisation/name) for what code is about."""
    hits = call.service.code.search(place_of(repository, branch), query, limit=limit).hits
    call.out.rows(hits, _SYMBOLS, none="Nothing was found.")


@click.command("search-text", cls=ServiceCommand)
@click.argument("query")
@click.option("--repository", "-r", help="Of this one (organisation/name); all own if left out.")
@branch_option
@click.option(
    "--limit", "-n", type=click.IntRange(1, 200), default=50, show_default=True,
    help="At most so many lines.",
)  # fmt: skip
def search_text(
    call: Call, query: str, repository: str | None, branch: str | None, limit: int
) -> None:
    """Search texts: words, "phrases", /expressions/, lang:go, path:src/, -test:yes, case:yes.

    Lines match that hold one of the words; their files hold all of them.
    """
    code = call.service.code
    page = (
        code.search_text(place_of(repository, branch), query, page_size=limit) if repository
        else code.search_all_text(query, page_size=limit)
    )  # fmt: skip
    call.out.rows(page.hits, _LINES, none="Nothing was found.")
    if page.next_page_token:
        known = "" if page.counted else "at least "
        click.echo(f"There are {known}{page.line_count - len(page.hits)} more.", err=True)
    if page.unread_count:
        click.echo(f"{page.unread_count} files that may match were not read.", err=True)


def _in_repository(hit: Any) -> str:
    return f"{hit.org}/{hit.repo} " if hit.org else ""


@click.command(cls=ServiceCommand)
@click.argument("repository")
@click.argument("name")
@branch_option
@click.option("--kind", "kinds", multiple=True, type=click.Choice(_KINDS),
              help="Only uses of this kind; may be given more than once.")  # fmt: skip
def refs(
    call: Call, repository: str, name: str, branch: str | None, kinds: tuple[str, ...]
) -> None:
    """Where a name of a repository (organisation/name) is used."""
    code, place = call.service.code, place_of(repository, branch)
    page = code.references(place, name, kinds=kinds or None)
    uses = [*page.uses]
    while page.next_page_token:
        page = code.references(place, name, kinds=kinds or None, page_token=page.next_page_token)
        uses += page.uses
    _show(call, page.model_copy(update={"uses": uses}), "Nothing is known to use it.")


@click.command(cls=ServiceCommand)
@click.argument("repository")
@click.argument("name")
@branch_option
def subclasses(call: Call, repository: str, name: str, branch: str | None) -> None:
    """What inherits from a type of a repository (organisation/name)."""
    found = call.service.code.subclasses(place_of(repository, branch), name)
    _show(call, found, "Nothing is known to inherit from it.")


@click.command(cls=ServiceCommand)
@click.argument("repository")
@click.argument("name")
@branch_option
def implementations(call: Call, repository: str, name: str, branch: str | None) -> None:
    """What implements a type or a method of a repository (organisation/name)."""
    found = call.service.code.implementations(place_of(repository, branch), name)
    _show(call, found, "Nothing is known to implement it.")


def _show(call: Call, found: "Uses", none: str) -> None:
    """Uses, and on stderr where else to look: nothing else says that some may be missing."""
    call.out.rows(found.uses, _USES, none=none)
    if not found.complete:
        files = [f"  {printable(file.path)}: {file.reason}" for file in found.unparsed]
        more = found.unparsed_count - len(files)
        left = [f"  and {more} more"] if more > 0 else []
        click.echo("\n".join(["There may be more uses.", *files, *left]), err=True)


def place_of(repository: str, branch: str | None) -> "Place":
    """A repository as it is named on the command line."""
    return keepsake_client.Place(repository, branch=branch)
