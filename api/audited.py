"""Notes who did what, in the transaction of the change."""

from datetime import datetime

from pydantic import JsonValue

from api.deps import Caller
from askwatch.state.audit import AuditEntry, note
from askwatch.state.engine import Transaction


def note_change(
    transaction: Transaction,
    caller: Caller,
    action: str,
    object_id: str,
    *,
    now: datetime,
    **detail: JsonValue,
) -> None:
    """Add an entry to the audit; never a post's text."""
    note(
        transaction,
        AuditEntry(at=now, actor=caller.actor, action=action, object_id=object_id, detail=detail),
    )
