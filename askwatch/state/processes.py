"""Which processes run, and how they do."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import delete, select

from askwatch.state.engine import Transaction
from askwatch.state.tables import processes
from askwatch.state.upsert import upsert


class ProcessRow(BaseModel):
    """What one process says of itself every few seconds."""

    model_config = ConfigDict(frozen=True)

    instance: str
    name: str
    host: str
    pid: int
    state: str  # starting, running, stopped
    started_at: datetime
    beat_at: datetime
    stats: dict[str, JsonValue]


def put_process(transaction: Transaction, row: ProcessRow) -> None:
    """Write the process's row."""
    transaction.execute(upsert(transaction, processes, row.model_dump()))


def list_processes(transaction: Transaction) -> list[ProcessRow]:
    """Return every row, by name, the newest beat first."""
    query = select(processes).order_by(processes.c.name, processes.c.beat_at.desc())
    return [ProcessRow.model_validate(dict(row)) for row in transaction.execute(query).mappings()]


def drop_processes(transaction: Transaction, *, before: datetime) -> int:
    """Forget processes that have not been heard of since; return how many."""
    return transaction.execute(delete(processes).where(processes.c.beat_at < before)).rowcount
