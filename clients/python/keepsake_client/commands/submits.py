"""What all commands share that submit a job: its options, and whether to wait for its end."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from keepsake_client.commands.calling import Call
from keepsake_client.commands.progress import waited
from keepsake_client.commands.values import PRIORITIES, label, moment

if TYPE_CHECKING:
    from keepsake_client.handles import Job

F = TypeVar("F", bound=Callable[..., Any])
_OPTIONS = (
    click.option("--label", "-l", "labels", type=label, multiple=True, metavar="NAME=VALUE",
                 callback=lambda _, __, labels: dict(labels) or None,
                 help="A label of the job; may be repeated."),
    click.option("--run-at", type=moment, help="Later: +2h, +3d, or a time."),
    click.option("--timeout", type=float, metavar="SECONDS",
                 help="Leave the job to go on after so long."),
)  # fmt: skip
_WAIT = click.option("--wait", is_flag=True, help="Show how far the job is, until it has ended.")
_WAITS = click.option("--wait/--no-wait", default=True, show_default=True,
                      help="Show how far the job is, until it has ended.")  # fmt: skip
priority_option = click.option("--priority", type=click.Choice(PRIORITIES),
                               help="`bulk` starts after what is interactive.")  # fmt: skip


def submit_options(*, waits: bool = False) -> Callable[[F], F]:
    """The options of a command that submits a job; waits: it waits unless told otherwise."""

    def added(callback: F) -> F:
        for option in (_WAITS if waits else _WAIT, *_OPTIONS):
            callback = option(callback)
        return callback

    return added


def succeeded(job: "Job[Any]") -> None:
    """Return if a job has succeeded.

    Raises:
        JobFailed: It was given up or cancelled.
    """
    job.refresh()
    if job.status != "succeeded":
        job.result(0)


def submitted(call: Call, job: "Job[Any]", *, wait: bool, timeout: float | None) -> bool:
    """Print a job that was accepted, or wait for its end; whether it has ended well.

    Raises:
        JobFailed: It has ended otherwise.
    """
    if not wait:
        call.out.record(job.info, [("job", job.id), ("status", job.status)])
        return False
    waited(call, job, timeout)
    if call.out.as_json:
        call.out.document(job.info.model_dump(mode="json"))
    succeeded(job)
    return True
