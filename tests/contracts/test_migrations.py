"""The migrated schema is the one that the code names, on every database."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import sql

from askwatch.model.ids import TopicId
from askwatch.model.topic import Topic
from askwatch.state.engine import Database, Transaction
from askwatch.state.migrate import current_revision, head_revision, migrate
from askwatch.state.tables import metadata
from askwatch.state.topics import list_topics, put_topic


def test_the_migrated_schema_is_what_the_tables_say(database: Database) -> None:
    assert database.read(_compare) == []
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


def test_the_revision_before_is_migrated_with_what_is_in_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'state.db'}")
    before = f"{int(head_revision()) - 1:04}"
    migrate(database, revision=before)
    assert current_revision(database) == before
    topic = Topic(topic_id=TopicId("identity"), name="Identity")
    now = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    database.write(lambda transaction: put_topic(transaction, topic, now=now))
    migrate(database)
    assert current_revision(database) == head_revision()
    assert database.read(list_topics) == [topic]
    assert database.read(_compare) == []
    database.close()


def _compare(transaction: Transaction) -> list[object]:
    context = MigrationContext.configure(transaction, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))
