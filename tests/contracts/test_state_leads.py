"""What the rows of leads, alerts, deliveries and timers promise, on every database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError

from askwatch.errors import BusyError
from askwatch.events import EventRecord
from askwatch.model.alert import AlertState, Channel, DeclineReason, DeliveryState, TimerKind
from askwatch.model.ids import AlertId, DeliveryId, ExpertId, LeadId, PostId, SourceId, TopicId
from askwatch.model.lead import Entity, Intent, Lane, LeadState, Outcome, Reason, TopicScore
from askwatch.state import (
    alert_writes,
    alerts,
    bands,
    deliveries,
    lead_writes,
    leads,
    outbox,
    timers,
)
from askwatch.state.alerts import AlertRow, DeliveryRow
from askwatch.state.company_version import find_version
from askwatch.state.engine import Database, Transaction
from askwatch.state.leads import LeadLinkRow, LeadRow
from askwatch.state.locks import lock_planning

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
FEED, POST = SourceId("feed"), PostId("1")
ANNA, BO = ExpertId("anna"), ExpertId("bo")


def make_lead(number: int = 1, **changes: object) -> LeadRow:
    lead = LeadRow(
        lead_id=LeadId(f"lead-{number}"),
        state=LeadState.ALERTING,
        epoch=1,
        revision=1,
        lane=Lane.ALERT,
        intent=Intent.VENDOR_REQUEST,
        probability=0.9,
        b2b_probability=0.8,
        lang="da",
        topic_id=TopicId("identity"),
        topics=(TopicScore(topic_id=TopicId("identity"), probability=0.9),),
        entities=(Entity(kind="place", text="Århus", start=0, end=5),),
        reasons=(Reason(kind="ask", text="nogen der", start=0, end=9, weight=1.5),),
        urgency="normal",
        value=0.5,
        model="m1",
        source_id=FEED,
        post_id=PostId(str(number)),
        post_revision=1,
        title="Titel",
        text="Nogen der kender Keycloak?",
        url="https://example.org/1",
        author_name="Ida",
        author_url="",
        author_hash="hash-1",
        place="",
        published_at=NOW,
        observed_at=NOW,
        found_at=NOW + timedelta(seconds=number),
        handed_in_by=None,
        rung=1,
        owner_id=None,
        claimed_at=None,
        answered_at=None,
        answer_url="",
        disclosed="",
        disclosure_reason="",
        outcome=None,
        final_reason="",
        first_alerted_at=None,
        expires_at=NOW + timedelta(hours=48),
        closed_at=None,
        updated_at=NOW,
    )
    return replace(lead, **changes)  # type: ignore[arg-type]  # fields by name


def make_link(number: int = 1, post_id: str = "1") -> LeadLinkRow:
    return LeadLinkRow(
        source_id=FEED,
        post_id=PostId(post_id),
        lead_id=LeadId(f"lead-{number}"),
        url="https://example.org/1",
        author_hash="hash-1",
        post_revision=1,
        published_at=NOW,
        linked_at=NOW,
        is_withdrawn=False,
    )


def make_alert(expert_id: ExpertId = ANNA, **changes: object) -> AlertRow:
    alert = AlertRow(
        alert_id=AlertId(f"alert-{expert_id}"),
        lead_id=LeadId("lead-1"),
        expert_id=expert_id,
        state=AlertState.QUEUED,
        rung=1,
        epoch=1,
        score=0.5,
        terms={"topic_fit": 0.5},
        because=[{"kind": "skill", "values": ["Keycloak"]}],
        propensity=1.0,
        policy_version=1,
        model="start-1",
        local_day=date(2026, 3, 2),
        planned_at=NOW,
        notified_at=None,
        seen_at=None,
        reminded_at=None,
        snoozed_until=None,
        closed_at=None,
        decline_reason=None,
    )
    return replace(alert, **changes)  # type: ignore[arg-type]  # fields by name


def make_delivery(expert_id: ExpertId = ANNA, channel: Channel = Channel.EMAIL) -> DeliveryRow:
    return DeliveryRow(
        delivery_id=DeliveryId(f"d-{expert_id}-{channel}"),
        alert_id=AlertId(f"alert-{expert_id}"),
        lead_id=LeadId("lead-1"),
        expert_id=expert_id,
        channel=channel,
        kind="alert",
        state=DeliveryState.PENDING,
        epoch=1,
        attempt=0,
        due_at=NOW,
        lease_owner="",
        lease_until=None,
        message_id=f"<{expert_id}-{channel}@example.org>",
        error="",
        created_at=NOW,
        sent_at=None,
    )


@pytest.fixture
def filled(database: Database) -> Database:
    """Return a database with one lead, its link, and alerts of Anna and Bo."""

    def fill(transaction: Transaction) -> None:
        lock_planning(transaction)
        lead_writes.insert_lead(transaction, make_lead(), kind="lead.created", now=NOW)
        lead_writes.insert_link(transaction, make_link())
        rows = [make_alert(ANNA), make_alert(BO)]
        alert_writes.insert_alerts(transaction, rows, revision=1, now=NOW)
        alert_writes.insert_alerts(transaction, [], revision=1, now=NOW)
        deliveries.insert_deliveries(transaction, [make_delivery(ANNA), make_delivery(BO)])
        deliveries.insert_deliveries(transaction, [])

    database.write(fill)
    return database


def events(database: Database) -> list[EventRecord]:
    rows = database.read(lambda tx: outbox.take_unsent(tx, limit=100))
    return [EventRecord.from_bytes(row.value) for row in rows]


def read_lead(database: Database) -> LeadRow:
    return database.read(lambda tx: leads.find_lead(tx, LeadId("lead-1")))


def test_rows_come_back_as_they_were_written(filled: Database) -> None:
    assert read_lead(filled) == make_lead()
    assert filled.read(lambda tx: alerts.find_alert(tx, LeadId("lead-1"), ANNA)) == make_alert()
    assert filled.read(lambda tx: leads.find_by_post(tx, FEED, POST)) == make_link()
    found = filled.read(lambda tx: deliveries.find_delivery(tx, make_delivery().delivery_id))
    assert found == make_delivery()
    assert filled.read(leads.count_by_state) == {"alerting": 1}
    assert filled.read(alerts.count_alerts_by_state) == {"queued": 2}
    assert filled.read(alerts.count_deliveries_by_state) == {"pending": 2}
    assert filled.read(lambda tx: alert_writes.get_alert(tx, AlertId("nope"))) is None
    assert filled.read(lambda tx: deliveries.find_delivery(tx, DeliveryId("nope"))) is None


def test_leads_are_listed_by_page_change_owner_and_id(filled: Database) -> None:
    def read(work: Callable[[Transaction], list[LeadRow]]) -> list[str]:
        return [lead.lead_id for lead in filled.read(work)]

    filled.write(lambda tx: lead_writes.claim_lead(tx, LeadId("lead-1"), ANNA, now=NOW))
    assert read(lambda tx: leads.list_page(tx, after=LeadId(""), limit=5)) == ["lead-1"]
    assert read(lambda tx: leads.list_page(tx, after=LeadId("lead-1"), limit=5)) == []
    assert read(lambda tx: leads.list_changed_since(tx, NOW)) == ["lead-1"]
    assert read(lambda tx: leads.list_changed_since(tx, NOW + timedelta(1))) == []
    assert read(lambda tx: leads.find_leads(tx, [LeadId("lead-1"), LeadId("x")])) == ["lead-1"]
    states = [LeadState.CLAIMED]
    assert read(lambda tx: leads.list_owned(tx, ANNA, states=states)) == ["lead-1"]
    waiting = filled.read(lambda tx: alerts.list_for_expert(tx, ANNA, states=[AlertState.QUEUED]))
    assert [each.expert_id for each in waiting] == [ANNA]


def test_every_change_grows_the_revision_and_leaves_a_fact(filled: Database) -> None:
    lead = read_lead(filled)
    after = filled.write(
        lambda tx: lead_writes.update_lead(
            tx, lead, kind="lead.changed", now=NOW, topics=(), outcome=Outcome.WON
        )
    )
    assert after == read_lead(filled)
    assert (after.revision, after.topics, after.outcome) == (2, (), Outcome.WON)
    facts = [(each.kind, each.revision) for each in events(filled)]
    assert facts == [
        ("lead.created", 1),
        ("alert.queued", 1),
        ("alert.queued", 1),
        ("lead.changed", 2),
    ]


def test_a_lead_that_changed_meanwhile_is_not_overwritten(filled: Database) -> None:
    old = read_lead(filled)
    filled.write(lambda tx: lead_writes.update_lead(tx, old, kind="x", now=NOW, rung=2))

    def overwrite(transaction: Transaction) -> None:
        with pytest.raises(BusyError):
            lead_writes.update_lead(transaction, old, kind="x", now=NOW, rung=3)
        gone = make_alert(state=AlertState.NOTIFIED)
        with pytest.raises(BusyError):
            alert_writes.update_alert(transaction, gone, revision=1, now=NOW, seen_at=NOW)

    filled.write(overwrite)
    assert read_lead(filled).rung == 2


def test_one_claim_wins(filled: Database) -> None:
    claim = partial(lead_writes.claim_lead, lead_id=LeadId("lead-1"), now=NOW)
    won = filled.write(lambda tx: claim(tx, expert_id=ANNA))
    assert won is not None
    assert (won.owner_id, won.state, won.epoch) == (ANNA, LeadState.CLAIMED, 2)
    assert filled.write(lambda tx: claim(tx, expert_id=BO)) is None


def test_the_schema_itself_refuses_two_owners(filled: Database) -> None:
    def accept_both(transaction: Transaction) -> None:
        for expert_id in (ANNA, BO):
            alert_writes.update_alert(
                transaction,
                make_alert(expert_id),
                revision=1,
                now=NOW,
                state=AlertState.ACCEPTED,
            )

    with pytest.raises(IntegrityError):
        filled.write(accept_both)
    lead = read_lead(filled)
    with pytest.raises(IntegrityError):
        filled.write(lambda tx: lead_writes.update_lead(tx, lead, kind="x", now=NOW, owner_id=BO))


def test_an_expert_has_one_alert_about_a_lead(filled: Database) -> None:
    again = make_alert(ANNA, alert_id=AlertId("other"))
    with pytest.raises(IntegrityError):
        filled.write(lambda tx: alert_writes.insert_alerts(tx, [again], revision=1, now=NOW))


def test_a_withdrawn_link_leads_nowhere(filled: Database) -> None:
    filled.write(
        lambda tx: lead_writes.update_link(
            tx, FEED, POST, post_revision=2, url="https://example.org/2", author_hash="hash-2"
        )
    )
    (link,) = filled.read(lambda tx: leads.list_links(tx, LeadId("lead-1")))
    assert (link.post_revision, link.author_hash) == (2, "hash-2")
    of_author = partial(lead_writes.list_links_of_author, source_id=FEED, author_hash="hash-2")
    assert filled.read(of_author) == [link]
    filled.write(lambda tx: lead_writes.withdraw_link(tx, link))
    assert filled.read(of_author) == []
    assert filled.read(lambda tx: leads.find_by_post(tx, FEED, POST)) is None
    (gone,) = filled.read(lambda tx: leads.list_links(tx, LeadId("lead-1")))
    assert (gone.is_withdrawn, gone.url, gone.author_hash) == (True, "", "")
    filled.write(lambda tx: lead_writes.lock_leads(tx, {LeadId("lead-1"), LeadId("nope")}))


def test_copies_are_found_by_any_shared_band_of_an_open_lead(filled: Database) -> None:
    lead_id = LeadId("lead-1")
    filled.write(lambda tx: bands.put_bands(tx, lead_id, ("b1", "b2", "b1"), now=NOW))
    filled.write(lambda tx: bands.put_bands(tx, lead_id, ("b2",), now=NOW))
    filled.write(lambda tx: bands.put_bands(tx, lead_id, (), now=NOW))

    def find(*signature: str, since: datetime = NOW) -> LeadId | None:
        return filled.read(lambda tx: bands.find_copy(tx, signature, since=since))

    assert find("b2", "b9") == lead_id
    assert find("b9") is None
    assert find() is None
    assert find("b2", since=NOW + timedelta(seconds=1)) is None
    filled.write(lambda tx: bands.drop_bands(tx, lead_id))
    assert find("b2") is None


def test_a_tombstone_keeps_the_newest_revision(database: Database) -> None:
    for revision in (2, 5, 3):
        database.write(
            partial(bands.put_tombstone, source_id=FEED, post_id=POST, revision=revision, now=NOW)
        )
    assert database.read(lambda tx: bands.find_tombstone(tx, FEED, POST)) == 5
    assert database.read(lambda tx: bands.find_tombstone(tx, FEED, PostId("2"))) == 0
    later = NOW + timedelta(days=1)
    assert database.write(lambda tx: bands.drop_tombstones(tx, before=later)) == 1


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


def test_a_changed_company_has_another_version(database: Database) -> None:
    from askwatch.state import policies

    before = database.read(find_version)
    assert database.read(find_version) == before
    database.write(lambda tx: policies.put_policy(tx, "routing", {"a": 1}, now=NOW))
    assert database.read(find_version) != before
