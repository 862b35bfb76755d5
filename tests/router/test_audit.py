"""The audit finds what it is there for: each invariant broken by hand, against the constraints."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from askwatch.state.engine import Transaction
from router.audit import find_violations
from tests.router.worlds import ANNA, BO, World

# How to break each, without going through the code that would not let us.
BREAKS = {
    "I1": "UPDATE leads SET owner_id = 'bo' WHERE state = 'claimed'",
    "I3": "DELETE FROM timers",
    "I4": "UPDATE alerts SET planned_at = :now, local_day = '2026-03-02', score = 1",
    "I6": "INSERT INTO deliveries SELECT 'copy', alert_id, lead_id, expert_id, channel, kind,"
    " state, epoch, attempt, due_at, lease_owner, lease_until, message_id, error, created_at,"
    " sent_at FROM deliveries WHERE channel = 'email' LIMIT 1",
    "I7": "UPDATE alerts SET state = 'notified' WHERE expert_id = 'bo'",
    "I10": "UPDATE leads SET state = 'withdrawn', closed_at = :now",
    "I11": "UPDATE alerts SET model = ''",
    "I12": "UPDATE leads SET answered_at = :now",
    "I13": "UPDATE leads SET state = 'expired', owner_id = NULL, closed_at = :now",
}


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_a_broken_invariant_is_found(name: str, small_world: World) -> None:
    world = small_world
    world.set_policy(target_normal=0.99)
    lead = world.find()
    world.deliver()
    world.decisions.claim(lead.lead_id, ANNA, actor="cli")
    assert find_violations(world.database, world.clock) == []
    if name == "I4":
        _lower_cap(world)

    def spoil(transaction: Transaction) -> None:
        if name == "I6":
            transaction.execute(text("DROP TABLE IF EXISTS spare"))
            transaction.execute(text("CREATE TABLE spare AS SELECT * FROM deliveries"))
            transaction.execute(text("DROP TABLE deliveries"))
            transaction.execute(text("ALTER TABLE spare RENAME TO deliveries"))
        now = (world.clock.now() - timedelta(minutes=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
        statement = text(BREAKS[name])
        transaction.execute(statement, {"now": now} if ":now" in BREAKS[name] else {})

    world.database.write(spoil)
    found = find_violations(world.database, world.clock)
    assert name in {each.invariant for each in found}
    assert str(found[0]).startswith(found[0].invariant)


def _lower_cap(world: World) -> None:
    from tests.router.worlds import make_expert

    world.put_experts(make_expert(BO, daily_cap=0))
