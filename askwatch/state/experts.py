"""Experts: whole models in rows, with the columns that queries filter by beside them."""

from datetime import datetime

from sqlalchemy import delete, func, select

from askwatch.errors import NotFoundError
from askwatch.model.expert import Expert
from askwatch.model.ids import ExpertId
from askwatch.state.engine import Transaction
from askwatch.state.tables import experts
from askwatch.state.upsert import upsert


def put_expert(transaction: Transaction, expert: Expert, *, now: datetime) -> None:
    """Create or replace an expert."""
    values: dict[str, object] = {
        "expert_id": expert.expert_id,
        "name": expert.name,
        "email": expert.email,
        "team": expert.team,
        "is_active": expert.is_active,
        "body": expert.model_dump(mode="json"),
        "updated_at": now,
    }
    transaction.execute(upsert(transaction, experts, values))


def remove_expert(transaction: Transaction, expert_id: ExpertId) -> None:
    """Forget an expert; what they did stays under their id.

    Raises:
        NotFoundError: There is no such expert.
    """
    gone = transaction.execute(delete(experts).where(experts.c.expert_id == expert_id))
    if gone.rowcount == 0:
        raise NotFoundError("expert", expert_id)


def find_expert(transaction: Transaction, expert_id: ExpertId) -> Expert:
    """Return one expert.

    Raises:
        NotFoundError: There is no such expert.
    """
    query = select(experts.c.body).where(experts.c.expert_id == expert_id)
    body = transaction.execute(query).scalar()
    if body is None:
        raise NotFoundError("expert", expert_id)
    return Expert.model_validate(body)


def find_by_email(transaction: Transaction, email: str) -> Expert | None:
    """Return the active expert with this address, whatever its case; None when there is none."""
    query = select(experts.c.body).where(
        func.lower(experts.c.email) == email.strip().lower(), experts.c.is_active
    )
    body = transaction.execute(query).scalar()
    return None if body is None else Expert.model_validate(body)


def list_experts(transaction: Transaction, *, only_active: bool = False) -> list[Expert]:
    """Return all experts, by id."""
    query = select(experts.c.body).order_by(experts.c.expert_id)
    if only_active:
        query = query.where(experts.c.is_active)
    return [Expert.model_validate(body) for body in transaction.execute(query).scalars()]


def find_names(transaction: Transaction) -> dict[ExpertId, str]:
    """Return every expert's name by id."""
    query = select(experts.c.expert_id, experts.c.name)
    return {ExpertId(expert_id): name for expert_id, name in transaction.execute(query)}
