"""Whole transactions: committed, rolled back, retried when busy."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from askwatch.errors import BackendUnavailableError, BadRecordError, BusyError
from askwatch.state import engine
from askwatch.state.engine import Database, Transaction
from askwatch.state.leases import acquire, is_held


def test_times_come_back_in_utc_whatever_zone_they_were_given_in(database: Database) -> None:
    zone = timezone(timedelta(hours=2))
    local = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=zone)
    database.write(lambda tx: acquire(tx, "relay", "a", now=local, duration_s=10.0))
    now = datetime(2026, 3, 2, 10, 0, 10, tzinfo=UTC)
    assert database.read(lambda tx: is_held(tx, "relay", epoch=1, now=now))
    late = now + timedelta(seconds=0.2)
    assert not database.read(lambda tx: is_held(tx, "relay", epoch=1, now=late))


def test_a_time_without_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 3, 2, 12, 0)  # noqa: DTZ001 - what is tested
    with pytest.raises(StatementError, match="without zone"):
        database.write(lambda tx: acquire(tx, "relay", "a", now=naive, duration_s=1.0))


def test_a_database_answers_its_check(database: Database) -> None:
    database.check()


def test_a_missing_table_says_what_to_run(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(BackendUnavailableError, match="askwatch migrate"):
        database.read(lambda tx: tx.execute(text("SELECT * FROM leads")).all())
    database.close()


def test_a_database_that_is_away_is_unavailable() -> None:
    database = Database("postgresql://askwatch@127.0.0.1:1/postgres")
    with pytest.raises(BackendUnavailableError, match="database does not answer"):
        database.check()
    database.close()


def test_a_locked_file_is_busy_and_the_transaction_runs_again(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0.05)
    impatient = Database(f"sqlite:///{tmp_path / 'state.db'}")
    blocker = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(engine, "RETRY_WHOLE_FOR_S", 0.3)
    with pytest.raises(BusyError):
        impatient.write(_write_nothing)
    blocker.execute("COMMIT")
    impatient.write(_write_nothing)
    blocker.close()
    impatient.close()


def _write_nothing(transaction: Transaction) -> None:
    transaction.execute(text("SELECT 1"))


@pytest.mark.postgres
@pytest.mark.parametrize("name", ["a\0b", "n" * 101])
def test_a_value_that_cannot_be_held_is_a_bad_record(
    postgres_database: Database, name: str
) -> None:
    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    with pytest.raises(BadRecordError, match="cannot hold a value") as refused:
        postgres_database.write(lambda tx: acquire(tx, name, "a", now=now, duration_s=1.0))
    assert name not in str(refused.value)
