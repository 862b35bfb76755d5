"""How the whole service stands, in numbers: for the command line, the API and the pages."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from askwatch.bus.base import Bus
from askwatch.clock import Clock
from askwatch.errors import RetryableError
from askwatch.events import EVENTS, LEADS, POSTS
from askwatch.heartbeat import INTERVAL_S
from askwatch.model.source import Source, SourceStatus
from askwatch.state import alerts, dead_letters, leads, outbox, processes, sources
from askwatch.state.engine import Database, Transaction
from askwatch.state.processes import ProcessRow

# Which group reads which stream.
READERS = (("nlp", POSTS), ("router", LEADS), ("index", EVENTS))
_MISSED_BEATS = 3
# Rows of processes that died without a word are shown for so long.
_SHOW_LOST_FOR = timedelta(hours=1)


class GroupLag(BaseModel):
    """How far the readers of a stream are behind."""

    model_config = ConfigDict(frozen=True)

    group: str
    stream: str
    records: int
    age_s: float = Field(description="Age of the oldest record not handled yet, in seconds")


class SourceLine(BaseModel):
    """How reading one source goes."""

    model_config = ConfigDict(frozen=True)

    source_id: str
    name: str
    kind: str
    state: str
    posts_read: int
    errors: int
    last_error: str
    last_read_at: datetime | None
    last_post_at: datetime | None
    permission_until: str = Field(description="Last day, 'open' without an end, 'none' without one")


class ProcessLine(BaseModel):
    """How one process does."""

    model_config = ConfigDict(frozen=True)

    name: str
    instance: str
    state: str = Field(description="running, stopped, or lost: it beats no more")
    beat_age_s: float
    started_at: datetime
    memory_mb: float = 0.0
    handled: int | None = Field(default=None, description="Records, by those that read a stream")
    lag_records: int | None = None
    lag_s: float | None = None


class Status(BaseModel):
    """Everything at one time."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    posts: int = Field(description="Read from all sources since they were added")
    leads: dict[str, int] = Field(description="By state")
    alerts: int
    alerts_by_state: dict[str, int]
    deliveries: dict[str, int] = Field(description="By state")
    lag: tuple[GroupLag, ...] = Field(description="Empty while the bus is away")
    bus_error: str = Field(default="", description="Why the lag is not known")
    dead_letters: int = Field(description="Records that wait for somebody to look")
    outbox_unsent: int
    sources: tuple[SourceLine, ...]
    processes: tuple[ProcessLine, ...]


def collect_status(*, database: Database, bus: Bus, clock: Clock) -> Status:
    """Return how everything stands; while the bus is away, what the database knows.

    Raises:
        BackendUnavailableError: The database does not answer.
    """
    now = clock.now()
    lag, bus_error = _read_lags(bus)
    found = database.read(lambda transaction: _collect(transaction, lag, now))
    return found.model_copy(update={"bus_error": bus_error})


def _read_lags(bus: Bus) -> tuple[tuple[GroupLag, ...], str]:
    """Return every group's lag, or none and why."""
    try:
        return tuple(_read_lag(bus, group, stream) for group, stream in READERS), ""
    except RetryableError as error:
        return (), str(error)


def _read_lag(bus: Bus, group: str, stream: str) -> GroupLag:
    found = bus.lag(stream, group=group)
    return GroupLag(group=group, stream=stream, records=found.records, age_s=round(found.age_s, 3))


def _collect(transaction: Transaction, lag: tuple[GroupLag, ...], now: datetime) -> Status:
    rows = sources.list_rows(transaction)
    by_state = alerts.count_alerts_by_state(transaction)
    return Status(
        at=now,
        posts=sum(row.status.posts_read for row in rows),
        leads=leads.count_by_state(transaction),
        alerts=sum(by_state.values()),
        alerts_by_state=by_state,
        deliveries=alerts.count_deliveries_by_state(transaction),
        lag=lag,
        dead_letters=dead_letters.count_open(transaction),
        outbox_unsent=outbox.count_unsent(transaction),
        sources=tuple(_describe_source(row.source, row.status) for row in rows),
        processes=_describe_processes(processes.list_processes(transaction), now),
    )


def _describe_source(source: Source, status: SourceStatus) -> SourceLine:
    permission = source.permission
    until = "none"
    if permission is not None:
        until = permission.valid_until.isoformat() if permission.valid_until else "open"
    return SourceLine(
        source_id=source.source_id,
        name=source.name,
        kind=source.kind,
        state="paused" if source.is_paused else status.state,
        posts_read=status.posts_read,
        errors=status.errors,
        last_error=status.last_error,
        last_read_at=status.last_read_at,
        last_post_at=status.last_post_at,
        permission_until=until,
    )


def _describe_processes(rows: Sequence[ProcessRow], now: datetime) -> tuple[ProcessLine, ...]:
    recent = [row for row in rows if now - row.beat_at <= _SHOW_LOST_FOR]
    return tuple(_describe_process(row, now) for row in recent)


def _describe_process(row: ProcessRow, now: datetime) -> ProcessLine:
    age_s = max(0.0, (now - row.beat_at).total_seconds())
    is_lost = row.state != "stopped" and age_s > _MISSED_BEATS * INTERVAL_S
    # What a process says of itself is free; only what has the right kind is passed on.
    numbers = {
        name: value
        for name, value in row.stats.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    return ProcessLine(
        name=row.name,
        instance=row.instance,
        state="lost" if is_lost else row.state,
        beat_age_s=round(age_s, 1),
        started_at=row.started_at,
        memory_mb=numbers.get("memory_mb", 0.0),
        handled=_whole(numbers.get("handled")),
        lag_records=_whole(numbers.get("lag_records")),
        lag_s=numbers.get("lag_s"),
    )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
