"""Authors who must not be stored, as keyed hashes (askwatch.model.ids.hash_author)."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from askwatch.state.engine import Transaction
from askwatch.state.tables import suppression
from askwatch.state.upsert import insert_ignore


def add(transaction: Transaction, author_hash: str, reason: str, *, now: datetime) -> None:
    """Suppress an author from now on; `reason` is account_deleted, opt_out or erasure."""
    transaction.execute(
        insert_ignore(transaction, suppression).values(
            author_hash=author_hash, reason=reason, created_at=now
        )
    )


def is_suppressed(transaction: Transaction, author_hash: str) -> bool:
    """Tell whether posts of this author must be dropped."""
    return bool(author_hash) and author_hash in find_suppressed(transaction, [author_hash])


def find_suppressed(transaction: Transaction, author_hashes: Iterable[str]) -> set[str]:
    """Return those of `author_hashes` that are suppressed."""
    wanted = {each for each in author_hashes if each}
    if not wanted:
        return set()
    query = select(suppression.c.author_hash).where(suppression.c.author_hash.in_(wanted))
    return set(transaction.execute(query).scalars())
