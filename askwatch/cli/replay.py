"""`askwatch replay`: sends a file of posts through the running product and says what came of it."""

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from askwatch.backends import Backends
from askwatch.cli.options import DataOption, backends_of
from askwatch.clock import Clock, SystemClock
from askwatch.errors import ConfigurationError
from askwatch.events import LEADS, POSTS
from askwatch.heartbeat import INTERVAL_S
from askwatch.model.ids import SourceId
from askwatch.model.source import Permission, Source, SourceKind
from askwatch.state import processes, sources
from askwatch.state.engine import Transaction
from askwatch.state.source_leads import SourceLeads, count_source_leads
from askwatch.state.sources import Report

_LOOK_S = 0.25
# Looks with nothing behind before we believe it: a stage may hold a batch between two streams.
_QUIET_LOOKS = 4


def replay(
    file: Annotated[str, typer.Argument(help='A JSON Lines file (also .gz), or "demo".')],
    *,
    rate: Annotated[float, typer.Option(min=0, help="Posts a second; 0: as fast as it goes.")] = 0,
    source: Annotated[
        str | None, typer.Option(help="Source id; the same again repeats nothing.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Send a file of posts through the running product and report what came of them."""
    from collectors.replay import replay_file

    clock = SystemClock()
    source_id = SourceId(source or _make_source_id(file, clock))
    with backends_of(data) as backends, _progress() as bar:
        _require_readers(backends, clock)
        task = bar.add_task("sending", total=None)
        began_s = clock.monotonic()
        done = replay_file(
            file,
            database=backends.database,
            bus=backends.bus,
            settings=backends.settings,
            clock=clock,
            source_id=source_id,
            rate=rate,
            on_progress=lambda each: bar.update(task, description=f"{each.posts} posts sent"),
        )
        sent_s = clock.monotonic() - began_s
        _note_source(backends, source_id, file, done.posts, clock)
        _wait_until_understood(backends, lambda text: bar.update(task, description=text))
        handled_s = clock.monotonic() - began_s
        found = backends.database.read(lambda tx: count_source_leads(tx, source_id))
    typer.echo(f"source       {source_id}")
    typer.echo(f"posts        {done.posts} sent in {sent_s:.1f} s, {done.removals} removals")
    pace = done.posts / max(handled_s, 0.001)
    typer.echo(f"handled      in {handled_s:.1f} s, {pace:.0f} posts/s")
    typer.echo(f"lines broken {done.broken}")
    for fault in done.faults:
        typer.echo(f"  {fault}")
    _print_leads(found)


def _print_leads(found: SourceLeads) -> None:
    states = ", ".join(f"{count} {state}" for state, count in sorted(found.leads_by_state.items()))
    total = sum(found.leads_by_state.values())
    typer.echo(f"leads        {total}{f' ({states})' if states else ''}")
    typer.echo(f"linked       {found.linked_posts} posts stand in a lead, copies included")
    typer.echo(f"alerts       {found.alerts}")
    delays = found.first_alerts_s
    if delays:
        middle, late = (
            delays[len(delays) // 2],
            delays[min(len(delays) - 1, len(delays) * 99 // 100)],
        )
        typer.echo(
            f"first alert  {middle:.2f} s after its post was read (p50), {late:.2f} s (p99), of "
            f"{len(delays)} leads"
        )


def _note_source(
    backends: Backends, source_id: SourceId, file: str, posts: int, clock: Clock
) -> None:
    """Show the file among the sources; paused, since no collector is to read it again."""
    now = clock.now()
    permission = Permission(
        permission_basis="a file given on the command line",
        approved_by="whoever ran askwatch replay",
        approved_on=now.date(),
    )
    source = Source(
        source_id=source_id,
        kind=SourceKind.REPLAY,
        name=Path(file).name[:120],
        options={"path": file},
        permission=permission,
        is_paused=True,
    )

    def write(transaction: Transaction) -> None:
        sources.put_source(transaction, source, now=now)
        result = Report(state="done", posts=posts, last_post_at=now if posts else None)
        sources.report(transaction, source_id, result, now=now)

    backends.database.write(write)


def _make_source_id(file: str, clock: Clock) -> str:
    stem = re.sub(r"[^a-z0-9_.-]+", "-", Path(file).name.split(".")[0].lower()).strip("-.")
    return f"replay-{stem[:30] or 'posts'}-{clock.now():%Y%m%d%H%M%S}"


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, transient=True)


def _require_readers(backends: Backends, clock: Clock) -> None:
    now = clock.now()
    alive = {
        row.name
        for row in backends.database.read(processes.list_processes)
        if row.state == "running" and (now - row.beat_at).total_seconds() < 3 * INTERVAL_S
    }
    missing = {"nlp", "router"} - alive
    if missing:
        raise ConfigurationError(
            f"nothing was sent: {' and '.join(sorted(missing))} must run to understand the posts. "
            "Start 'askwatch up' in another terminal, on the same data folder"
        )


def _wait_until_understood(backends: Backends, tell: Callable[[str], None]) -> None:
    pause, quiet = threading.Event(), 0
    while quiet < _QUIET_LOOKS:
        behind = backends.bus.lag(POSTS, group="nlp").records
        behind += backends.bus.lag(LEADS, group="router").records
        tell(f"{behind} records to go")
        quiet = 0 if behind else quiet + 1
        pause.wait(_LOOK_S)
