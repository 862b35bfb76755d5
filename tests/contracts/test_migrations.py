"""The migrated schema is the one that the code names, on every database."""

from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import sql

from askwatch.state.engine import Database, Transaction
from askwatch.state.migrate import current_revision, head_revision, migrate
from askwatch.state.tables import metadata


def test_the_migrated_schema_is_what_the_tables_say(database: Database) -> None:
    def compare(transaction: Transaction) -> list[object]:
        context = MigrationContext.configure(transaction, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    assert database.read(compare) == []
    assert current_revision(database) == head_revision()


def test_an_empty_file_is_migrated_and_migrating_again_changes_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'state.db'}")
    assert current_revision(database) == ""
    migrate(database)
    migrate(database)
    assert current_revision(database) == head_revision()
    database.close()


@pytest.mark.postgres
def test_an_empty_postgres_database_is_migrated(postgres_server: str) -> None:
    name = sql.Identifier("migrate_from_empty")
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        database = Database(f"{postgres_server.rpartition('/')[0]}/migrate_from_empty")
        migrate(database)
        assert current_revision(database) == head_revision()
        database.close()
        connection.execute(sql.SQL("DROP DATABASE {}").format(name))
