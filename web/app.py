"""The web process's composition root."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Scope

from access.audit import AuditLog
from access.buckets import Buckets
from access.keys import KeyStore, Principal
from jobs.engine import Engine
from jobs.vault import Vault, VaultSettings
from memory.embedding import Embedder
from memory.links.scrape import Scraper
from memory.llm.calls import Calls
from memory.llm.model import Model
from memory.llm.settings import LlmSettings
from memory.service import MemoryService
from middleware import logs, stack
from middleware.broker import BrokerSettings
from middleware.indexes import DECLARED
from middleware.management import Management, ManagementSettings
from middleware.settings import require
from middleware.stack import Stack
from scanner.search.service import CodeSearch
from scanner.settings import ScannerSettings
from scanner.store.community import Community
from storage.mongo import connect
from storage.upkeep import Upkeep
from web.accepting.intake import Intake
from web.admin import health, metrics
from web.admin import keys as admin_keys
from web.admin import overview as admin
from web.admin.readiness import Probe
from web.bounded import Bounded
from web.caller.auth import Authenticator, admitted
from web.caller.limits import BacklogLimit, RequestLimit
from web.edge import leaving, replies
from web.edge.heads import Heads
from web.edge.outermost import Edge
from web.edge.unfinished import Unfinished
from web.following.held import HeldRequests
from web.following.hub import Hub
from web.jobs import actions, bulk, dead_letters, events
from web.jobs import reading as jobs
from web.memory import memories, undoing, users
from web.memory import search as memory_search
from web.memory import turns as memory
from web.openapi.document import Api
from web.pages import Tokens
from web.scanner import repositories
from web.scanner import scans as scanner
from web.scanner import search as code_search
from web.scanner.segments import Segments
from web.settings import WEB, WebSettings
from web.v1 import chat, community, scans, transcripts
from web.v1 import memory as v1_memory
from web.v1 import scanner as v1_scanner

_RESOURCES = (
    memory, memory_search, memories, users, undoing, scanner, code_search, repositories,
    v1_memory, transcripts, v1_scanner, scans, community, chat, bulk, events, jobs, actions,
    dead_letters, admin, admin_keys, health, metrics,
)  # fmt: skip


def create(engine: Engine, published: Stack, settings: WebSettings) -> FastAPI:
    """The application over a job engine and a publishing stack."""
    app = Api(
        title="Keepsake",
        version="0.1.0",
        summary="Durable memory and code search for AI agents",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
    )
    database = engine.records.database
    app.state.engine = engine
    app.state.upkeep = Upkeep(database, DECLARED)
    app.state.stack = published
    app.state.probe = Probe(engine, published.broker)
    app.state.hub = Hub(engine.records)
    app.state.keys = KeyStore(database)
    app.state.held = HeldRequests(app.state.keys, settings.streams_per_owner)
    app.state.authenticator = Authenticator(app.state.keys)
    app.state.audit = AuditLog(database)
    app.state.management = Management(ManagementSettings(), BrokerSettings())
    app.state.request_limit = RequestLimit(Buckets(database), settings)
    app.state.intake = Intake(
        engine.acceptance,
        published.doorbell,
        BacklogLimit(engine.backlog, settings, engine.settings.front_rings),
    )
    app.state.memory = MemoryService.over(database)
    app.state.scanner_settings = ScannerSettings()
    app.state.code_search = CodeSearch(database, app.state.scanner_settings, Embedder())
    llm = LlmSettings()
    app.state.model = Model(llm, Calls(database)) if llm.endpoints else None
    app.state.community = Community(database)
    app.state.vault = Vault(database)
    app.state.tokens = Tokens(VaultSettings())
    app.state.scraper = Scraper()
    app.state.settings = settings
    app.state.lookups = Bounded("lookups", settings.lookup_threads)
    app.state.synchronous = Bounded("v1", settings.v1_threads)
    replies.install(app)
    for resource in _RESOURCES:
        app.include_router(resource.router)
    return app


def serve() -> ASGIApp:
    """The application of this process, from its environment.

    Raises:
        SystemExit: A setting is wrong, or a directory is open to others; one line says which.
    """
    logs.configure()
    require(WEB)
    settings = WebSettings()
    engine = Engine.over(connect())
    app = create(engine, stack.publisher(engine), settings)
    return Unfinished(Heads(edge(app, settings)))


def edge(app: FastAPI, settings: WebSettings) -> Edge:
    """The application behind its outermost layer."""

    def admit(scope: Scope) -> Awaitable[Principal]:
        return admitted(Request({**scope, "app": app}))

    return Edge(Segments(app), settings.body_limit_bytes, admit, access_log=settings.access_log)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.authenticator.follow()
    app.state.upkeep.start()
    watching = asyncio.create_task(app.state.held.watch_keys())
    with leaving.heard(app.state.hub.leave):
        yield
    watching.cancel()
    app.state.authenticator.close()
    app.state.upkeep.stop()
    app.state.synchronous.close()
    app.state.lookups.close()
    await run_in_threadpool(app.state.hub.close)
    await run_in_threadpool(app.state.intake.close)
    await run_in_threadpool(app.state.stack.broker.close)
