"""The web process's composition root."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Scope

import keepsake
from keepsake.access import AuditLog, ConsoleSessions, KeyStore, TokenBuckets
from keepsake.inference import LanguageModel, LlmSettings, shared_embedder
from keepsake.jobs import Engine, GroupCommit, Resources, Vault, VaultSettings
from keepsake.memory import Scraper, memory_service
from keepsake.parts import declared_indexes, job_types, require
from keepsake.scanner import (
    CodePrompts,
    CodeSearch,
    CodeUsage,
    Community,
    Credentials,
    Hooks,
    ScannerSettings,
)
from keepsake.storage import IndexUpkeep, connect, connect_on_loop
from keepsake.telemetry import begun
from keepsake.webhooks import Webhooks
from middleware.broker import BrokerSettings
from middleware.logs import configure_logs
from middleware.management import Management, ManagementSettings
from middleware.stack import Stack, publishing_stack
from web import landing, usage, webhooks
from web.admin import content, figures, health, job_actions, metrics, owners, workers
from web.admin import jobs as admin_jobs
from web.admin import keys as admin_keys
from web.admin import overview as admin
from web.admin.health import Probe
from web.admin.metrics import SharedFigures
from web.console import PATH as CONSOLE
from web.console import Console, links
from web.deadline_pool import DeadlinePool
from web.edge import replies
from web.edge.auth import Authenticator, admission
from web.edge.held_requests import HeldRequests
from web.edge.limits import BacklogLimit, RequestLimit
from web.edge.quota import StorageQuota
from web.edge.request_context import (
    Admit,
    EncodedSlashes,
    HeadRequests,
    RequestContext,
    UnfinishedAnswers,
    route_of,
)
from web.job_views.hub import Hub
from web.jobs import actions, dead_letters, events, undoing
from web.jobs import reading as jobs
from web.mcp.endpoint import McpEndpoint
from web.memory import context as memory_context
from web.memory import facts as memory_facts
from web.memory import memories, uploads
from web.memory import search as memory_search
from web.memory import timeline as memory_timeline
from web.memory import turns as memory
from web.openapi.document import DocumentedApi
from web.pages import PageTokens
from web.scanner import credentials, deliveries, everywhere, hooks, repositories, schedules
from web.scanner import prompting as code_prompting
from web.scanner import scans as scanner
from web.scanner import search as code_search
from web.scanner import text as code_text
from web.settings import WEB, WebSettings
from web.submission import ShortRoutes
from web.v1 import chat, checks, code, scans
from web.v1 import memory as v1_memory
from web.v1 import scanner as v1_scanner

_LOOKUP_THREADS = 8
"""Git hosts that a process asks at once: each is waited for, for a few seconds at most."""
_RESOURCES = (
    memory, uploads, memory_search, memory_context, memories, memory_facts, memory_timeline,
    undoing, scanner, code_search, code_text, code_prompting, everywhere, repositories,
    credentials, schedules, hooks, deliveries,
    v1_memory, v1_scanner, scans, chat, code, checks, events, jobs, actions,
    dead_letters, admin, admin_jobs, job_actions, figures, owners, workers, content, admin_keys,
    usage, health, metrics, landing, links, webhooks,
)  # fmt: skip


def create_app(engine: Engine, published: Stack, settings: WebSettings) -> FastAPI:
    """The application over a job engine and a publishing stack."""
    app = DocumentedApi(
        title="Keepsake",
        version=keepsake.__version__,
        summary="Durable memory and code search for AI agents",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
    )
    database = engine.records.database
    resources = Resources(database)
    app.state.resources = resources
    app.state.engine = engine
    app.state.upkeep = IndexUpkeep(database, declared_indexes(engine.types))
    app.state.stack = published
    app.state.probe = Probe(engine, published.broker)
    app.state.hub = Hub(engine.records)
    app.state.keys = KeyStore(database)
    app.state.sessions = ConsoleSessions(database)
    app.state.authenticator = Authenticator(app.state.keys)
    app.state.audit = AuditLog(database)
    app.state.management = Management(ManagementSettings(), BrokerSettings())
    app.state.group_commit = GroupCommit(
        engine.acceptance, connect_on_loop(database.name), published.notifier.notify_soon
    )
    app.state.memory = resources.of(memory_service)
    _bound(app, engine, settings)
    _scanner(app, resources)
    llm = LlmSettings()
    app.state.model = LanguageModel(llm) if llm.endpoints else None
    app.state.vault = Vault(database)
    app.state.webhooks = Webhooks(database)
    app.state.tokens = PageTokens(VaultSettings())
    app.state.scraper = Scraper()
    app.state.settings = settings
    app.state.lookups = DeadlinePool("lookups", _LOOKUP_THREADS)
    app.state.synchronous = DeadlinePool("v1", settings.v1_threads)
    app.state.mcp = McpEndpoint(app, settings.mcp_origins)
    app.router.routes.append(app.state.mcp.route)
    replies.install(app)
    _route(app, engine)
    return app


def _scanner(app: FastAPI, resources: Resources) -> None:
    """Give the application what its routes of code need."""
    database = resources.database
    app.state.scanner_settings = ScannerSettings()
    app.state.code_search = CodeSearch(
        database, app.state.scanner_settings, resources.of(shared_embedder)
    )
    app.state.code_prompts = CodePrompts(database, app.state.code_search)
    app.state.community = Community(database)
    app.state.credentials = Credentials(database)
    app.state.hooks = Hooks(database)


def _bound(app: FastAPI, engine: Engine, settings: WebSettings) -> None:
    """Give the application what bounds owners: streams, requests, unfinished jobs, stored bytes."""
    state = app.state
    state.held = HeldRequests(state.keys, settings.streams_per_owner)
    state.request_limit = RequestLimit(TokenBuckets(engine.records.database), settings)
    state.backlog_limit = BacklogLimit(
        engine.listing, engine.records.owner_rules, settings, engine.settings.owner_burst
    )
    state.code_usage = CodeUsage(engine.records.database)
    parts = [state.memory.usage, state.code_usage]
    state.figures = SharedFigures(engine, [part.overdue for part in parts])
    state.quota = StorageQuota([part.of for part in parts], settings)


def _route(app: FastAPI, engine: Engine) -> None:
    """Give the application its routes: those of resources and of job types, and the console."""
    app.state.routers = [resource.router for resource in _RESOURCES] + engine.types.routers()
    for router in app.state.routers:
        app.include_router(router)
    app.state.console = Console(app.state)
    app.mount(CONSOLE, app.state.console)


def serve() -> ASGIApp:
    """The application of this process, from its environment.

    Raises:
        SystemExit: A setting is wrong, or a directory is open to others; one line says which.
    """
    configure_logs()
    require(WEB)
    telemetry = begun("keepsake-web")
    settings = WebSettings()
    engine = Engine.over(connect(), job_types())
    stack = publishing_stack(engine)
    app = create_app(engine, stack, settings)
    entrance: ASGIApp = with_request_context(app, settings)
    if telemetry is not None:
        telemetry.follow_publishes(stack.broker)
        entrance = app.state.entrance = telemetry.around(entrance, route_of)
    return UnfinishedAnswers(HeadRequests(entrance))


def with_request_context(app: FastAPI, settings: WebSettings) -> RequestContext:
    """The application inside its request context, where requests of its own enter too."""
    entrance = RequestContext(
        ShortRoutes(EncodedSlashes(app), app, app.state.routers),
        settings.body_limit_bytes,
        _admission(app),
        streamed={uploads.PATH: settings.upload_limit_bytes},
        access_log=settings.access_log,
    )
    app.state.entrance = entrance
    return entrance


def _admission(app: FastAPI) -> Admit:
    """Lets the body of a request be read: by its key, the console's session, or its signature."""
    by_key, console = admission(app), app.state.console

    def admit(scope: Scope) -> Awaitable[object]:
        if deliveries.is_delivery(scope["path"]):
            return deliveries.admit(scope)
        below = scope["path"].startswith(CONSOLE + "/")
        admitted: Awaitable[object] = console.admit(scope) if below else by_key(scope)
        return admitted

    return admit


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.stack.broker.publisher.run_on(asyncio.get_running_loop())
    app.state.authenticator.follow()
    app.state.upkeep.start()
    key_watch = asyncio.create_task(app.state.held.watch_keys())

    def leave() -> None:
        app.state.mcp.leave()
        app.state.hub.leave()

    with _let_go_at_shutdown(leave):
        yield
    await app.state.mcp.close()
    key_watch.cancel()
    app.state.authenticator.close()
    app.state.upkeep.stop()
    app.state.synchronous.close()
    app.state.lookups.close()
    await run_in_threadpool(app.state.hub.close)
    await app.state.group_commit.close()
    await run_in_threadpool(app.state.stack.broker.close)


@contextmanager
def _let_go_at_shutdown(leave: Callable[[], None]) -> Iterator[None]:
    """Call `leave` on the event loop at the first signal to stop; the server's handlers follow.

    uvicorn tells the application only after its last answer, and an event stream has none: waiting
    requests must be let go first, or a stop lasts until somebody kills the process.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    servers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(leave)
        server = servers[signal.Signals(number)]
        if callable(server):
            server(number, frame)

    for number in servers:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in servers.items():
            signal.signal(number, handler)
