"""Inserts that give way to a row which is there already, in each database's own words."""

from functools import lru_cache
from typing import TypeAlias

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from askwatch.state.engine import Transaction

Insert: TypeAlias = postgresql.Insert | sqlite.Insert


def insert_ignore(transaction: Transaction, table: Table) -> Insert:
    """Return an insert that does nothing when a unique key exists."""
    return _ignoring(transaction.dialect.name, table)


def upsert(transaction: Transaction, table: Table, values: dict[str, object]) -> Insert:
    """Return an insert of `values` that replaces the row with the same primary key."""
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in values.items() if name not in keys}
    return (
        _insert(transaction.dialect.name, table)
        .values(values)
        .on_conflict_do_update(index_elements=keys, set_=changed)
    )


def upsert_many(transaction: Transaction, table: Table) -> Insert:
    """Return an insert that replaces rows with the same primary key; give it rows to execute."""
    return _replacing(transaction.dialect.name, table)


# Statements are immutable, and making one costs as much as running it.
@lru_cache(maxsize=64)
def _ignoring(dialect: str, table: Table) -> Insert:
    return _insert(dialect, table).on_conflict_do_nothing()


@lru_cache(maxsize=64)
def _replacing(dialect: str, table: Table) -> Insert:
    statement = _insert(dialect, table)
    keys = [column.name for column in table.primary_key]
    changed = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in keys
    }
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def _insert(dialect: str, table: Table) -> Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
