"""Opens the relational database and runs whole transactions against it."""

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

import orjson
import psycopg.errors
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from askwatch.errors import BackendUnavailableError, BadRecordError, BusyError

# What repositories and stages call it: a connection inside a transaction.
Transaction = Connection
T = TypeVar("T")

# Longer than any transaction of ours may take (50 ms) by far, shorter than people wait.
BUSY_TIMEOUT_S = 5.0
RETRY_WHOLE_FOR_S = 20.0


class Database:
    """An opened database. Thread-safe; every call borrows a connection of its own."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _open_sqlite(url) if self.is_sqlite else _open_postgres(url)

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` on one snapshot and return what it returns; it must not write."""
        return self._run(work, begin="BEGIN" if self.is_sqlite else "")

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in one transaction, commit, and return what it returns.

        The whole of `work` runs again when the database was busy or chose it as the victim of a
        deadlock, so it must have no effect outside the transaction and never span other I/O.

        Raises:
            BackendUnavailableError: The database does not answer. Whether a commit in flight took
                effect is then unknown; callers repeat, and event ids make that harmless.
            BusyError: Still locked after many tries.
            BadRecordError: A value that PostgreSQL cannot hold, e.g. with a NUL character.
        """
        return self._run(work, begin="BEGIN IMMEDIATE" if self.is_sqlite else "")

    def check(self) -> None:
        """Raise BackendUnavailableError unless the database answers."""
        self.read(_select_one)

    def close(self) -> None:
        self.engine.dispose()

    def _run(self, work: Callable[[Transaction], T], *, begin: str) -> T:
        retrying = Retrying(
            retry=retry_if_exception_type(BusyError),
            stop=stop_after_delay(RETRY_WHOLE_FOR_S),
            wait=wait_random_exponential(multiplier=0.01, max=0.5),
            reraise=True,
        )
        result: T = retrying(self._run_once, work, begin)
        return result

    def _run_once(self, work: Callable[[Transaction], T], begin: str) -> T:
        try:
            with self.engine.connect() as connection:
                if begin:
                    connection.exec_driver_sql(begin)
                result = work(connection)
                connection.commit()
                return result
        except (OperationalError, InterfaceError) as error:
            raise _translate(error) from error
        except DBAPIError as error:
            if isinstance(error.orig, psycopg.errors.SerializationFailure):
                raise BusyError("the database asked to run the transaction again") from error
            if isinstance(error.orig, psycopg.DataError):
                raise BadRecordError(
                    f"the database cannot hold a value of it ({type(error.orig).__name__}): "
                    "it has a NUL character, or is too long or too large"
                ) from error
            raise


def _select_one(transaction: Transaction) -> None:
    transaction.execute(text("SELECT 1"))


def _translate(error: DBAPIError) -> Exception:
    original = error.orig
    if isinstance(original, sqlite3.OperationalError):
        if original.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return BusyError("the database is locked by another process")
        if "no such table" in str(original):
            return BackendUnavailableError("database", f"{original}: run 'askwatch migrate' first")
        return BackendUnavailableError("database", str(original))
    if isinstance(original, psycopg.errors.DeadlockDetected):
        return BusyError("the database broke a deadlock")
    return BackendUnavailableError("database", str(original).strip())


def _open_sqlite(url: str) -> Engine:
    engine = create_engine(
        url,
        json_serializer=_dump_json,
        json_deserializer=orjson.loads,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
        pool_size=5,
        max_overflow=45,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        # We say BEGIN ourselves: the driver would begin a reading transaction and upgrade it
        # later, which fails at once with "database is locked".
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # erased text must not stay readable in free pages
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _open_postgres(url: str) -> Engine:
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        json_serializer=_dump_json,
        json_deserializer=orjson.loads,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=20,
        connect_args={"connect_timeout": 5, "options": "-c lock_timeout=10s"},
    )


def _dump_json(value: Any) -> str:
    return orjson.dumps(value).decode()
