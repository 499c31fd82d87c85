"""Which jobs are meant: the filters of lists and of what is done to many."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

import keepsake_client
from keepsake_client.commands.calling import ServiceCommand
from keepsake_client.commands.values import STATES, label, moment
from keepsake_client.problems import Forbidden, JobNotFound

if TYPE_CHECKING:
    from keepsake_client.client import Keepsake

T = TypeVar("T")
_OWN = ("status", "type", "label", "created_after", "created_before", "error_type")
_OPERATORS = ("owner", "queue", "worker", "error_place", "job_id")


@dataclass(frozen=True)
class Which:
    """The jobs that fit some conditions: the caller's own, or those of all owners."""

    conditions: dict[str, Any]
    of_all_owners: bool

    def listed(self, service: "Keepsake", page_size: int) -> Iterator[Any]:
        """The jobs, the newest first."""
        return iter(self.calls(service).list(**self.conditions, page_size=page_size))

    def calls(self, service: "Keepsake") -> Any:
        """The calls about own jobs, or those about all."""
        return service.admin.jobs if self.of_all_owners else service.jobs

    def filter(self) -> Any:
        """The filter as those calls take it."""
        if self.of_all_owners:
            return keepsake_client.AdminJobFilter(**self.conditions)
        return keepsake_client.JobFilter(**self.conditions)


class FilterCommand(ServiceCommand):
    """A command about jobs that fit filters; its callback takes `which`."""

    def common(self) -> list[click.Parameter]:
        """The filters."""
        return [
            click.Option(["--status", "-s"], multiple=True, type=click.Choice(STATES),
                         help="Those in this state; may be repeated."),
            click.Option(["--type", "-t"], multiple=True,
                         help="Those of this type; may be repeated."),
            click.Option(["--label", "-l"], multiple=True, type=label, metavar="NAME=VALUE",
                         help="Those with this label; may be repeated."),
            click.Option(["--since", "created_after"], type=moment,
                         help="Those accepted after: 15m, 2h, 3d, or a time."),
            click.Option(["--until", "created_before"], type=moment,
                         help="Those accepted before."),
            click.Option(["--error-type"], help="Those whose error is of this type."),
            click.Option(["--all-owners", "-A"], is_flag=True,
                         help="Of all owners; for operators, as what follows."),
            click.Option(["--owner"], help="Of one owner."),
            click.Option(["--queue"], multiple=True, help="Of this queue; may be repeated."),
            click.Option(["--worker"], help="That this worker runs, or ran a try of."),
            click.Option(["--error-place"], help="Whose error was raised there."),
            click.Option(["--id", "job_id"], help="Whose ids begin like this."),
            *super().common(),
        ]  # fmt: skip

    def prepare(self, ctx: click.Context) -> None:
        """Make the filter."""
        super().prepare(ctx)
        given = {name: ctx.params.pop(name) or None for name in (*_OWN, *_OPERATORS)}
        labels = [f"{name}:{value}" for name, value in given.pop("label") or ()]
        conditions = {name: value for name, value in given.items() if value}
        of_all = bool(ctx.params.pop("all_owners") or conditions.keys() & set(_OPERATORS))
        conditions |= {"label": labels} if labels else {}
        ctx.params["which"] = Which(conditions, of_all)


def own_or_any(own: Callable[[], T], of_any_owner: Callable[[], T]) -> T:
    """What is asked of a job by its id: of one's own, else as an operator of anyone's.

    Raises:
        JobNotFound: It is not there, or the key is no operator's.
    """
    try:
        return own()
    except JobNotFound as missing:
        not_there = missing
    try:
        return of_any_owner()
    except Forbidden:
        raise not_there from None
