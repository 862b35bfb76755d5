"""What only the embedded index must do: share its file, forget, and say what is wrong with it."""

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from askwatch.clock import SystemClock
from askwatch.errors import BackendUnavailableError, BusyError
from askwatch.model.ids import LeadId
from askwatch.search.query import LeadDocument, LeadQuery
from askwatch.search.sqlite import SqliteIndex
from askwatch.search.sqlite_file import SqliteFile
from tests.contracts.indexes import find, make_document


def open_index(path: Path) -> SqliteIndex:
    index = SqliteIndex(path / "search.db", clock=SystemClock())
    index.ensure()
    return index


def read_bytes(path: Path) -> bytes:
    """Return the file's content with everything that is still in its log."""
    with closing(sqlite3.connect(path / "search.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (path / "search.db").read_bytes()


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path / "search.db")) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'leads_v_'")
        return {name for (name,) in rows}


def test_an_erased_text_leaves_the_file_with_its_words(tmp_path: Path) -> None:
    index = open_index(tmp_path)
    index.put([make_document(str(number), f"almindelig tekst {number}") for number in range(300)])
    index.put([make_document("secret", "Qzxhemmeligt wvyandet")])
    assert b"qzxhem" in read_bytes(tmp_path).lower()
    index.put([LeadDocument(lead_id=LeadId("secret"), revision=2, state="withdrawn")])
    for number in range(10):
        index.put([make_document(f"later {number}", "noget nyt")])
    content = read_bytes(tmp_path).lower()
    # Stems that share their beginning are kept without it.
    assert b"zxhem" not in content
    assert b"vyand" not in content
    assert find(index, "almindelig", limit=1) != []
    index.close()


def test_a_change_of_state_leaves_the_words_alone(tmp_path: Path) -> None:
    index = open_index(tmp_path)
    index.put([make_document("1", "revisor")])
    with closing(sqlite3.connect(tmp_path / "search.db")) as connection:
        query = "SELECT id, block FROM words_v1_data ORDER BY id"
        before = connection.execute(query).fetchall()
        index.put([make_document("1", "revisor", state="claimed", revision=2)])
        assert connection.execute(query).fetchall() == before
    index.close()


def test_processes_that_write_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    open_index(tmp_path).close()
    barrier = threading.Barrier(4)

    def write(number: int) -> None:
        index = SqliteIndex(tmp_path / "search.db", clock=SystemClock())
        barrier.wait()
        for start in range(0, 200, 20):
            index.put([make_document(f"{number}-{start + each}", "crm") for each in range(20)])
            index.search(LeadQuery(text="crm", with_facets=True))
        index.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    index = open_index(tmp_path)
    assert index.count() == 800
    index.close()


def test_a_rebuild_killed_in_the_middle_is_cleared_away_by_the_next(tmp_path: Path) -> None:
    index = open_index(tmp_path)
    index.put([make_document("1", "revisor")])
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from askwatch.clock import SystemClock; from askwatch.search.sqlite import SqliteIndex\n"
        "from askwatch.search.query import LeadDocument\n"
        "index = SqliteIndex(Path(sys.argv[1]) / 'search.db', clock=SystemClock())\n"
        "version = index.begin_rebuild()\n"
        "index.put_rebuild(version, [LeadDocument(lead_id='x', revision=1, state='new')])\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=Path(__file__).parents[3],
        timeout=60,
        check=False,
    )
    assert tables(tmp_path) == {"leads_v1", "leads_v2"}
    index.put([make_document("2", "revisor")])
    version = index.begin_rebuild()
    assert tables(tmp_path) == {"leads_v1", "leads_v3"}
    index.put_rebuild(version, [make_document("1", "revisor"), make_document("2", "revisor")])
    index.finish_rebuild(version)
    assert find(index, "revisor") == ["1", "2"]
    assert tables(tmp_path) == {"leads_v3"}
    index.close()


def test_a_version_that_a_dead_process_was_dropping_goes_at_the_next_start(tmp_path: Path) -> None:
    index = open_index(tmp_path)
    index.begin_rebuild()
    with closing(sqlite3.connect(tmp_path / "search.db")) as connection, connection:
        connection.execute("UPDATE versions SET state = 'dropped' WHERE number = 2")
        connection.execute("DROP TABLE words_v2")
    index.ensure()
    assert tables(tmp_path) == {"leads_v1"}
    index.close()


def test_an_index_never_made_is_told_from_an_empty_one(tmp_path: Path) -> None:
    index = SqliteIndex(tmp_path / "search.db", clock=SystemClock())
    for call in (index.check, index.count, lambda: index.put([make_document("1")])):
        with pytest.raises(BackendUnavailableError, match="never made"):
            call()
    index.close()


def test_an_index_without_a_live_version_says_so(tmp_path: Path) -> None:
    index = open_index(tmp_path)
    with closing(sqlite3.connect(tmp_path / "search.db")) as connection, connection:
        connection.execute("DELETE FROM versions")
    for call in (index.check, lambda: index.put([make_document("1")])):
        with pytest.raises(BackendUnavailableError, match="no live version"):
            call()
    index.close()


def test_a_file_that_cannot_be_used_is_named_unavailable(tmp_path: Path) -> None:
    missing = SqliteIndex(tmp_path / "no folder" / "search.db", clock=SystemClock())
    with pytest.raises(BackendUnavailableError, match="unable to open"):
        missing.ensure()
    (tmp_path / "other.db").write_bytes(b"this is no database at all" * 100)
    other = SqliteIndex(tmp_path / "other.db", clock=SystemClock())
    with pytest.raises(BackendUnavailableError, match="not a database"):
        other.ensure()


def test_a_locked_file_is_busy_and_then_written(tmp_path: Path) -> None:
    open_index(tmp_path).close()
    path = tmp_path / "search.db"
    file = SqliteFile(path, busy_timeout_s=0.01, retry_whole_for_s=0.1)
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError):
            file.write(lambda connection: connection.execute("DELETE FROM versions"))
        holder.execute("ROLLBACK")
        file.write(lambda connection: connection.execute("UPDATE versions SET created_at = ''"))
    file.close()


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    open_index(tmp_path).close()
    file = SqliteFile(tmp_path / "search.db")

    def delete_and_fail(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM versions")
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        file.write(delete_and_fail)
    rows = file.read(lambda connection: connection.execute("SELECT * FROM versions").fetchall())
    assert len(rows) == 1
    file.close()
