"""The file behind the embedded index: connections, snapshots and short writing transactions."""

import queue
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from askwatch.errors import BackendUnavailableError, BusyError

T = TypeVar("T")

# Our own transactions take below 50 ms; waiting longer means that somebody holds the file.
_BUSY_TIMEOUT_S = 5.0
_RETRY_WHOLE_FOR_S = 20.0
_BACKEND = "the index"


class SqliteFile:
    """An opened file. Thread-safe; every call borrows a connection of its own."""

    def __init__(
        self,
        path: Path,
        *,
        busy_timeout_s: float = _BUSY_TIMEOUT_S,
        retry_whole_for_s: float = _RETRY_WHOLE_FOR_S,
    ) -> None:
        self._path = path
        self._busy_timeout_s, self._retry_whole_for_s = busy_timeout_s, retry_whole_for_s
        self._idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on one snapshot and return what it returns; it must not write."""
        return self._run(work, "BEGIN")

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in one immediate transaction, all of it again when the file was busy.

        Raises:
            BackendUnavailableError: The file cannot be used.
            BusyError: Still locked after many tries.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(BusyError),
            stop=stop_after_delay(self._retry_whole_for_s),
            wait=wait_random_exponential(multiplier=0.01, max=0.5),
            reraise=True,
        )
        result: T = retrying(self._run, work, "BEGIN IMMEDIATE")
        return result

    def close(self) -> None:
        """Close the connections that nobody has borrowed."""
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _run(self, work: Callable[[sqlite3.Connection], T], begin: str) -> T:
        with _translated():
            connection = self._borrow()
            try:
                connection.execute(begin)
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                # Closing rolls back, whatever state an error has left the connection in.
                connection.close()
                raise
            self._idle.put(connection)
            return result

    def _borrow(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return _connect(self._path, self._busy_timeout_s)


def _connect(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        # The index can be rebuilt; a power cut may take the last writes, a killed process none.
        connection.execute("PRAGMA synchronous=NORMAL")
        # Erased text must not stay readable in free pages.
        connection.execute("PRAGMA secure_delete=ON")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _translated() -> Iterator[None]:
    """Turn errors of SQLite into ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise BusyError("the index is locked by another process") from error
        if "no such table" in str(error):
            reason = f"{error}: it was never made, or is being replaced"
            raise BackendUnavailableError(_BACKEND, reason) from error
        raise BackendUnavailableError(_BACKEND, str(error)) from error
    except sqlite3.DatabaseError as error:
        raise BackendUnavailableError(_BACKEND, str(error)) from error
