"""Tells whether topics, experts or policies have changed since they were read."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, literal, select, union_all

from askwatch.state.engine import Transaction
from askwatch.state.tables import experts, policies, topics


class CompanyVersion(NamedTuple):
    """Grows or shrinks with every change; compare whole."""

    rows: tuple[int, ...]
    changed_at: tuple[datetime | None, ...]


def find_version(transaction: Transaction) -> CompanyVersion:
    """Return how many rows there are of each and when the newest was written."""
    tables = (experts, policies, topics)
    query = union_all(
        *(
            select(
                literal(number).label("number"),
                func.count().label("rows"),
                func.max(table.c.updated_at).label("changed_at"),
            ).select_from(table)
            for number, table in enumerate(tables)
        )
    ).order_by("number")
    found = transaction.execute(query).all()
    return CompanyVersion(tuple(row.rows for row in found), tuple(row.changed_at for row in found))
