"""How long a look for copies takes among very many live leads.

`python -m bench.copies [--leads 1000000] [--database URL]` fills a database with leads of
made-up near-duplicate keys, as many a lead as the longest signature has, and looks for copies as
the router does: half of the looks meet a lead, half meet none. Without a URL it is an SQLite file,
which is removed again; one of PostgreSQL must be empty. A million takes some minutes and 5 GB.
"""

import argparse
import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from askwatch.state import bands
from askwatch.state.engine import Database, Transaction
from askwatch.state.migrate import migrate
from askwatch.state.tables import lead_bands, leads
from nlp.signature import MOST_KEYS

_NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
_SINCE = _NOW - timedelta(days=7)
_BATCH = 20_000
_LEAD = {
    "state": "alerting", "epoch": 1, "revision": 1, "lane": "alert", "intent": "vendor_request",
    "probability": 0.9, "b2b_probability": 0.8, "lang": "en", "topics": [], "entities": [],
    "reasons": [], "urgency": "normal", "value": 0.5, "model": "bench", "source_id": "bench",
    "post_revision": 1, "title": "", "text": "Who knows a good accountant?", "url": "",
    "author_name": "", "author_url": "", "author_hash": "", "place": "", "published_at": _NOW,
    "observed_at": _NOW, "found_at": _NOW, "expires_at": _NOW, "updated_at": _NOW,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--looks", type=int, default=4_000)
    parser.add_argument("--database", help="URL of an empty database; default a file of its own")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="askwatch-copies-") as folder:
        database = Database(options.database or f"sqlite:///{Path(folder) / 'copies.db'}")
        try:
            migrate(database)
            fill(database, options.leads)
            look(database, options.leads, options.looks)
        finally:
            database.close()


def fill(database: Database, count: int) -> None:
    """Write `count` leads with their keys."""
    numbers = range(count)
    _write(database, insert(leads), (_make_lead(number) for number in numbers))
    for place in range(MOST_KEYS):
        # In order of the key: a table of random ones grows many times slower.
        keys = sorted((make_key(number, place), f"lead-{number}") for number in numbers)
        _write(
            database,
            insert(lead_bands),
            ({"band": key, "lead_id": lead, "seen_at": _NOW} for key, lead in keys),
        )
        print(f"{(place + 1) * count} keys of {count} leads", flush=True)


def look(database: Database, count: int, looks: int) -> None:
    """Print how long looks take, of signatures that share keys with a lead and of others."""
    for name, first, is_met in (("a copy is there", 0, True), ("none is there", count, False)):
        took: list[float] = []
        for number in range(looks // 2):
            # Of a copy the exact key is another, some bands are the same.
            own = first + number * max(1, count // looks)
            signature = [make_key(count + own, 0), *(make_key(own, at) for at in (3, 7, 11))]
            signature += [make_key(count + own, place) for place in range(4, MOST_KEYS)]
            start = time.perf_counter()
            found = database.read(partial(bands.find_copies, signature=signature, since=_SINCE))
            took.append(time.perf_counter() - start)
            if bool(found) is not is_met:
                raise SystemExit(f"{name}: {found} was found for lead {own}")
        took.sort()
        middle, most = took[len(took) // 2], took[int(len(took) * 0.99)]
        print(f"{name}: median {middle * 1e3:.2f} ms, 99 % below {most * 1e3:.2f} ms")


def make_key(number: int, place: int) -> str:
    """Return a key as long as those of nlp.signature."""
    digest = hashlib.blake2b(f"{number} {place}".encode(), digest_size=14).hexdigest()
    return f"{place:02d}:{digest}"


def _make_lead(number: int) -> dict[str, Any]:
    return {**_LEAD, "lead_id": f"lead-{number}", "post_id": str(number)}


def _write(database: Database, statement: Any, rows: Iterator[dict[str, Any]]) -> None:
    while batch := list(islice(rows, _BATCH)):
        database.write(_run(statement, batch))


def _run(statement: Any, batch: Sequence[dict[str, Any]]) -> Callable[[Transaction], object]:
    return lambda transaction: transaction.execute(statement, batch)


if __name__ == "__main__":
    main()
