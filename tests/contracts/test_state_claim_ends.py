"""Until when a taken lead may be answered, on every database."""

from datetime import timedelta
from functools import partial

from askwatch.model.alert import TimerKind
from askwatch.model.ids import LeadId
from askwatch.state.claim_ends import find_claim_ends
from askwatch.state.engine import Database
from askwatch.state.timers import lead_timer, put_timer
from tests.contracts.test_state import NOW

LEAD, OTHER = LeadId("lead-1"), LeadId("lead-2")


def test_the_end_of_a_claim_is_found_and_no_other_timer(database: Database) -> None:
    end = NOW + timedelta(hours=2)
    for lead_id, kind, due_at in (
        (LEAD, TimerKind.CLAIM_LEASE, end),
        (LEAD, TimerKind.CLAIM_WARNING, NOW),
        (OTHER, TimerKind.EXPIRE, NOW),
    ):
        timer = lead_timer(lead_id, kind, epoch=1, due_at=due_at)
        database.write(partial(put_timer, timer=timer))
    assert database.read(lambda tx: find_claim_ends(tx, [LEAD, OTHER])) == {LEAD: end}
    assert database.read(lambda tx: find_claim_ends(tx, [])) == {}
