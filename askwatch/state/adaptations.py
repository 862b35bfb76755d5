"""Versions of what was learned from taps; at most one is the champion, which is applied."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Row, func, insert, select, update

from askwatch.errors import ConflictError, NotFoundError
from askwatch.model.adaptation import Adaptation
from askwatch.state.audit import AuditEntry, note
from askwatch.state.engine import Transaction
from askwatch.state.tables import adaptations

CHAMPION, CHALLENGER, RETIRED = "champion", "challenger", "retired"
# The version of the model as it was shipped, without any adaptation.
NONE = 0
_AUDIT_OBJECT = "adaptation"


@dataclass(frozen=True, slots=True)
class AdaptationRow:
    """One version; a challenger was not better and is applied to nothing."""

    version: int
    parent: int | None
    state: str
    figures: dict[str, JsonValue]
    content: Adaptation
    created_by: str
    created_at: datetime


def find_champion(transaction: Transaction) -> AdaptationRow | None:
    """Return what is applied now; None while that is the model alone."""
    query = select(adaptations).where(adaptations.c.state == CHAMPION)
    found = transaction.execute(query).first()
    return None if found is None else _read(found)


def find_adaptation(transaction: Transaction, version: int) -> AdaptationRow:
    """Return one version.

    Raises:
        NotFoundError: There is no such version.
    """
    query = select(adaptations).where(adaptations.c.version == version)
    found = transaction.execute(query).first()
    if found is None:
        raise NotFoundError("adaptation", str(version))
    return _read(found)


def list_adaptations(transaction: Transaction, *, limit: int = 100) -> list[AdaptationRow]:
    """Return the newest versions, newest first."""
    query = select(adaptations).order_by(adaptations.c.version.desc()).limit(limit)
    return [_read(row) for row in transaction.execute(query)]


def add(
    transaction: Transaction,
    content: Adaptation,
    *,
    is_better: bool,
    figures: Mapping[str, JsonValue],
    actor: str,
    now: datetime,
) -> AdaptationRow:
    """Store a new version, as the champion when it `is_better`; who did so is noted."""
    champion = find_champion(transaction)
    newest = transaction.execute(select(func.max(adaptations.c.version))).scalar() or NONE
    version, parent = newest + 1, champion.version if champion else None
    if is_better:
        _retire(transaction)
    values = {
        "version": version,
        "parent": parent,
        "state": CHAMPION if is_better else CHALLENGER,
        "figures": dict(figures),
        "content": content.model_dump(mode="json", exclude_defaults=True),
        "created_by": actor,
        "created_at": now,
    }
    transaction.execute(insert(adaptations).values(values))
    action = "adaptation.publish" if is_better else "adaptation.refuse"
    _note(transaction, action, actor, now, version=version, before=parent)
    return find_adaptation(transaction, version)


def roll_back(
    transaction: Transaction, version: int | None = None, *, actor: str, now: datetime
) -> int:
    """Apply an earlier version again and return it; by default the one before the champion.

    `NONE` is the model alone.

    Raises:
        NotFoundError: There is no such version.
        ConflictError: Nothing is applied, so there is nothing to go back from.
    """
    champion = find_champion(transaction)
    if version is None:
        if champion is None:
            raise ConflictError("no adaptation is applied, so there is nothing to roll back")
        version = champion.parent or NONE
    if version != NONE:
        find_adaptation(transaction, version)
    _retire(transaction)
    if version != NONE:
        transaction.execute(
            update(adaptations).where(adaptations.c.version == version).values(state=CHAMPION)
        )
    before = champion.version if champion else NONE
    _note(transaction, "adaptation.rollback", actor, now, version=version, before=before)
    return version


def _retire(transaction: Transaction) -> None:
    transaction.execute(
        update(adaptations).where(adaptations.c.state == CHAMPION).values(state=RETIRED)
    )


def _note(
    transaction: Transaction, action: str, actor: str, now: datetime, **detail: JsonValue
) -> None:
    entry = AuditEntry(at=now, actor=actor, action=action, object_id=_AUDIT_OBJECT, detail=detail)
    note(transaction, entry)


def _read(row: Row[Any]) -> AdaptationRow:
    return AdaptationRow(
        version=row.version,
        parent=row.parent,
        state=row.state,
        figures=row.figures,
        content=Adaptation.model_validate(row.content),
        created_by=row.created_by,
        created_at=row.created_at,
    )
