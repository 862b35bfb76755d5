"""`askwatch up`: everything on one machine, with a demonstration company when none is there."""

import contextlib
import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx

from askwatch.backends import Backends, complete, opened, prepare
from askwatch.cli import company as company_commands
from askwatch.cli.company_file import Company, read_company
from askwatch.cli.narrator import Narrator
from askwatch.cli.nursery import Nursery
from askwatch.cli.run import PROCESS_NAMES
from askwatch.cli.serve import bind
from askwatch.cli.stopping import stop_on_signals
from askwatch.cli.supervisor import Supervisor
from askwatch.clock import Clock, SystemClock
from askwatch.errors import ConfigurationError
from askwatch.model.expert import Expert, Role
from askwatch.settings import Settings
from askwatch.state import experts, processes, sign_in
from askwatch.state.engine import Transaction

_LINK_LASTS = timedelta(days=1)
# Far above what is seen on two busy cores (8 s).
_READY_PATIENCE_S = 90.0
_LOOK_S = 0.2


def up(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Start all processes and watch them until Ctrl-C or SIGTERM.

    Raises:
        ConfigurationError: The port is taken, the folder cannot be written, another instance
            runs on it, or the company file is wrong.
    """
    clock = SystemClock()
    began_s = clock.monotonic()
    settings = complete(settings)
    company = read_company(settings.company_file) if settings.company_file else None
    if company is not None:
        company_commands.check_policies(company, str(settings.company_file))
    stop = threading.Event()
    stop_on_signals(stop)
    with _locked(settings.data_dir), opened(settings, clock=clock) as backends:
        bind(settings.host, settings.port).close()
        say(f"Askwatch starts with its data in {settings.data_dir.resolve()} ...")
        prepare(backends, clock=clock)
        _bring_company_in(backends, company, clock, say)
        _run(backends, clock, stop, say, began_s)


def _run(
    backends: Backends,
    clock: Clock,
    stop: threading.Event,
    say: Callable[[str], None],
    began_s: float,
) -> None:
    from router.words import describe_because

    settings = backends.settings
    nursery = Nursery(
        environment=_environment(settings),
        log_dir=settings.data_dir / "logs",
        metrics_dir=settings.data_dir / "metrics",
    )
    supervisor = Supervisor(
        PROCESS_NAMES, start=nursery.start, bury=nursery.bury, clock=clock, say=say
    )
    narrator = Narrator(backends, say=say, describe_because=describe_because)
    supervisor.start()
    watching = threading.Thread(target=supervisor.run, args=(stop,), name="supervisor")
    watching.start()
    telling: threading.Thread | None = None
    try:
        if _wait_until_ready(backends, supervisor, clock, stop):
            _greet(backends, clock, say, clock.monotonic() - began_s)
            telling = threading.Thread(target=narrator.run, args=(stop,), name="narrator")
            telling.start()
        elif not stop.is_set():
            say(f"not ready yet: see the logs in {settings.data_dir / 'logs'}")
        stop.wait()
    finally:
        stop.set()
        say("stopping ...")
        watching.join()
        if telling is not None:
            telling.join()
        supervisor.stop()
        say("stopped; start again to go on where it was")


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this instance; the system lets go of it however we end."""
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise ConfigurationError(
                f"another Askwatch (process {lock.read().strip() or 'unknown'}) runs on the data "
                f"folder {folder.resolve()}: stop it, or choose another folder with --data"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _bring_company_in(
    backends: Backends, company: Company | None, clock: Clock, say: Callable[[str], None]
) -> None:
    now = clock.now()

    def write(transaction: Transaction) -> tuple[int, bool]:
        if company is not None:
            return len(company_commands.apply(transaction, company, actor="cli", now=now)), False
        if not company_commands.is_empty(transaction):
            return 0, False
        made = company_commands.demonstration()
        return len(company_commands.apply(transaction, made, actor="cli", now=now)), True

    changes, is_demonstration = backends.database.write(write)
    if is_demonstration:
        say("no company is configured: the demonstration company Fjordlys is used")
    elif changes:
        say(f"{changes} changes from {backends.settings.company_file} were applied")


def _environment(settings: Settings) -> dict[str, str]:
    """Return what makes the children see the same settings."""
    values = settings.model_dump(mode="json", exclude_none=True)
    # A terminal is not what they write to.
    values["log_format"] = "json" if settings.log_format == "auto" else settings.log_format
    return {f"ASKWATCH_{name.upper()}": str(value) for name, value in values.items()}


def _wait_until_ready(
    backends: Backends, supervisor: Supervisor, clock: Clock, stop: threading.Event
) -> bool:
    deadline_s = clock.monotonic() + _READY_PATIENCE_S
    settings = backends.settings
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    url = f"http://{host}:{settings.port}/readyz"
    with httpx.Client(timeout=2.0) as client:
        while clock.monotonic() < deadline_s and not stop.wait(_LOOK_S):
            if _all_beat(backends, supervisor) and _answers(client, url):
                return True
    return False


def _all_beat(backends: Backends, supervisor: Supervisor) -> bool:
    pids = {child.process.pid for child in list(supervisor.children.values())}
    rows = backends.database.read(processes.list_processes)
    return pids <= {row.pid for row in rows if row.state == "running"}


def _answers(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _greet(backends: Backends, clock: Clock, say: Callable[[str], None], duration_s: float) -> None:
    now, public_url = clock.now(), backends.settings.public_url

    def make_links(transaction: Transaction) -> list[tuple[Role, Expert, str]]:
        people = experts.list_experts(transaction, only_active=True)
        found = []
        for role in Role:
            # Whoever has the fewest roles shows best what a role can do.
            able = sorted((each for each in people if role in each.roles), key=_count_roles)
            if able:
                token = sign_in.create_link(
                    transaction, able[0].expert_id, now=now, duration=_LINK_LASTS
                )
                found.append((role, able[0], token))
        return found

    say(f"ready after {duration_s:.1f} s: {public_url}")
    say("sign in with one of these links (each works once, for a day):")
    for role, expert, token in backends.database.write(make_links):
        say(f"  {role.value:<7} {expert.name:<16} {public_url}/sign-in/{token}")
    say("Ctrl-C stops everything; 'askwatch status' shows how it does")


def _count_roles(expert: Expert) -> int:
    return len(expert.roles)
