"""Looks for what must never be: `askwatch audit` prints it, and there is nothing to print."""

from dataclasses import dataclass

from askwatch.clock import Clock
from askwatch.state.engine import Database, Transaction
from askwatch.state.invariants import INVARIANTS


@dataclass(frozen=True, slots=True)
class Violation:
    """One row that breaks an invariant of the routing design."""

    invariant: str
    meaning: str
    object_id: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.meaning}: {self.object_id}"


def find_violations(database: Database, clock: Clock) -> list[Violation]:
    """Return every violation, all seen on one snapshot."""
    now = clock.now()

    def look(transaction: Transaction) -> list[Violation]:
        return [
            Violation(name, meaning, object_id)
            for name, (meaning, find) in INVARIANTS.items()
            for object_id in find(transaction, now)
        ]

    return database.read(look)
