"""Prints how everything stands as calm tables."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from askwatch.status import Status


def print_status(status: Status, console: Console) -> None:
    """Print counts, sources and processes."""
    lag = ", ".join(
        f"{each.group} {each.records} records ({each.age_s:.0f} s)" for each in status.lag
    )
    counts = Table.grid(padding=(0, 2))
    for name, value in (
        ("posts", str(status.posts)),
        ("leads", _sum_up(status.leads)),
        ("alerts", _sum_up(status.alerts_by_state)),
        ("deliveries", _sum_up(status.deliveries)),
        ("behind", lag),
        ("outbox", f"{status.outbox_unsent} unsent"),
        ("dead letters", str(status.dead_letters)),
    ):
        counts.add_row(name, value)
    console.print(counts)
    console.print(_make_sources(status))
    console.print(_make_processes(status))


def _make_sources(status: Status) -> Table:
    table = Table("source", "kind", "state", "posts", "errors", "last post", "permission", "says")
    for each in status.sources:
        last = f"{each.last_post_at:%Y-%m-%d %H:%M}" if each.last_post_at else "never"
        counts = (str(each.posts_read), str(each.errors))
        until = each.permission_until
        table.add_row(each.source_id, each.kind, each.state, *counts, last, until, each.last_error)
    return table


def _make_processes(status: Status) -> Table:
    table = Table("process", "instance", "state", "last beat", "memory", "handled")
    for each in status.processes:
        beat, memory = f"{each.beat_age_s:.0f} s ago", f"{each.memory_mb:.0f} MB"
        handled = "" if each.handled is None else str(each.handled)
        table.add_row(each.name, each.instance, each.state, beat, memory, handled)
    return table


def _sum_up(counts: Mapping[str, int]) -> str:
    parts = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    return f"{sum(counts.values())} ({parts})" if parts else "0"
