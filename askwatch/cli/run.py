"""Runs one process of Askwatch until it is told to stop."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping

from pydantic import JsonValue

from askwatch.backends import Backends, opened, prepare
from askwatch.cli.stopping import stop_on_signals
from askwatch.clock import Clock, SystemClock
from askwatch.errors import ConfigurationError
from askwatch.heartbeat import Heartbeat, instance_name
from askwatch.observe import configure_logging
from askwatch.process import Process
from askwatch.settings import Settings

# In the order in which `askwatch up` starts them: the slowest to load first.
PROCESS_NAMES = ("nlp", "api", "collectors", "router", "delivery", "timers", "relay", "index")


def run_process(name: str, settings: Settings, *, stop: threading.Event | None = None) -> None:
    """Run the process `name` in this one until a signal, or `stop` where somebody supervises it.

    Whoever supervises has prepared the back ends before.

    Raises:
        ConfigurationError: There is no such process, or a setting is wrong.
        BackendUnavailableError: A server does not answer at the start.
    """
    if name not in PROCESS_NAMES:
        raise ConfigurationError(
            f"there is no process {name!r}: choose one of {', '.join(PROCESS_NAMES)}"
        )
    configure_logging(settings.log_level, settings.log_format)
    clock = SystemClock()
    is_supervised, stop = stop is not None, stop or threading.Event()
    stop_on_signals(stop)
    with opened(settings, clock=clock) as backends:
        if not is_supervised:
            prepare(backends, clock=clock)
        _serve_metrics(name, settings)
        with _made(name, backends, clock) as process, _heartbeat(name, backends, clock, process):
            process.run(stop)


@contextlib.contextmanager
def _made(name: str, backends: Backends, clock: Clock) -> Iterator[Process]:
    if name == "api":
        from askwatch.cli.serve import served

        with served(backends, clock=clock) as process:
            yield process
    else:
        yield _make(name, backends, clock)


def _make(name: str, backends: Backends, clock: Clock) -> Process:
    settings, database, bus = backends.settings, backends.database, backends.bus
    owner = instance_name(name)
    if name == "index":
        from askwatch.projection import make_projection

        return make_projection(
            database=database, bus=bus, index=backends.index, clock=clock, settings=settings
        )
    if name == "relay":
        from askwatch.relay import Relay

        return Relay(database=database, bus=bus, clock=clock, settings=settings, owner=owner)
    return _stage_maker(name)(
        database=database, bus=bus, settings=settings, clock=clock, owner=owner
    )


def _stage_maker(name: str) -> Callable[..., Process]:
    if name == "collectors":
        from collectors import stage

        return stage.make_process
    if name == "nlp":
        from nlp import stage as nlp_stage

        return nlp_stage.make_process
    from router import stage as router_stage

    makers: dict[str, Callable[..., Process]] = {
        "router": router_stage.make_router,
        "timers": router_stage.make_timers,
        "delivery": router_stage.make_delivery,
    }
    return makers[name]


def _heartbeat(name: str, backends: Backends, clock: Clock, process: Process) -> Heartbeat:
    def stats() -> Mapping[str, JsonValue]:
        return process.stats()

    return Heartbeat(name, database=backends.database, clock=clock, stats=stats)


def _serve_metrics(name: str, settings: Settings) -> None:
    # The API has its own /metrics.
    if settings.metrics_port and name != "api":
        from prometheus_client import start_http_server

        try:
            start_http_server(settings.metrics_port, addr=settings.host)
        except OSError as error:
            raise ConfigurationError(
                f"port {settings.metrics_port} for metrics is taken: set ASKWATCH_METRICS_PORT"
            ) from error
