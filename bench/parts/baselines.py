"""What the machine can do at most with the same bytes: parse, append, produce."""

import sqlite3

import orjson

from askwatch.bus.base import NewRecord
from bench.figures import JSON_PARSE, KAFKA_PRODUCE, SQLITE_APPEND, Figure
from bench.room import KAFKA, Room

_BATCH = 500
# Fewer are done before the clock has moved enough.
_FEWEST = 100_000


def measure(room: Room) -> None:
    """Measure all baselines over the same posts."""
    posts = room.make_posts(room.amounts.posts)
    lines = posts.lines()
    mix = f"{len(lines)} posts, {posts.size_bytes / max(1, len(lines)):.0f} bytes each"
    many = lines * -(-_FEWEST // max(1, len(lines)))
    room.add(Figure(JSON_PARSE, len(many), _parse(room, many), mix=mix))
    room.add(Figure(SQLITE_APPEND, len(many), _append(room, many), mix=mix))
    if KAFKA in room.modes:
        room.add(Figure(KAFKA_PRODUCE, len(lines), _produce(room, lines), mix=mix))


def _parse(room: Room, lines: list[bytes]) -> float:
    began_s = room.clock.monotonic()
    for line in lines:
        orjson.loads(line)
    return room.clock.monotonic() - began_s


def _append(room: Room, lines: list[bytes]) -> float:
    connection = sqlite3.connect(room.make_folder() / "raw.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("CREATE TABLE log (number INTEGER PRIMARY KEY, value BLOB NOT NULL)")
    began_s = room.clock.monotonic()
    for start in range(0, len(lines), _BATCH):
        connection.execute("BEGIN IMMEDIATE")
        batch = [(line,) for line in lines[start : start + _BATCH]]
        connection.executemany("INSERT INTO log (value) VALUES (?)", batch)
        connection.execute("COMMIT")
    duration_s = room.clock.monotonic() - began_s
    connection.close()
    return duration_s


def _produce(room: Room, lines: list[bytes]) -> float:
    """Produce through our own producer: it only adds keys and waits for every acknowledgement."""
    with room.opened(KAFKA) as backends:
        producer = backends.bus.producer()
        try:
            records = [NewRecord(str(number), line) for number, line in enumerate(lines)]
            producer.produce("posts", records[:1])  # connect, before the time runs
            began_s = room.clock.monotonic()
            for start in range(0, len(records), _BATCH):
                producer.produce("posts", records[start : start + _BATCH])
            return room.clock.monotonic() - began_s
        finally:
            producer.close()
