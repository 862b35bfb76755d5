"""Inserts that give way to a row which is there already, in each database's own words."""

from typing import TypeAlias

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from askwatch.state.engine import Transaction

Insert: TypeAlias = postgresql.Insert | sqlite.Insert


def insert_ignore(transaction: Transaction, table: Table) -> Insert:
    """Return an insert that does nothing when a unique key exists."""
    return _insert(transaction, table).on_conflict_do_nothing()


def upsert(transaction: Transaction, table: Table, values: dict[str, object]) -> Insert:
    """Return an insert of `values` that replaces the row with the same primary key."""
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in values.items() if name not in keys}
    return (
        _insert(transaction, table)
        .values(values)
        .on_conflict_do_update(index_elements=keys, set_=changed)
    )


def _insert(transaction: Transaction, table: Table) -> Insert:
    if transaction.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
