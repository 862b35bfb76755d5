"""Keys of machines; only their hashes are stored, a key itself is shown once."""

import secrets
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict
from sqlalchemy import insert, select, update

from askwatch.errors import NotFoundError
from askwatch.model.expert import Role
from askwatch.model.ids import ExpertId, new_id
from askwatch.state.engine import Transaction
from askwatch.state.sign_in import hash_token
from askwatch.state.tables import api_keys

# Scanners for leaked secrets can look for it.
PREFIX = "ask_"
# How exact the time of last use is: a write for every request would cost more than it tells.
USED_EVERY = timedelta(minutes=10)


class ApiKey(BaseModel):
    """What is known of a key; `expert_id` is in whose name it acts, None: nobody's."""

    model_config = ConfigDict(frozen=True)

    key_id: str
    name: str
    role: Role
    expert_id: ExpertId | None
    is_revoked: bool
    created_at: datetime
    used_at: datetime | None


_COLUMNS = [api_keys.c[name] for name in ApiKey.model_fields]


def create(
    transaction: Transaction,
    *,
    name: str,
    role: Role,
    expert_id: ExpertId | None = None,
    now: datetime,
) -> tuple[ApiKey, str]:
    """Make a key; return what is known of it, and the key itself, which cannot be read again."""
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        key_id=new_id(), name=name, role=role, expert_id=expert_id,
        is_revoked=False, created_at=now, used_at=None,
    )  # fmt: skip
    transaction.execute(insert(api_keys).values(**key.model_dump(), key_hash=hash_token(secret)))
    return key, secret


def find(transaction: Transaction, secret: str) -> ApiKey | None:
    """Return the key that `secret` is; None when there is none or it was revoked."""
    query = select(*_COLUMNS).where(
        api_keys.c.key_hash == hash_token(secret), ~api_keys.c.is_revoked
    )
    row = transaction.execute(query).mappings().first()
    return None if row is None else ApiKey.model_validate(dict(row))


def is_use_due(key: ApiKey, *, now: datetime) -> bool:
    """Tell whether the time of last use should be written again."""
    return key.used_at is None or now - key.used_at >= USED_EVERY


def note_use(transaction: Transaction, key_id: str, *, now: datetime) -> None:
    """Write when a key was last used."""
    transaction.execute(update(api_keys).where(api_keys.c.key_id == key_id).values(used_at=now))


def list_keys(transaction: Transaction) -> list[ApiKey]:
    """Return all keys, the newest first."""
    query = select(*_COLUMNS).order_by(api_keys.c.created_at.desc(), api_keys.c.key_id)
    return [ApiKey.model_validate(dict(row)) for row in transaction.execute(query).mappings()]


def revoke(transaction: Transaction, key_id: str) -> None:
    """Let a key open nothing any more.

    Raises:
        NotFoundError: There is no such key.
    """
    done = transaction.execute(
        update(api_keys).where(api_keys.c.key_id == key_id).values(is_revoked=True)
    )
    if done.rowcount == 0:
        raise NotFoundError("key", key_id)


def revoke_all(transaction: Transaction, expert_id: ExpertId) -> None:
    """Revoke every key that acts in this expert's name."""
    transaction.execute(
        update(api_keys).where(api_keys.c.expert_id == expert_id).values(is_revoked=True)
    )
