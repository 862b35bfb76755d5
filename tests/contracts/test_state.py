"""What the small repositories promise, on every database."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from askwatch.bus.base import Record
from askwatch.clock import ManualClock
from askwatch.errors import NotFoundError
from askwatch.events import EventRecord
from askwatch.model.ids import EventId
from askwatch.state import audit, dead_letters, handled, leases, outbox, processes, suppression
from askwatch.state.engine import Database, Transaction

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def make_event(number: int) -> EventRecord:
    return EventRecord(
        event_id=EventId(f"event-{number}"), kind="lead.created", at=NOW, lead_id="lead-1"
    )


def make_record(offset: int = 7) -> Record:
    return Record(
        stream="posts",
        partition=2,
        offset=offset,
        key="feed/1",
        value=b'{"broken',
        headers={"schema": "post/1"},
        appended_at=NOW,
    )


def test_an_event_is_new_only_once_for_each_group(database: Database) -> None:
    note = partial(handled.note, event_id="e1", now=NOW)
    assert database.write(lambda tx: note(tx, "router"))
    assert not database.write(lambda tx: note(tx, "router"))
    assert database.write(lambda tx: note(tx, "index"))


def test_notes_are_forgotten_after_their_time(database: Database) -> None:
    database.write(lambda tx: handled.note(tx, "router", "e1", now=NOW))
    later = NOW + timedelta(days=1)
    assert database.write(lambda tx: handled.forget(tx, before=later)) == 1
    assert database.write(lambda tx: handled.note(tx, "router", "e1", now=NOW))


def test_what_was_rolled_back_was_never_noted(database: Database) -> None:
    def fail(transaction: Transaction) -> None:
        handled.note(transaction, "router", "e1", now=NOW)
        raise NotFoundError("lead", "1")

    with pytest.raises(NotFoundError):
        database.write(fail)
    assert database.write(lambda tx: handled.note(tx, "router", "e1", now=NOW))


def test_facts_leave_the_outbox_in_their_order_and_once(database: Database) -> None:
    for number in (1, 2, 1):
        event = make_event(number)
        database.write(partial(outbox.add_event, event=event, now=NOW))
    rows = database.read(lambda tx: outbox.take_unsent(tx, limit=10))
    assert [EventRecord.from_bytes(row.value).event_id for row in rows] == ["event-1", "event-2"]
    assert {row.key for row in rows} == {"lead-1"}
    first = [rows[0].outbox_id]
    database.write(lambda tx: outbox.mark_sent(tx, first, now=NOW))
    assert database.read(outbox.count_unsent) == 1
    (left,) = database.read(lambda tx: outbox.take_unsent(tx, limit=10))
    assert left.outbox_id == rows[1].outbox_id


def test_sent_facts_are_dropped_after_their_time(database: Database) -> None:
    database.write(lambda tx: outbox.add_event(tx, make_event(1), now=NOW))
    (row,) = database.read(lambda tx: outbox.take_unsent(tx, limit=10))
    later = NOW + timedelta(hours=1)
    assert database.write(lambda tx: outbox.drop_sent(tx, before=later)) == 0
    database.write(lambda tx: outbox.mark_sent(tx, [row.outbox_id], now=NOW))
    assert database.write(lambda tx: outbox.drop_sent(tx, before=later)) == 1


def test_a_lease_has_one_owner_at_a_time(database: Database, clock: ManualClock) -> None:
    def acquire(owner: str) -> int | None:
        now = clock.now()
        return database.write(
            lambda tx: leases.acquire(tx, "relay", owner, now=now, duration_s=10.0)
        )

    assert acquire("a") == 1
    assert acquire("b") is None
    clock.advance(8.0)
    assert acquire("a") == 1
    clock.advance(8.0)
    assert acquire("b") is None
    clock.advance(3.0)
    assert acquire("b") == 2
    assert acquire("a") is None


def test_an_old_epoch_does_not_hold_the_lease(database: Database, clock: ManualClock) -> None:
    start = clock.now()
    database.write(lambda tx: leases.acquire(tx, "relay", "a", now=start, duration_s=10.0))
    clock.advance(11.0)
    now = clock.now()
    database.write(lambda tx: leases.acquire(tx, "relay", "b", now=now, duration_s=10.0))
    assert not database.read(lambda tx: leases.is_held(tx, "relay", epoch=1, now=now))
    assert database.read(lambda tx: leases.is_held(tx, "relay", epoch=2, now=now))


def test_a_released_lease_is_free_at_once(database: Database) -> None:
    database.write(lambda tx: leases.acquire(tx, "relay", "a", now=NOW, duration_s=10.0))
    database.write(lambda tx: leases.release(tx, "relay", "a", now=NOW))
    assert database.write(lambda tx: leases.acquire(tx, "relay", "b", now=NOW, duration_s=10.0))


def test_suppressed_authors_are_found(database: Database) -> None:
    for _ in range(2):
        database.write(lambda tx: suppression.add(tx, "hash-1", "opt_out", now=NOW))
    found = database.read(lambda tx: suppression.find_suppressed(tx, ["hash-1", "hash-2", ""]))
    assert found == {"hash-1"}
    assert database.read(lambda tx: suppression.is_suppressed(tx, "hash-1"))
    assert not database.read(lambda tx: suppression.is_suppressed(tx, ""))
    assert database.read(lambda tx: suppression.find_suppressed(tx, [])) == set()


def test_the_audit_lists_the_newest_first(database: Database) -> None:
    for action in ("source.pause", "source.resume"):
        entry = audit.AuditEntry(
            at=NOW, actor="cli", action=action, object_id="feed", detail={"reason": "test"}
        )
        database.write(partial(audit.note, entry=entry))
    entries = database.read(lambda tx: audit.list_entries(tx, object_id="feed"))
    assert [entry.action for entry in entries] == ["source.resume", "source.pause"]
    assert database.read(lambda tx: audit.list_entries(tx, object_id="other")) == []
    assert len(database.read(audit.list_entries)) == 2


def test_a_process_is_one_row_however_often_it_beats(database: Database) -> None:
    row = processes.ProcessRow(
        instance="nlp-host-1", name="nlp", host="host", pid=1, state="running",
        started_at=NOW, beat_at=NOW, stats={"handled": 3},
    )  # fmt: skip
    later = row.model_copy(update={"beat_at": NOW + timedelta(seconds=5), "state": "stopped"})
    for each in (row, later):
        database.write(partial(processes.put_process, row=each))
    assert database.read(processes.list_processes) == [later]
    after = NOW + timedelta(minutes=1)
    assert database.write(lambda tx: processes.drop_processes(tx, before=after)) == 1


def test_a_dead_letter_is_kept_once_replayed_and_dropped(database: Database) -> None:
    identity = ""
    for _ in range(2):
        identity = database.write(
            lambda tx: dead_letters.add(
                tx, make_record(), group="nlp", reason="broken", trace="Trace", now=NOW
            )
        )
    (letter,) = database.read(dead_letters.list_letters)
    assert (letter.dead_letter_id, letter.value, letter.offset) == (identity, b'{"broken', 7)
    assert database.read(dead_letters.count_open) == 1
    database.write(lambda tx: dead_letters.mark_replayed(tx, identity, now=NOW))
    assert database.read(dead_letters.list_letters) == []
    database.write(lambda tx: dead_letters.drop(tx, identity, now=NOW))
    dropped = database.read(lambda tx: dead_letters.find(tx, identity))
    assert (dropped.state, dropped.value, dropped.reason) == ("dropped", b"", "broken")


def test_an_unknown_dead_letter_is_an_error(database: Database) -> None:
    with pytest.raises(NotFoundError, match="no dead letter 'nope'"):
        database.write(lambda tx: dead_letters.drop(tx, "nope", now=NOW))
