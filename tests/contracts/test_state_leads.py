"""What the rows of leads, alerts, deliveries and timers promise, on every database."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError

from askwatch.errors import BusyError
from askwatch.events import EventRecord
from askwatch.model.alert import AlertState
from askwatch.model.ids import AlertId, DeliveryId, LeadId, PostId
from askwatch.model.lead import LeadState, Outcome
from askwatch.state import (
    alert_writes,
    alerts,
    bands,
    deliveries,
    lead_writes,
    leads,
    outbox,
)
from askwatch.state.company_version import find_version
from askwatch.state.engine import Database, Transaction
from askwatch.state.leads import LeadRow
from tests.contracts.lead_rows import (
    ANNA,
    BO,
    FEED,
    NOW,
    POST,
    fill,
    make_alert,
    make_delivery,
    make_lead,
    make_link,
)


@pytest.fixture
def filled(database: Database) -> Database:
    """Return a database with one lead, its link, and alerts of Anna and Bo."""
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

    def find(*signature: str, since: datetime = NOW) -> list[LeadId]:
        return filled.read(lambda tx: bands.find_copies(tx, signature, since=since))

    assert find("b2", "b9") == find("b9", "b2") == [lead_id]
    assert find("b9") == []
    assert find() == []
    assert find("b2", since=NOW + timedelta(seconds=1)) == []
    filled.write(lambda tx: bands.drop_bands(tx, lead_id))
    assert find("b2") == []


def test_a_tombstone_keeps_the_newest_revision(database: Database) -> None:
    for revision in (2, 5, 3):
        database.write(
            partial(bands.put_tombstone, source_id=FEED, post_id=POST, revision=revision, now=NOW)
        )
    assert database.read(lambda tx: bands.find_tombstone(tx, FEED, POST)) == 5
    assert database.read(lambda tx: bands.find_tombstone(tx, FEED, PostId("2"))) == 0
    later = NOW + timedelta(days=1)
    assert database.write(lambda tx: bands.drop_tombstones(tx, before=later)) == 1


def test_a_changed_company_has_another_version(database: Database) -> None:
    from askwatch.state import policies

    before = database.read(find_version)
    assert database.read(find_version) == before
    database.write(lambda tx: policies.put_policy(tx, "routing", {"a": 1}, now=NOW))
    assert database.read(find_version) != before
