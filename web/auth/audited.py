"""What operators do is written down before it is done."""

from typing import Annotated

from fastapi import Depends, Request

from keepsake.access.audit import Act, AuditLog
from keepsake.access.keys import Principal
from web.auth.authentication import Caller


class Acts:
    """One request's acts."""

    def __init__(self, log: AuditLog, principal: Principal, request_id: str) -> None:
        self._log = log
        self._principal = principal
        self._request_id = request_id

    def note(self, action: str, target: str, reason: str = "") -> None:
        """Write an act down.

        Raises:
            StorageUnavailable: It is not written, so it must not be done.
        """
        self._log.note(
            Act(
                by=self._principal.owner,
                key_id=self._principal.key_id,
                action=action,
                target=target,
                reason=reason,
                request_id=self._request_id,
            )
        )


async def _acts(request: Request, caller: Caller) -> Acts:
    return Acts(request.app.state.audit, caller, request.state.request_id)


Acting = Annotated[Acts, Depends(_acts)]
