"""The pages served on a free port, over real SQLite and a real browser's reach."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import uvicorn

from api.app import create_app
from api.auth import SESSION_COOKIE
from api.deps import Services
from askwatch.bus.base import NewRecord
from askwatch.bus.sqlite import SqliteBus
from askwatch.bus.streams import STREAMS
from askwatch.clock import SystemClock
from askwatch.events import EVENTS, EventRecord
from askwatch.model.ids import EventId, ExpertId, new_id
from askwatch.search.sqlite import SqliteIndex
from askwatch.settings import Settings
from askwatch.state import sign_in
from askwatch.state.engine import Database
from collectors.desk import Desk
from router.decisions import RouterDecisions
from tests.browser import company

SECRET_KEY = "s" * 32


@dataclass(frozen=True)
class Site:
    """A running site, and what it stands on."""

    url: str
    services: Services

    def session_cookie(self, expert_id: str) -> dict[str, str]:
        """Return the cookie of a new session, as a browser takes it."""
        services = self.services
        now = services.clock.now()
        token = services.database.write(
            lambda tx: sign_in.begin_session(
                tx, ExpertId(expert_id), now=now, duration=timedelta(days=1)
            )
        )
        return {"name": SESSION_COOKIE, "value": token, "url": self.url}

    def tell(self, lead_id: str, kind: str = "lead.changed") -> None:
        """Say on the bus that a question changed."""
        event = EventRecord(
            event_id=EventId(new_id()), kind=kind, at=self.services.clock.now(), lead_id=lead_id
        )
        producer = self.services.bus.producer()
        record = NewRecord(event.key, event.to_bytes(), {"schema": event.SCHEMA})
        producer.produce(EVENTS, [record])
        producer.close()


@contextmanager
def serve(folder: Path, database: Database) -> Iterator[Site]:
    """Serve a filled site until the block ends."""
    clock = SystemClock()
    company.fill(database, clock.now())
    bus = SqliteBus(folder / "bus.db", partitions=2, retention_s=3600, clock=clock)
    bus.ensure_streams(STREAMS)
    index = SqliteIndex(folder / "search.db", clock=clock)
    index.ensure()
    index.put(company.documents(database))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings(data_dir=folder, secret_key=SECRET_KEY, port=port)
    services = Services(
        database=database,
        bus=bus,
        index=index,
        settings=settings,
        clock=clock,
        decisions=RouterDecisions(database=database, settings=settings, clock=clock),
        desk=Desk(database=database, bus=bus, settings=settings, clock=clock),
    )
    app = create_app(services)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="on")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        clock.sleep(0.02)
    try:
        yield Site(f"http://127.0.0.1:{port}", services)
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        index.close()
        bus.close()
