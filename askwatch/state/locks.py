"""One writer at a time where the database has several."""

from sqlalchemy import text

from askwatch.state.engine import Transaction

# Any number will do, as long as nobody else on the server uses it for something of theirs.
_PLANNING = 7_303_014_772


def lock_planning(transaction: Transaction) -> None:
    """Wait until no other transaction plans; the lock ends with the transaction.

    Whoever makes leads or alerts takes it first, before any row: two replicas that see two
    copies of an ask make one lead of them, caps are counted while nobody else adds to them, and
    transactions that touch several leads cannot wait for each other. SQLite has one writer anyway.
    """
    if transaction.dialect.name != "sqlite":
        transaction.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _PLANNING})
