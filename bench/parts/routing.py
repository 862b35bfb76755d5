"""From leads to people and to the feed: router, delivery, relay and the index's projection."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import func, select

from askwatch.backends import Backends
from askwatch.events import EVENTS, LeadRecord
from askwatch.model.alert import Channel, DeliveryState
from askwatch.state import alerts, leads, outbox
from askwatch.state.engine import Transaction
from askwatch.state.tables import deliveries
from bench.drain import Drained, drain
from bench.figures import SQLITE_APPEND, Figure, describe_counts
from bench.filling import fill_leads, make_leads
from bench.room import SQLITE, Room


def measure(room: Room) -> None:
    """Route leads, work off what follows from them, then route them by more processes."""
    with room.opened(SQLITE) as backends:
        records = make_leads(backends, room, room.amounts.leads)
        fill_leads(backends, records)
        _route(room, backends, records, processes=1)
        _deliver(room, backends)
        _relay(room, backends)
    for processes in room.amounts.processes[1:]:
        with room.opened(SQLITE) as backends:
            fill_leads(backends, records)
            _route(room, backends, records, processes=processes)


def _route(room: Room, backends: Backends, records: Sequence[LeadRecord], processes: int) -> None:
    done = drain("router", backends.settings, expected=len(records), processes=processes)
    states = backends.database.read(leads.count_by_state)
    told = sum(backends.database.read(alerts.count_alerts_by_state).values())
    mix = f"leads: {describe_counts(states)}; {told} alerts"
    room.add(_make_figure("router", done, mix, unit="leads", processes=processes, lead_share=1.0))


def _deliver(room: Room, backends: Backends) -> None:
    waiting = backends.database.read(partial(_count_due, now=room.clock.now()))
    if not waiting:
        room.left_out.append("delivery: nothing waited to be delivered")
        return
    done = drain("delivery", backends.settings, expected=waiting)
    states = backends.database.read(alerts.count_deliveries_by_state)
    mix = f"inbox alone; deliveries: {describe_counts(states)}"
    room.add(_make_figure("delivery, inbox", done, mix, unit="deliveries"))


def _count_due(transaction: Transaction, now: datetime) -> int:
    """Return how many deliveries the inbox could make at once."""
    query = select(func.count()).where(
        deliveries.c.channel == Channel.INBOX.value,
        deliveries.c.state == DeliveryState.PENDING.value,
        deliveries.c.due_at <= now,
    )
    return int(transaction.execute(query).scalar_one())


def _relay(room: Room, backends: Backends) -> None:
    waiting = backends.database.read(outbox.count_unsent)
    done = drain("relay", backends.settings, expected=waiting)
    room.add(_make_figure("relay", done, "facts of the leads above", unit="facts"))
    count = backends.bus.size(EVENTS)
    done = drain("index", backends.settings, expected=count)
    backends.index.refresh()
    mix = f"{backends.index.count()} leads in the index"
    room.add(_make_figure("index projection", done, mix, unit="facts"))


def _make_figure(
    part: str,
    done: Drained,
    mix: str,
    *,
    unit: str,
    processes: int = 1,
    lead_share: float | None = None,
) -> Figure:
    return Figure(
        f"{part}, {SQLITE}",
        done.count,
        done.duration_s,
        unit=unit,
        processes=processes,
        baseline=SQLITE_APPEND,
        mix=mix,
        lead_share=lead_share,
    )
