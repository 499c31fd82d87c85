"""What routes ask for, as annotated types: the services of this process and the audit log."""

from typing import Annotated

from fastapi import Depends, Path, Request

from keepsake.access import Act, AuditLog, KeyStore, Principal
from keepsake.jobs import Engine, Messages
from keepsake.memory import MemoryService
from keepsake.scanner import CodePrompts, CodeSearch, Community
from keepsake.webhooks import Webhooks
from middleware.management import Management
from middleware.notifier import Notifier
from middleware.stack import Stack
from web.edge.auth import Caller
from web.edge.held_requests import HeldRequests
from web.job_views.hub import Hub


async def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


async def _notifier(request: Request) -> Notifier:
    published: Stack = request.app.state.stack
    return published.notifier


async def _hub(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


async def _held(request: Request) -> HeldRequests:
    held: HeldRequests = request.app.state.held
    return held


async def _memory(request: Request) -> MemoryService:
    memory: MemoryService = request.app.state.memory
    return memory


async def _code_search(request: Request) -> CodeSearch:
    search: CodeSearch = request.app.state.code_search
    return search


async def _code_prompts(request: Request) -> CodePrompts:
    prompts: CodePrompts = request.app.state.code_prompts
    return prompts


async def _community(request: Request) -> Community:
    community: Community = request.app.state.community
    return community


async def _keys(request: Request) -> KeyStore:
    keys: KeyStore = request.app.state.keys
    return keys


async def _management(request: Request) -> Management:
    management: Management = request.app.state.management
    return management


async def _webhooks(request: Request) -> Webhooks:
    webhooks: Webhooks = request.app.state.webhooks
    return webhooks


async def _in_rabbitmq(request: Request) -> Messages:
    """What RabbitMQ's console says of a queue, when it is asked for."""
    management: Management = request.app.state.management

    def messages(queue: str) -> int | None:
        counted = management.queues().get(queue)
        return None if counted is None else counted.ready + counted.unacked

    return messages


JobId = Annotated[str, Path(max_length=100)]
Notify = Annotated[Notifier, Depends(_notifier)]
Jobs = Annotated[Engine, Depends(_engine)]
Changes = Annotated[Hub, Depends(_hub)]
Held = Annotated[HeldRequests, Depends(_held)]
Memory = Annotated[MemoryService, Depends(_memory)]
Code = Annotated[CodeSearch, Depends(_code_search)]
Prompts = Annotated[CodePrompts, Depends(_code_prompts)]
CommunityIndexes = Annotated[Community, Depends(_community)]
WebhookStore = Annotated[Webhooks, Depends(_webhooks)]
ApiKeys = Annotated[KeyStore, Depends(_keys)]
Broker = Annotated[Management, Depends(_management)]
InRabbitMQ = Annotated[Messages, Depends(_in_rabbitmq)]


class OperatorActs:
    """Writes down what an operator does with one request, before it is done."""

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


async def _operator_acts(request: Request, caller: Caller) -> OperatorActs:
    return OperatorActs(request.app.state.audit, caller, request.state.request_id)


Audited = Annotated[OperatorActs, Depends(_operator_acts)]
"""For routes of operators that change something."""
