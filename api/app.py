"""Builds the web application: the JSON API, the pages, the probes."""

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from api.auth import WRITES_BURST, WRITES_PER_MINUTE
from api.deps import Services
from api.errors import install_error_handlers
from api.limits import RateLimiter
from api.middleware import BodyLimit, RequestMetrics, SecurityHeaders
from api.pages.app import add_pages
from api.routes import sign_in

OPENAPI_PATH = "/api/v1/openapi.json"


def create_app(services: Services) -> FastAPI:
    """Return the application over `services`; the caller opens and closes them."""
    app = FastAPI(
        title="Askwatch",
        version="1",
        openapi_url=OPENAPI_PATH,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.services = services
    app.state.write_limiter = RateLimiter(
        per_minute=WRITES_PER_MINUTE, burst=WRITES_BURST, clock=services.clock
    )
    app.state.sign_in_limiter = RateLimiter(
        per_minute=sign_in.LINKS_PER_MINUTE, burst=sign_in.LINKS_BURST, clock=services.clock
    )
    install_error_handlers(app)
    app.include_router(sign_in.routes)
    add_pages(app, services)
    # The last one added is the outermost.
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=6)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders, is_secure=services.settings.is_secure)
    app.add_middleware(RequestMetrics, clock=services.clock)
    return app
