"""What alerts, deliveries and timers promise as rows, on every database."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from askwatch.model.alert import AlertState, Channel, DeclineReason, DeliveryState, TimerKind
from askwatch.model.ids import AlertId, DeliveryId, ExpertId, LeadId, TopicId
from askwatch.model.lead import LeadState
from askwatch.state import (
    alert_writes,
    alerts,
    deliveries,
    lead_writes,
    timers,
)
from askwatch.state.alerts import DeliveryRow
from askwatch.state.engine import Database
from tests.contracts.lead_rows import (
    ANNA,
    BO,
    NOW,
    fill,
    make_alert,
    make_delivery,
)


@pytest.fixture
def filled(database: Database) -> Database:
    """Return a database with one lead, its link, and alerts of Anna and Bo."""
    database.write(fill)
    return database


def test_slots_are_counted_and_given_back_when_nothing_was_tried(filled: Database) -> None:
    def slots() -> dict[ExpertId, list[datetime]]:
        since = NOW - timedelta(hours=1)
        return filled.read(lambda tx: dict(alert_writes.list_slots(tx, [ANNA, BO], since=since)))

    reminded_at = NOW + timedelta(minutes=9)
    filled.write(
        lambda tx: alert_writes.update_alert(
            tx, make_alert(), revision=1, now=NOW, reminded_at=reminded_at
        )
    )
    assert slots() == {ANNA: [NOW, reminded_at], BO: [NOW]}
    until = NOW + timedelta(minutes=1)
    filled.write(lambda tx: deliveries.take_lease(tx, make_delivery(ANNA), "w", until=until))
    ids = [make_alert(ANNA).alert_id, make_alert(BO).alert_id]
    filled.write(lambda tx: alert_writes.refund_untried(tx, ids))
    assert set(slots()) == {ANNA}


def test_history_counts_claims_answers_and_alerts(filled: Database) -> None:
    lead = filled.write(lambda tx: lead_writes.claim_lead(tx, LeadId("lead-1"), ANNA, now=NOW))
    assert lead is not None
    assert filled.read(lambda tx: alert_writes.count_open_claims(tx, [ANNA, BO])) == {ANNA: 1}
    filled.write(
        lambda tx: lead_writes.update_lead(
            tx, lead, kind="lead.answered", now=NOW, state=LeadState.ANSWERED, answered_at=NOW
        )
    )
    filled.write(
        lambda tx: alert_writes.update_alert(
            tx, make_alert(), revision=2, now=NOW, notified_at=NOW, state=AlertState.DECLINED,
            decline_reason=DeclineReason.BUSY,
        )
    )  # fmt: skip
    topic = TopicId("identity")
    assert filled.read(alert_writes.count_answers) == {(ANNA, topic): 1}
    assert filled.read(alert_writes.count_told) == {(ANNA, topic): 1}
    assert filled.read(lambda tx: alert_writes.list_told(tx, lead.lead_id)) == {ANNA, BO}
    live = filled.read(lambda tx: alert_writes.list_live(tx, lead.lead_id))
    assert [each.expert_id for each in live] == [BO]


def test_a_delivery_is_taken_by_one_and_unknown_when_its_lease_is_over(filled: Database) -> None:
    def due(now: datetime) -> list[DeliveryRow]:
        return filled.read(lambda tx: deliveries.find_due(tx, Channel.EMAIL, now=now, limit=9))

    row = due(NOW)[0]
    until = NOW + timedelta(minutes=1)
    take = partial(deliveries.take_lease, row=row, until=until)
    mine = filled.write(lambda tx: take(tx, owner="a"))
    assert mine is not None
    assert (mine.attempt, mine.state) == (1, DeliveryState.SENDING)
    assert filled.write(lambda tx: take(tx, owner="b")) is None
    assert row.delivery_id not in {each.delivery_id for each in due(NOW)}
    unknown = {each.delivery_id: each for each in due(until)}[row.delivery_id]
    theirs = filled.write(
        lambda tx: deliveries.take_lease(tx, unknown, "b", until=until + timedelta(minutes=1))
    )
    assert theirs is not None
    assert theirs.message_id == mine.message_id
    end = partial(deliveries.end_attempt, state=DeliveryState.SENT, sent_at=NOW)
    assert not filled.write(lambda tx: end(tx, row=mine))
    assert filled.write(lambda tx: end(tx, row=theirs))
    assert not filled.write(lambda tx: end(tx, row=theirs))
    assert filled.read(lambda tx: deliveries.count_waiting(tx, now=NOW)) == 1


def test_waiting_deliveries_are_cancelled_and_those_over_begin_anew(filled: Database) -> None:
    ids = [AlertId("alert-anna")]
    again = replace(make_delivery(), delivery_id=DeliveryId("d2"), message_id="<new@example.org>")

    def put() -> DeliveryRow | None:
        filled.write(lambda tx: deliveries.put_again(tx, again))
        first = make_delivery().delivery_id
        return filled.read(lambda tx: deliveries.find_delivery(tx, first))

    assert put() == make_delivery()  # it waits: nothing to do
    assert filled.write(lambda tx: deliveries.cancel_waiting(tx, ids)) == 1
    anew = put()
    assert anew is not None
    assert (anew.state, anew.message_id) == (DeliveryState.PENDING, "<new@example.org>")
    notice = replace(again, kind="notice")
    filled.write(lambda tx: deliveries.put_again(tx, notice))
    rows = filled.read(lambda tx: alerts.list_deliveries(tx, ids))
    assert sorted(row.kind for row in rows) == ["alert", "notice"]


def test_a_timer_is_replaced_taken_once_and_dropped_by_kind(filled: Database) -> None:
    lead_id, alert_id = LeadId("lead-1"), AlertId("alert-anna")
    expire = timers.lead_timer(lead_id, TimerKind.EXPIRE, epoch=1, due_at=NOW)
    remind = timers.alert_timer(alert_id, lead_id, TimerKind.REMIND, epoch=1, due_at=NOW)
    assert (expire.alert_id, remind.alert_id) == (None, alert_id)
    later = replace(expire, due_at=NOW + timedelta(minutes=1))

    def due(now: datetime) -> list[timers.TimerRow]:
        return filled.read(lambda tx: timers.find_due(tx, now=now, limit=10))

    filled.write(lambda tx: timers.put_timers(tx, [expire, remind]))
    filled.write(lambda tx: timers.put_timer(tx, later))
    filled.write(lambda tx: timers.put_timers(tx, []))
    assert due(NOW) == [remind]
    assert filled.read(lambda tx: timers.count_due(tx, now=later.due_at)) == 2
    assert not filled.write(lambda tx: timers.take(tx, expire))  # it was put off
    assert filled.write(lambda tx: timers.take(tx, remind))
    assert not filled.write(lambda tx: timers.take(tx, remind))
    assert filled.write(lambda tx: timers.hasten(tx, TimerKind.EXPIRE, now=NOW)) == 1
    assert due(NOW) == [expire]
    filled.write(lambda tx: timers.put_timer(tx, remind))
    filled.write(lambda tx: timers.drop_timers(tx, lead_id, keep=[TimerKind.EXPIRE]))
    assert due(NOW) == [expire]
    filled.write(lambda tx: timers.put_timer(tx, remind))
    filled.write(lambda tx: timers.drop_alert_timers(tx, alert_id, [TimerKind.ALERT_TIMEOUT]))
    assert len(due(NOW)) == 2
    filled.write(lambda tx: timers.drop_alert_timers(tx, alert_id))
    filled.write(lambda tx: timers.drop_timers(tx, lead_id))
    assert due(NOW) == []
