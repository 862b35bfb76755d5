"""Who changed what, when; never a post's text."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import insert, select

from askwatch.state.engine import Transaction
from askwatch.state.tables import audit


class AuditEntry(BaseModel):
    """One decision: actor is expert:<id>, key:<id>, cli or system."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    actor: str
    action: str
    object_id: str
    detail: dict[str, JsonValue]


def note(transaction: Transaction, entry: AuditEntry) -> None:
    """Add `entry`, in the transaction of the change it tells of."""
    transaction.execute(insert(audit).values(**entry.model_dump()))


def list_entries(
    transaction: Transaction, *, object_id: str = "", limit: int = 100
) -> list[AuditEntry]:
    """Return the newest entries, of one object when it is named."""
    query = select(audit).order_by(audit.c.audit_id.desc()).limit(limit)
    if object_id:
        query = query.where(audit.c.object_id == object_id)
    return [AuditEntry.model_validate(dict(row)) for row in transaction.execute(query).mappings()]
