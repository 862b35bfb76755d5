"""The API as a process: uvicorn in a thread, stopped by an event."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping

import uvicorn
from pydantic import JsonValue
from starlette.types import ASGIApp

from askwatch.backends import Backends
from askwatch.clock import Clock
from askwatch.errors import ConfigurationError
from askwatch.settings import Settings

# Open event streams are cut after this; browsers connect again by themselves.
_GRACE_S = 3


class ApiProcess:
    """Serves the API and the pages; see `askwatch.process.Process`."""

    def __init__(self, app: ASGIApp, settings: Settings, *, on_stop: Callable[[], None]) -> None:
        self._socket = bind(settings.host, settings.port)
        self._on_stop = on_stop
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
            proxy_headers=True,
        )
        self._server = uvicorn.Server(config)

    def run(self, stop: threading.Event) -> None:
        def watch() -> None:
            stop.wait()
            # Open event streams would keep the server waiting until they are cut.
            self._on_stop()
            self._server.should_exit = True

        watcher = threading.Thread(target=watch, name="stop-watch", daemon=True)
        serving = threading.Thread(target=self._serve, args=(stop,), name="uvicorn")
        watcher.start()
        serving.start()
        serving.join()

    def stats(self) -> Mapping[str, JsonValue]:
        return {"requests": self._server.server_state.total_requests}

    def _serve(self, stop: threading.Event) -> None:
        try:
            self._server.run(sockets=[self._socket])
        finally:
            stop.set()


@contextlib.contextmanager
def served(backends: Backends, *, clock: Clock) -> Iterator[ApiProcess]:
    """Put the application together from everything it is given."""
    from api.app import create_app
    from api.deps import Services
    from collectors.desk import Desk
    from router.decisions import RouterDecisions

    settings, database = backends.settings, backends.database
    with contextlib.closing(
        Desk(database=database, bus=backends.bus, settings=settings, clock=clock)
    ) as desk:
        services = Services(
            database=database,
            bus=backends.bus,
            index=backends.index,
            settings=settings,
            clock=clock,
            decisions=RouterDecisions(database=database, settings=settings, clock=clock),
            desk=desk,
        )
        app = create_app(services)
        yield ApiProcess(app, settings, on_stop=app.state.live.close)


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens there.

    Raises:
        ConfigurationError: The port is taken, or the host is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(128)
    except OSError as error:
        bound.close()
        raise ConfigurationError(
            f"cannot listen on {host}:{port} ({error.strerror}): choose another with --port or "
            "stop what uses it"
        ) from error
    return bound
