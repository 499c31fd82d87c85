"""Schedules: repositories that are scanned again and again."""

from collections.abc import Mapping, Sequence

from keepsake_client.hooks import HookCalls
from keepsake_client.models.keeping_up import Schedule, ScheduleList
from keepsake_client.session import Request, get, given, path
from keepsake_client.surfaces import operation

_SCHEDULES = "/v2/scanner/schedules"


class ScheduleCalls(HookCalls):
    """What can be asked of schedules."""

    @operation
    async def schedule(
        self,
        url: str,
        cron: str,
        *,
        time_zone: str | None = None,
        jitter_seconds: int | None = None,
        branch: str | None = None,
        include: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        token: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Schedule:
        """Scan a repository whenever five fields of cron say so, one scan at a time.

        include, exclude: as in `scan`. token: opens a private repository; it is kept for a year.

        >>> made = client.code.schedule("https://github.com/pallets/click", "0 3 * * *")
        >>> (made.cron, made.time_zone, made.paused)
        ('0 3 * * *', 'UTC', False)
        """
        body = given(url=url, cron=cron, time_zone=time_zone, jitter_seconds=jitter_seconds,
                     branch=branch, include=include, exclude=exclude, token=token,
                     labels=labels)  # fmt: skip
        return await self._session.fetch(Request("POST", _SCHEDULES, body=body), Schedule)

    @operation
    async def schedules(self) -> list[Schedule]:
        """All schedules, the oldest first.

        >>> made = client.code.schedule("https://github.com/pallets/click", "0 3 * * *")
        >>> made in client.code.schedules()
        True
        """
        return (await self._session.fetch(get(_SCHEDULES), ScheduleList)).schedules

    @operation
    async def pause_schedule(self, schedule_id: str) -> Schedule:
        """Let a schedule make no more jobs.

        >>> made = client.code.schedule("https://github.com/pallets/click", "0 3 * * *")
        >>> client.code.pause_schedule(made.schedule_id).paused
        True
        """
        return await self._asked("pause", schedule_id)

    @operation
    async def resume_schedule(self, schedule_id: str) -> Schedule:
        """Go on with the next occurrence.

        >>> made = client.code.schedule("https://github.com/pallets/click", "0 3 * * *")
        >>> client.code.resume_schedule(made.schedule_id).paused
        False
        """
        return await self._asked("resume", schedule_id)

    @operation
    async def delete_schedule(self, schedule_id: str) -> None:
        """End a schedule; its jobs stay.

        >>> made = client.code.schedule("https://github.com/pallets/click", "0 3 * * *")
        >>> client.code.delete_schedule(made.schedule_id)
        >>> made in client.code.schedules()
        False
        """
        await self._session.answer(Request("DELETE", path(_SCHEDULES + "/{}", schedule_id)))

    async def _asked(self, action: str, schedule_id: str) -> Schedule:
        url = path(_SCHEDULES + "/{}:" + action, schedule_id)
        return await self._session.fetch(Request("POST", url, repeatable=True), Schedule)
