"""Back-tests that somebody asked for, and what they showed; the language stage works on them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, or_, select, update

from askwatch.errors import ConflictError, NotFoundError
from askwatch.model.backtest import BacktestRequest, BacktestResult
from askwatch.model.ids import new_id
from askwatch.state.engine import Transaction
from askwatch.state.tables import backtests

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
# More would wait longer than anybody looks.
MOST_WAITING = 5
_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Backtest:
    """One back-test; `result` is there when it is done, `error` when it failed."""

    backtest_id: str
    state: str
    request: BacktestRequest
    result: BacktestResult | None
    error: str
    created_by: str
    created_at: datetime
    finished_at: datetime | None


def ask_for(
    transaction: Transaction, request: BacktestRequest, *, actor: str, now: datetime
) -> Backtest:
    """Put a back-test where the language stage finds it.

    Raises:
        ConflictError: Too many wait already.
    """
    waiting = select(func.count()).where(backtests.c.state == WAITING)
    if transaction.execute(waiting).scalar_one() >= MOST_WAITING:
        raise ConflictError(f"{MOST_WAITING} back-tests wait already: try again when one is done")
    backtest_id = new_id()
    values = {
        "backtest_id": backtest_id,
        "state": WAITING,
        "request": request.model_dump(mode="json", exclude_defaults=True),
        "result": {},
        "created_by": actor,
        "created_at": now,
    }
    transaction.execute(insert(backtests).values(values))
    return find(transaction, backtest_id)


def find(transaction: Transaction, backtest_id: str) -> Backtest:
    """Return one.

    Raises:
        NotFoundError: There is no such back-test.
    """
    query = select(backtests).where(backtests.c.backtest_id == backtest_id)
    found = transaction.execute(query).first()
    if found is None:
        raise NotFoundError("back-test", backtest_id)
    return _read(found)


def list_backtests(transaction: Transaction, *, limit: int = 20) -> list[Backtest]:
    """Return the newest ones, newest first."""
    query = select(backtests).order_by(backtests.c.created_at.desc(), backtests.c.backtest_id)
    return [_read(row) for row in transaction.execute(query.limit(limit))]


def take(transaction: Transaction, *, now: datetime, duration_s: float) -> Backtest | None:
    """Take the oldest one that waits, or whose worker is gone; None when there is none.

    It is this worker's until `duration_s` is over.
    """
    query = (
        select(backtests)
        .where(
            or_(
                backtests.c.state == WAITING,
                (backtests.c.state == RUNNING) & (backtests.c.lease_until <= now),
            )
        )
        .order_by(backtests.c.created_at, backtests.c.backtest_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found = transaction.execute(query).first()
    if found is None:
        return None
    _set(
        transaction,
        found.backtest_id,
        state=RUNNING,
        lease_until=now + timedelta(seconds=duration_s),
    )
    return find(transaction, found.backtest_id)


def finish(
    transaction: Transaction, backtest_id: str, result: BacktestResult, *, now: datetime
) -> None:
    """Store what it showed."""
    body = result.model_dump(mode="json")
    _set(transaction, backtest_id, state=DONE, result=body, finished_at=now)


def fail(transaction: Transaction, backtest_id: str, reason: str, *, now: datetime) -> None:
    """Say why it could not be done."""
    _set(transaction, backtest_id, state=FAILED, error=reason, finished_at=now)


def drop_old(transaction: Transaction, *, now: datetime) -> int:
    """Forget those of long ago, with the links in them; return how many."""
    statement = delete(backtests).where(backtests.c.created_at < now - _KEPT)
    return transaction.execute(statement).rowcount


def _set(transaction: Transaction, backtest_id: str, **values: object) -> None:
    transaction.execute(
        update(backtests).where(backtests.c.backtest_id == backtest_id).values(**values)
    )


def _read(row: Row[Any]) -> Backtest:
    return Backtest(
        backtest_id=row.backtest_id,
        state=row.state,
        request=BacktestRequest.model_validate(row.request),
        result=BacktestResult.model_validate(row.result) if row.result else None,
        error=row.error,
        created_by=row.created_by,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
