"""The whole way: `askwatch up`, posts in at a steady pace, then as many as it takes."""

import contextlib
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

from sqlalchemy import func, select

from askwatch.backends import Backends
from askwatch.model.ids import SourceId
from askwatch.model.lead import Lane
from askwatch.state import alerts as alert_rows
from askwatch.state import processes as process_rows
from askwatch.state.engine import Transaction
from askwatch.state.source_leads import count_source_leads
from askwatch.state.tables import alerts, leads
from bench.figures import (
    KAFKA_PRODUCE,
    SQLITE_APPEND,
    Delays,
    Figure,
    describe_counts,
    describe_work,
)
from bench.installation import Installation
from bench.memory import MemoryWatch, read_work_s
from bench.posts import PostFile
from bench.room import KAFKA, SQLITE, Room
from collectors.replay import replay_file

STEADY_RATE = 100.0
_PATIENCE_S = 400.0
_STEADY, _FAST = SourceId("bench-steady"), SourceId("bench-fast")
# The second: Kafka, PostgreSQL and Elasticsearch.
EMBEDDED, PRODUCTION = "embedded", "servers"


def measure(room: Room) -> None:
    """Measure every mode as `askwatch up` starts it, then with a second language process."""
    modes = [EMBEDDED, PRODUCTION] if room.servers.is_complete else [EMBEDDED]
    for mode in modes:
        with _running(room, mode) as (backends, installation):
            with MemoryWatch(installation.pids, names=installation.names()) as watch:
                room.delays.append(_measure_delays(room, backends, installation, mode))
                room.add(_measure_rate(room, backends, installation, mode))
            room.memory.append(watch.result(mode))
        if len(room.amounts.processes) > 1:
            _measure_beside(room, mode)


def _measure_beside(room: Room, mode: str) -> None:
    with _running(room, mode, beside=("nlp",)) as (backends, installation):
        room.add(_measure_rate(room, backends, installation, mode))


@contextlib.contextmanager
def _running(
    room: Room, mode: str, beside: Sequence[str] = ()
) -> Iterator[tuple[Backends, Installation]]:
    is_embedded = mode == EMBEDDED
    with (
        room.opened(SQLITE if is_embedded else KAFKA, with_servers=not is_embedded) as backends,
        Installation(backends, clock=room.clock, beside=beside) as installation,
    ):
        yield backends, installation


def _measure_delays(
    room: Room, backends: Backends, installation: Installation, mode: str
) -> Delays:
    count = int(STEADY_RATE * room.amounts.steady_s)
    posts = room.make_posts(count, ask_share=room.amounts.steady_ask_share)
    _send(room, backends, posts, _STEADY, rate=STEADY_RATE)
    installation.wait_until_idle(patience_s=_PATIENCE_S)
    room.clock.sleep(1.0)  # a delivery is made within a tenth of it
    return backends.database.read(partial(_read_delays, mode=mode))


def _measure_rate(room: Room, backends: Backends, installation: Installation, mode: str) -> Figure:
    posts = room.make_posts(room.amounts.whole_posts)
    before_s = _read_work(installation)
    began_s = room.clock.monotonic()
    _send(room, backends, posts, _FAST, rate=0)
    ended_s = installation.wait_until_idle(patience_s=_PATIENCE_S)
    after_s = _read_work(installation)
    work_s = {name: each - before_s.get(name, 0.0) for name, each in after_s.items()}
    mix = f"{posts.describes}; processor ms a post: {describe_work(work_s, posts.count)}"
    return _make_figure(backends, posts, mode, ended_s - began_s, mix)


def _read_work(installation: Installation) -> dict[str, float]:
    """Return the processor time so far by name; ours is the sending, as collectors do it."""
    work_s: dict[str, float] = defaultdict(float)
    for pid, name in installation.names().items():
        work_s[name] += read_work_s(pid)
    work_s["sending"] = read_work_s(os.getpid())
    return work_s


def _send(
    room: Room, backends: Backends, posts: PostFile, source_id: SourceId, *, rate: float
) -> None:
    replay_file(
        posts.path,
        database=backends.database,
        bus=backends.bus,
        settings=backends.settings,
        clock=room.clock,
        source_id=source_id,
        rate=rate,
    )


def _make_figure(
    backends: Backends, posts: PostFile, mode: str, duration_s: float, mix: str
) -> Figure:
    found = backends.database.read(lambda transaction: count_source_leads(transaction, _FAST))
    told = backends.database.read(alert_rows.count_alerts_by_state)
    mix = (
        f"{mix}; leads: {describe_counts(found.leads_by_state)}; "
        f"all alerts: {describe_counts(told)}"
    )
    processes = len(backends.database.read(process_rows.list_processes))
    return Figure(
        f"whole way, {mode}",
        posts.count,
        duration_s,
        processes=processes,
        baseline=SQLITE_APPEND if mode == EMBEDDED else KAFKA_PRODUCE,
        mix=mix,
        lead_share=found.linked_posts / posts.count,
    )


def _read_delays(transaction: Transaction, mode: str) -> Delays:
    """Return how long each lead of the steady run took to reach its first colleague."""
    rows = transaction.execute(
        select(leads.c.observed_at, func.min(alerts.c.notified_at).label("notified_at"))
        .join(alerts, alerts.c.lead_id == leads.c.lead_id)
        .where(leads.c.source_id == _STEADY, alerts.c.notified_at.is_not(None))
        .group_by(leads.c.lead_id, leads.c.observed_at)
    ).all()
    found = transaction.execute(
        select(func.count()).where(leads.c.source_id == _STEADY, leads.c.lane == Lane.ALERT.value)
    ).scalar_one()
    delays_s = tuple((row.notified_at - row.observed_at).total_seconds() for row in rows)
    return Delays(mode, STEADY_RATE, delays_s, int(found))
