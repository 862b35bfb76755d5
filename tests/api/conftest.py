"""The application over real SQLite, with people of every role signed in."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth import SESSION_COOKIE
from api.deps import Services
from askwatch.bus.sqlite import SqliteBus
from askwatch.bus.streams import STREAMS
from askwatch.clock import ManualClock
from askwatch.model.expert import Role
from askwatch.model.ids import ExpertId
from askwatch.settings import Settings
from askwatch.state import api_keys, sign_in
from askwatch.state.engine import Database
from tests.api.fakes import FakeDecisions, FakeDesk, FakeIndex
from tests.api.rows import make_expert, put_expert


@dataclass
class World:
    """The application and what it stands on."""

    app: FastAPI
    services: Services
    database: Database
    clock: ManualClock
    index: FakeIndex
    decisions: FakeDecisions
    desk: FakeDesk
    bus: SqliteBus

    def anonymous(self) -> TestClient:
        return TestClient(self.app, follow_redirects=False)

    def sign_in(self, expert_id: str) -> TestClient:
        """Return a client with a session of `expert_id`, which sends its CSRF token."""
        now = self.clock.now()
        token = self.database.write(
            lambda tx: sign_in.begin_session(
                tx, ExpertId(expert_id), now=now, duration=timedelta(days=14)
            )
        )
        session = self.database.read(lambda tx: sign_in.find_session(tx, token, now=now))
        client = self.anonymous()
        client.cookies.set(SESSION_COOKIE, token)
        client.headers["X-CSRF-Token"] = session.csrf_token if session else ""
        return client

    def use_settings(self, settings: Settings) -> None:
        """Build the application anew with other settings."""
        self.services = replace(self.services, settings=settings)
        self.app = create_app(self.services)

    def with_key(self, role: Role, expert_id: str = "") -> TestClient:
        now = self.clock.now()
        _, secret = self.database.write(
            lambda tx: api_keys.create(
                tx, name="test", role=role, expert_id=ExpertId(expert_id) or None, now=now
            )
        )
        client = self.anonymous()
        client.headers["Authorization"] = f"Bearer {secret}"
        return client


@pytest.fixture
def bus(tmp_path: Path, clock: ManualClock) -> Iterator[SqliteBus]:
    opened = SqliteBus(tmp_path / "bus.db", partitions=2, retention_s=3600, clock=clock)
    opened.ensure_streams(STREAMS)
    yield opened
    opened.close()


@pytest.fixture
def world(sqlite_database: Database, clock: ManualClock, bus: SqliteBus, tmp_path: Path) -> World:
    return make_world(sqlite_database, clock, bus, tmp_path)


@pytest.fixture
def any_world(database: Database, clock: ManualClock, bus: SqliteBus, tmp_path: Path) -> World:
    """Return the same over each database."""
    return make_world(database, clock, bus, tmp_path)


def make_world(database: Database, clock: ManualClock, bus: SqliteBus, folder: Path) -> World:
    """Return an application that astrid, bo (experts), sanne, omar and ada may sign in to."""
    for expert in (
        make_expert("astrid", team="Build", topics=("plumbing",)),
        make_expert("bo", team="Build"),
        make_expert("sanne", Role.SALES),
        make_expert("omar", Role.OPS),
        make_expert("ada", Role.ADMIN),
    ):
        put_expert(database, expert)
    index = FakeIndex()
    decisions = FakeDecisions(database, clock.now)
    desk = FakeDesk(database, clock.now)
    services = Services(
        database=database,
        bus=bus,
        index=index,
        settings=Settings(data_dir=folder, secret_key="s" * 32, base_url="http://testserver"),
        clock=clock,
        decisions=decisions,
        desk=desk,
    )
    return World(create_app(services), services, database, clock, index, decisions, desk, bus)
