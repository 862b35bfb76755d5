"""The embedded index: FTS5 in one SQLite file that several processes share."""

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from askwatch.clock import Clock
from askwatch.errors import BackendUnavailableError, FencedError
from askwatch.model.ids import LeadId
from askwatch.search.query import LeadDocument, LeadPage, LeadQuery
from askwatch.search.question import Found, Question, make_page, prepare
from askwatch.search.sqlite_file import SqliteFile
from askwatch.search.sqlite_query import count_facets, count_hits, find_hits
from askwatch.search.sqlite_version import (
    Version,
    create_tables,
    delete_documents,
    merge_words,
    write_documents,
)
from askwatch.search.stored import StoredDocument, newest, store

# Documents in one writing transaction, which so stays below 50 ms.
_BATCH = 50
_DELETE_BATCH = 200

_LIVE, _BUILDING, _DROPPED = "live", "building", "dropped"
# Numbers are never given out twice, so that a late process cannot mistake one version for another.
# `wants_merge` says that words were removed since the last merge of the inverted index began.
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS versions (number INTEGER PRIMARY KEY AUTOINCREMENT, "
    "state TEXT NOT NULL, wants_merge INTEGER NOT NULL DEFAULT 0, "
    "is_merging INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL)"
)
# Steps of some milliseconds by which a write goes on with a merge.
_MERGE_STEPS = 4


class SqliteIndex:
    """See `askwatch.search.base.LeadIndex`. Thread-safe; writes are visible at once."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self._file, self._clock = SqliteFile(path), clock

    def ensure(self) -> None:
        self._file.write(self._create)
        self._drop_leftovers()

    def put(self, documents: Sequence[LeadDocument]) -> None:
        self._put(documents, _list_written)

    def delete(self, lead_ids: Sequence[LeadId]) -> None:
        for start in range(0, len(lead_ids), _DELETE_BATCH):
            batch = lead_ids[start : start + _DELETE_BATCH]

            def delete(connection: sqlite3.Connection, batch: Sequence[LeadId] = batch) -> None:
                for version in _list_written(connection):
                    if delete_documents(connection, version, batch):
                        _note_removal(connection, version)

            self._file.write(delete)
        self._forget()

    def search(self, query: LeadQuery) -> LeadPage:
        question = prepare(query)
        found, total, facets = self._file.read(
            partial(_search, question=question, with_facets=query.with_facets)
        )
        return make_page(question, found, total, facets)

    def refresh(self) -> None:
        """Nothing to do: what is committed is visible."""

    def count(self) -> int:
        def count(connection: sqlite3.Connection) -> int:
            table = _find_live(connection).leads
            row = connection.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - our name
            return int(row.fetchone()[0])

        return self._file.read(count)

    def begin_rebuild(self) -> str:
        def begin(connection: sqlite3.Connection) -> str:
            connection.execute(
                "UPDATE versions SET state = ? WHERE state = ?", (_DROPPED, _BUILDING)
            )
            return self._add_version(connection, _BUILDING).name

        name = self._file.write(begin)
        self._drop_leftovers()
        return name

    def put_rebuild(self, version: str, documents: Sequence[LeadDocument]) -> None:
        self._put(documents, lambda connection: [_find_building(connection, version)])

    def finish_rebuild(self, version: str) -> None:
        def swap(connection: sqlite3.Connection) -> None:
            new = _find_building(connection, version)
            connection.execute("UPDATE versions SET state = ? WHERE state = ?", (_DROPPED, _LIVE))
            connection.execute(
                "UPDATE versions SET state = ? WHERE number = ?", (_LIVE, new.number)
            )

        self._file.write(swap)
        self._drop_leftovers()

    def abandon_rebuild(self, version: str) -> None:
        def abandon(connection: sqlite3.Connection) -> None:
            for building in _list_versions(connection, _BUILDING):
                if building.name == version:
                    connection.execute(
                        "UPDATE versions SET state = ? WHERE number = ?",
                        (_DROPPED, building.number),
                    )

        self._file.write(abandon)
        self._drop_leftovers()

    def check(self) -> None:
        self._file.read(_find_live)

    def close(self) -> None:
        self._file.close()

    def _create(self, connection: sqlite3.Connection) -> None:
        connection.execute(_SCHEMA)
        if not _list_versions(connection, _LIVE):
            self._add_version(connection, _LIVE)

    def _add_version(self, connection: sqlite3.Connection, state: str) -> Version:
        number = connection.execute(
            "INSERT INTO versions (state, created_at) VALUES (?, ?)",
            (state, self._clock.now().isoformat()),
        ).lastrowid
        version = Version(number or 0)
        create_tables(connection, version)
        return version

    def _put(
        self,
        documents: Sequence[LeadDocument],
        choose: Callable[[sqlite3.Connection], list[Version]],
    ) -> None:
        # All are checked and analysed before the first is written, outside of any transaction.
        stored = newest([store(document) for document in documents])
        for start in range(0, len(stored), _BATCH):
            batch = stored[start : start + _BATCH]

            def write(
                connection: sqlite3.Connection, batch: Sequence[StoredDocument] = batch
            ) -> None:
                for version in choose(connection):
                    if write_documents(connection, version, batch):
                        _note_removal(connection, version)

            self._file.write(write)
        self._forget()

    def _forget(self) -> None:
        """Go on rewriting the inverted index where words were removed."""
        for _ in range(_MERGE_STEPS):
            if not self._file.read(_find_merging):
                return
            self._file.write(_merge)

    def _drop_leftovers(self) -> None:
        """Drop the tables of versions nobody uses, one in a transaction to keep these short."""
        for version in self._file.read(lambda connection: _list_versions(connection, _DROPPED)):
            for table in version.tables:
                self._file.write(partial(_drop_table, table=table))
            self._file.write(partial(_drop_version, version=version))


def _search(
    connection: sqlite3.Connection, *, question: Question, with_facets: bool
) -> tuple[list[Found], int, dict[str, dict[str, int]]]:
    version = _find_live(connection)
    return (
        find_hits(connection, version, question),
        count_hits(connection, version, question),
        count_facets(connection, version, question) if with_facets else {},
    )


def _list_versions(connection: sqlite3.Connection, *states: str) -> list[Version]:
    marks = ", ".join("?" * len(states))
    rows = connection.execute(
        f"SELECT number FROM versions WHERE state IN ({marks}) ORDER BY number",  # noqa: S608
        states,
    )
    return [Version(*row) for row in rows.fetchall()]


def _list_written(connection: sqlite3.Connection) -> list[Version]:
    versions = _list_versions(connection, _LIVE, _BUILDING)
    if not versions:
        raise BackendUnavailableError("the index", "it has no live version")
    return versions


def _find_live(connection: sqlite3.Connection) -> Version:
    versions = _list_versions(connection, _LIVE)
    if not versions:
        raise BackendUnavailableError("the index", "it has no live version")
    return versions[0]


def _find_building(connection: sqlite3.Connection, name: str) -> Version:
    for version in _list_versions(connection, _BUILDING):
        if version.name == name:
            return version
    raise FencedError(f"version {name!r} of the index is no longer under construction")


def _note_removal(connection: sqlite3.Connection, version: Version) -> None:
    connection.execute("UPDATE versions SET wants_merge = 1 WHERE number = ?", (version.number,))


def _find_merging(connection: sqlite3.Connection) -> tuple[Version, bool] | None:
    """Return the live version and whether its merge is under way; None without need for one."""
    row = connection.execute(
        "SELECT number, is_merging FROM versions WHERE state = ? AND (wants_merge OR is_merging)",
        (_LIVE,),
    ).fetchone()
    return None if row is None else (Version(row[0]), bool(row[1]))


def _merge(connection: sqlite3.Connection) -> None:
    found = _find_merging(connection)
    if found is None:
        return  # Another process has just done the rest.
    version, is_merging = found
    if not is_merging:
        connection.execute(
            "UPDATE versions SET wants_merge = 0, is_merging = 1 WHERE number = ?",
            (version.number,),
        )
    if merge_words(connection, version, is_first=not is_merging):
        connection.execute("UPDATE versions SET is_merging = 0 WHERE number = ?", (version.number,))


def _drop_table(connection: sqlite3.Connection, *, table: str) -> None:
    connection.execute(f"DROP TABLE IF EXISTS {table}")


def _drop_version(connection: sqlite3.Connection, *, version: Version) -> None:
    connection.execute("DELETE FROM versions WHERE number = ?", (version.number,))
