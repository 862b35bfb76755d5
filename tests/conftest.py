"""Fixtures that every test may use: a clock, databases, addresses of real servers."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from askwatch.clock import ManualClock
from askwatch.state.engine import Database
from askwatch.state.migrate import migrate
from tests.servers import Mailpit, find_servers, require

# Every test gets a copy of this migrated file, which is faster than migrating it anew.
_TEMPLATE_NAME = "migrated.db"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 2, 10, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def servers() -> dict[str, dict[str, str]]:
    return find_servers()


@pytest.fixture(scope="session")
def kafka_servers(servers: dict[str, dict[str, str]]) -> str:
    return require("Kafka", servers.get("kafka", {}).get("address"))


@pytest.fixture(scope="session")
def elasticsearch_url(servers: dict[str, dict[str, str]]) -> str:
    return require("Elasticsearch", servers.get("elasticsearch", {}).get("address"))


@pytest.fixture(scope="session")
def postgres_server(servers: dict[str, dict[str, str]]) -> str:
    return require("PostgreSQL", servers.get("postgres", {}).get("address"))


@pytest.fixture
def mailpit(servers: dict[str, dict[str, str]]) -> Mailpit:
    entry = servers.get("mailpit", {})
    return Mailpit(require("Mailpit", entry.get("address")), entry.get("api_url", ""))


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    return require("Chromium", found)


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / _TEMPLATE_NAME
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@pytest.fixture
def sqlite_database(_sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "state.db"
    shutil.copy(_sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: str) -> Iterator[str]:
    name = f"template_{uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        database = Database(_with_name(postgres_server, name))
        migrate(database)
        database.close()
        yield name
        connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


@pytest.fixture
def postgres_url(postgres_server: str, _postgres_template: str) -> Iterator[str]:
    """Return the address of a migrated PostgreSQL database of this test's own."""
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(_postgres_template)
            )
        )
        yield _with_name(postgres_server, name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    yield database
    database.close()


@pytest.fixture(
    params=["sqlite_database", pytest.param("postgres_database", marks=pytest.mark.postgres)]
)
def database(request: pytest.FixtureRequest) -> Database:
    opened: Database = request.getfixturevalue(request.param)
    return opened


def _with_name(server: str, name: str) -> str:
    return f"{server.rpartition('/')[0]}/{name}"
