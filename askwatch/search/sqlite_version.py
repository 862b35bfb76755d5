"""One version of the embedded index: its tables, and how documents get into them."""

import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from askwatch.search.analysis import COLUMNS
from askwatch.search.stored import StoredDocument

_VALUES = (
    "state", "lane", "intent", "lang", "source_id", "region", "owner_id", "outcome", "urgency",
)  # fmt: skip
_NUMBERS = ("probability", "value", "published_at", "found_at")
_NO_WORDS = ("",) * len(COLUMNS)
# Pages of 4 KiB that one step of forgetting rewrites: some milliseconds.
_MERGE_PAGES = 250


@dataclass(frozen=True, slots=True)
class Version:
    """The names of a version's tables; its number comes from the table of versions.

    `leads` holds what is filtered and sorted by, narrow enough to be scanned; `documents` the
    documents and their tokens, packed; `words` the inverted index, which keeps no text of its own.
    """

    number: int

    @property
    def name(self) -> str:
        return f"v{self.number}"

    @property
    def leads(self) -> str:
        return f"leads_{self.name}"

    @property
    def topics(self) -> str:
        return f"topics_{self.name}"

    @property
    def documents(self) -> str:
        return f"documents_{self.name}"

    @property
    def words(self) -> str:
        return f"words_{self.name}"

    @property
    def tables(self) -> tuple[str, ...]:
        return (self.words, self.documents, self.topics, self.leads)


def create_tables(connection: sqlite3.Connection, version: Version) -> None:
    """Create the empty tables of a version."""
    values = ", ".join(f"{name} TEXT NOT NULL" for name in _VALUES)
    leads, topics = version.leads, version.topics
    statements = [
        (
            f"CREATE TABLE {leads} (id INTEGER PRIMARY KEY, lead_id TEXT NOT NULL UNIQUE, "
            f"revision INTEGER NOT NULL, {values}, probability REAL NOT NULL, value REAL NOT NULL, "
            "published_at INTEGER NOT NULL, found_at INTEGER NOT NULL)"
        ),
        *(
            f"CREATE INDEX {leads}_{name} ON {leads} ({name} DESC, lead_id)"
            for name in ("found_at", "published_at")
        ),
        (
            f"CREATE TABLE {topics} (topic_id TEXT NOT NULL, id INTEGER NOT NULL, "
            "PRIMARY KEY (topic_id, id)) WITHOUT ROWID"
        ),
        f"CREATE INDEX {topics}_id ON {topics} (id)",
        (
            f"CREATE TABLE {version.documents} (id INTEGER PRIMARY KEY, document BLOB NOT NULL, "
            "tokens BLOB NOT NULL)"
        ),
        # Tokens come ready made: blanks part them, and these signs belong to them. The tokenizer
        # takes everything beyond ASCII as a letter.
        (
            f"CREATE VIRTUAL TABLE {version.words} USING fts5({', '.join(COLUMNS)}, content='', "
            "tokenize=\"ascii tokenchars '+#_'\")"
        ),
    ]
    for statement in statements:
        connection.execute(statement)


def write_documents(
    connection: sqlite3.Connection, version: Version, documents: Sequence[StoredDocument]
) -> bool:
    """Write those that are not older than what is there; True if words were taken out by it."""
    has_forgotten = False
    for document in documents:
        row = connection.execute(
            f"SELECT id, revision FROM {version.leads} WHERE lead_id = ?",  # noqa: S608 - our names
            (document.lead_id,),
        ).fetchone()
        if row is None:
            _insert(connection, version, document)
        elif row[1] <= document.revision:
            has_forgotten |= _replace(connection, version, document, row[0])
    return has_forgotten


def delete_documents(
    connection: sqlite3.Connection, version: Version, lead_ids: Sequence[str]
) -> bool:
    """Remove documents; True if words were taken out by it."""
    has_forgotten = False
    for lead_id in lead_ids:
        row = connection.execute(
            f"SELECT id FROM {version.leads} WHERE lead_id = ?",  # noqa: S608 - our names
            (lead_id,),
        ).fetchone()
        if row is None:
            continue
        old = _read_tokens(connection, version, row[0])
        has_forgotten |= _remove_words(connection, version, row[0], old)
        for table in (version.documents, version.topics, version.leads):
            connection.execute(f"DELETE FROM {table} WHERE id = ?", row)  # noqa: S608 - our names
    return has_forgotten


def merge_words(connection: sqlite3.Connection, version: Version, *, is_first: bool) -> bool:
    """Rewrite a part of the inverted index without what was removed; True when all is done.

    Until then, a removed word stays in the file beside the note that it is removed. The first
    step takes all there is into one merge; the others go on with that, whatever is written since.
    """
    before = connection.total_changes
    pages = -_MERGE_PAGES if is_first else _MERGE_PAGES
    connection.execute(
        f"INSERT INTO {version.words} ({version.words}, rank) VALUES ('merge', ?)",  # noqa: S608
        (pages,),
    )
    # Below two changes nothing was left to merge (sqlite.org/fts5.html, "The 'merge' Command").
    return connection.total_changes - before < 2


def _insert(connection: sqlite3.Connection, version: Version, document: StoredDocument) -> None:
    columns = ("lead_id", "revision", *_VALUES, *_NUMBERS)
    marks = ", ".join("?" * len(columns))
    identity = connection.execute(
        f"INSERT INTO {version.leads} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608
        _row(document),
    ).lastrowid
    connection.execute(
        f"INSERT INTO {version.documents} VALUES (?, ?, ?)",  # noqa: S608 - our names
        (identity, document.document, _pack(document.columns)),
    )
    _insert_topics(connection, version, document, identity)
    _insert_words(connection, version, identity, document.columns)


def _replace(
    connection: sqlite3.Connection, version: Version, document: StoredDocument, identity: int
) -> bool:
    columns = ("lead_id", "revision", *_VALUES, *_NUMBERS)
    assignments = ", ".join(f"{name} = ?" for name in columns)
    connection.execute(
        f"UPDATE {version.leads} SET {assignments} WHERE id = ?",  # noqa: S608 - our names
        (*_row(document), identity),
    )
    old = _read_tokens(connection, version, identity)
    connection.execute(
        f"UPDATE {version.documents} SET document = ?, tokens = ? WHERE id = ?",  # noqa: S608
        (document.document, _pack(document.columns), identity),
    )
    connection.execute(f"DELETE FROM {version.topics} WHERE id = ?", (identity,))  # noqa: S608
    _insert_topics(connection, version, document, identity)
    if old == document.columns:
        return False  # Most changes are of state and owner, and leave the words alone.
    has_forgotten = _remove_words(connection, version, identity, old)
    _insert_words(connection, version, identity, document.columns)
    return has_forgotten


def _insert_topics(
    connection: sqlite3.Connection, version: Version, document: StoredDocument, identity: int | None
) -> None:
    connection.executemany(
        f"INSERT INTO {version.topics} VALUES (?, ?)",  # noqa: S608 - our names
        [(topic_id, identity) for topic_id in document.topic_ids],
    )


def _insert_words(
    connection: sqlite3.Connection, version: Version, identity: int | None, columns: tuple[str, ...]
) -> None:
    if columns == _NO_WORDS:
        return
    marks = ", ".join("?" * (len(COLUMNS) + 1))
    connection.execute(
        f"INSERT INTO {version.words} (rowid, {', '.join(COLUMNS)}) VALUES ({marks})",  # noqa: S608
        (identity, *columns),
    )


def _remove_words(
    connection: sqlite3.Connection, version: Version, identity: int, columns: tuple[str, ...]
) -> bool:
    """Take words out; an index without a copy of the text wants to be told what they were."""
    if columns == _NO_WORDS:
        return False
    marks = ", ".join("?" * (len(COLUMNS) + 1))
    connection.execute(
        f"INSERT INTO {version.words} ({version.words}, rowid, {', '.join(COLUMNS)}) "  # noqa: S608
        f"VALUES ('delete', {marks})",
        (identity, *columns),
    )
    return True


def _row(document: StoredDocument) -> tuple[object, ...]:
    return (
        document.lead_id,
        document.revision,
        *(document.values[name] for name in _VALUES),
        *(document.numbers[name] for name in _NUMBERS),
    )


def _read_tokens(
    connection: sqlite3.Connection, version: Version, identity: int
) -> tuple[str, ...]:
    (packed,) = connection.execute(
        f"SELECT tokens FROM {version.documents} WHERE id = ?",  # noqa: S608 - our names
        (identity,),
    ).fetchone()
    return tuple(orjson.loads(zlib.decompress(packed)))


def _pack(columns: tuple[str, ...]) -> bytes:
    # The columns mostly repeat each other, so the fastest level already makes them small.
    return zlib.compress(orjson.dumps(columns), 1)
