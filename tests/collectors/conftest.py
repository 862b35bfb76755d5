"""What tests of stage 1 share: a bus that can be read back, settings, an intake, a feed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from askwatch.bus.sqlite import SqliteBus
from askwatch.clock import ManualClock
from askwatch.events import POSTS
from askwatch.settings import Settings
from askwatch.state.engine import Database
from collectors.intake import Intake
from collectors.registry import Registry
from tests.collectors.feeds import Bench


@pytest.fixture
def bus(tmp_path: Path, clock: ManualClock) -> Iterator[SqliteBus]:
    opened = SqliteBus(tmp_path / "bus.db", partitions=3, retention_s=86_400.0, clock=clock)
    opened.ensure_streams([POSTS])
    yield opened
    opened.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load(
        data_dir=tmp_path,
        secret_key="a secret of tests",
        allow_private_addresses=True,
        user_agent_contact="https://askwatch.example/bot",
    )


@pytest.fixture
def intake(
    sqlite_database: Database, bus: SqliteBus, settings: Settings, clock: ManualClock
) -> Iterator[Intake]:
    opened = Intake(database=sqlite_database, bus=bus, secret_key=settings.secret_key, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def bench(
    sqlite_database: Database,
    bus: SqliteBus,
    intake: Intake,
    settings: Settings,
    clock: ManualClock,
    httpserver: HTTPServer,
) -> Iterator[Bench]:
    registry = Registry(
        intake=intake,
        database=sqlite_database,
        bus=bus,
        settings=settings,
        clock=clock,
        delay_s=0.0,
    )
    opened = Bench(sqlite_database, bus, registry, httpserver)
    yield opened
    opened.reader.stop()
    registry.close()
