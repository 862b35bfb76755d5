"""Builds the web application: the JSON API, the pages, the probes."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from api.auth import WRITES_BURST, WRITES_PER_MINUTE
from api.deps import Services
from api.errors import install_error_handlers
from api.idempotency import Idempotency
from api.limits import RateLimiter
from api.live import LiveHub
from api.middleware import BodyLimit, RequestMetrics, SecurityHeaders
from api.openapi import install_openapi
from api.pages.app import add_pages
from api.routes import (
    alerts,
    dead_letters,
    decisions,
    events,
    leads,
    learning,
    misses,
    people,
    posts,
    probes,
    reference,
    sign_in,
    sources,
    status,
    topics,
)

OPENAPI_PATH = "/api/v1/openapi.json"
_ROUTES = (
    leads, decisions, alerts, posts, people, topics, sources, dead_letters, status, events,
    learning, misses, sign_in, probes, reference,
)  # fmt: skip


def create_app(services: Services) -> FastAPI:
    """Return the application over `services`; the caller opens and closes them."""
    app = FastAPI(
        title="Askwatch",
        version="1",
        openapi_url=OPENAPI_PATH,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_listen,
    )
    app.state.services = services
    app.state.live = LiveHub(services.bus)
    app.state.write_limiter = RateLimiter(
        per_minute=WRITES_PER_MINUTE, burst=WRITES_BURST, clock=services.clock
    )
    app.state.mailbox_limiter = RateLimiter(
        per_minute=sign_in.LINKS_PER_MINUTE, burst=sign_in.LINKS_BURST, clock=services.clock
    )
    app.state.visitor_limiter = RateLimiter(
        per_minute=sign_in.VISITS_PER_MINUTE, burst=sign_in.VISITS_BURST, clock=services.clock
    )
    install_error_handlers(app)
    install_openapi(app)
    for module in _ROUTES:
        app.include_router(module.routes)
    add_pages(app, services)
    _add_layers(app, services)
    return app


def _add_layers(app: FastAPI, services: Services) -> None:
    # The last one added is the outermost.
    app.add_middleware(Idempotency, services=services)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=6)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders, is_secure=services.settings.is_secure)
    app.add_middleware(RequestMetrics, clock=services.clock)


@asynccontextmanager
async def _listen(app: FastAPI) -> AsyncIterator[None]:
    """Hear of events while the application serves; `async` is how ASGI begins and ends."""
    live: LiveHub = app.state.live
    # Our own handler has logged the failure, without the values that a trace may show.
    server_log = logging.getLogger("uvicorn.error")
    server_log.addFilter(_is_news)
    live.start()
    try:
        yield
    finally:
        live.close()
        server_log.removeFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("Exception in ASGI application")
