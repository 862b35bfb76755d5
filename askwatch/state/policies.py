"""Named sets of thresholds, with a version that grows with every change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import insert, select, update

from askwatch.state.engine import Transaction
from askwatch.state.tables import policies


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """What is set; version 0 and an empty body where nothing is."""

    name: str
    version: int
    body: dict[str, JsonValue]


def find_policy(transaction: Transaction, name: str) -> PolicyRow:
    """Return a policy by its name."""
    query = select(policies.c.version, policies.c.body).where(policies.c.name == name)
    found = transaction.execute(query).first()
    return PolicyRow(name, 0, {}) if found is None else PolicyRow(name, found.version, found.body)


def put_policy(
    transaction: Transaction, name: str, body: Mapping[str, JsonValue], *, now: datetime
) -> int:
    """Set a policy and return its version; the same body again changes nothing."""
    old = find_policy(transaction, name)
    if old.version and old.body == dict(body):
        return old.version
    values = {"version": old.version + 1, "body": dict(body), "updated_at": now}
    if old.version:
        transaction.execute(update(policies).where(policies.c.name == name).values(values))
    else:
        transaction.execute(insert(policies).values(name=name, **values))
    return old.version + 1
