"""Keeping up with a repository: `credential`, `hooks`."""

from pathlib import Path
from typing import Any

import click

from keepsake_client.commands.calling import Call, ServiceCommand
from keepsake_client.commands.output import Column, ago
from keepsake_client.commands.secret_files import out_file_option, reserved, shown
from keepsake_client.commands.values import secret_of

_HOOKS: tuple[Column[Any], ...] = (
    Column("hook", lambda hook: hook.hook_id, whole=True),
    Column("host", lambda hook: hook.git_host),
    Column("repository", lambda hook: hook.url),
    Column("last delivery", lambda hook: ago(hook.last_delivery.at) if hook.last_delivery else ""),
    Column("outcome", lambda hook: hook.last_delivery.outcome if hook.last_delivery else ""),
    Column("reason", lambda hook: hook.last_delivery.reason if hook.last_delivery else ""),
)


@click.command(cls=ServiceCommand)
@click.argument("repository")
@click.option("--token-file", type=click.Path(path_type=Path, allow_dash=True),
              help="The file with a new token; `-` for stdin.")  # fmt: skip
@click.option("--forget", is_flag=True, help="Forget the token, and what the host refused.")
def credential(call: Call, repository: str, token_file: Path | None, *, forget: bool) -> None:
    """Give a repository (organisation/name) the token that its scans use.

    The scans that wait for one begin. Without options it says how scans reach the repository.
    """
    code, token = call.service.code, secret_of(token_file)
    if forget and token is not None:
        raise click.UsageError("give either --token-file or --forget")
    resumed = None
    if token is not None:
        resumed = code.keep_credential(repository, token)
    elif forget:
        resumed = code.forget_credential(repository)
    now = resumed.repository if resumed else code.repository(repository)
    access = now.access
    call.out.record(resumed or now, [
        ("repository", f"{now.org}/{now.repo}"),
        ("token kept", access.kept_at if access else None),
        ("refused", access.refused_at if access else None),
        ("scans that wait", access.waiting if access else None),
        ("scans that began", resumed.job_ids if resumed else None),
    ])  # fmt: skip


@click.group
def hooks() -> None:
    """Make, list and end hooks, by which git hosts tell of pushes."""


@hooks.command(cls=ServiceCommand)
@click.argument("source", metavar="URL")
@click.option("--host", "git_host", type=click.Choice(("github", "gitlab", "gitea")),
              required=True, help="Whose deliveries it takes; Forgejo's are Gitea's.")  # fmt: skip
@click.option("--include", multiple=True, help="Only files that fit a pattern, such as `src/**`.")
@click.option("--exclude", multiple=True, help="No files that fit a pattern, such as `*_test.py`.")
@out_file_option("secret")
def make(
    call: Call,
    source: str,
    *,
    git_host: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    out_file: Path | None,
) -> None:
    """Make a hook for a repository; its address and secret are for the form of its host."""
    with reserved(out_file):
        made = call.service.code.make_hook(
            source, git_host, include=include or None, exclude=exclude or None
        )
        made = made.model_copy(update={"secret": shown(made.secret, out_file)})
    call.out.record(made, [
        ("hook", made.hook_id), ("repository", made.url), ("path", made.path),
        ("secret", made.secret),
    ])  # fmt: skip


@hooks.command("ls", cls=ServiceCommand)
def ls(call: Call) -> None:
    """List hooks, and what came of their last deliveries."""
    call.out.rows(list(call.service.code.hooks()), _HOOKS, none="No hooks.")


@hooks.command("rm", cls=ServiceCommand)
@click.argument("hook_id")
def rm(call: Call, hook_id: str) -> None:
    """End a hook; its host's deliveries are refused from now on."""
    call.service.code.delete_hook(hook_id)
    call.out.record({"hook_id": hook_id, "deleted": True}, [("hook", hook_id), ("deleted", "yes")])
