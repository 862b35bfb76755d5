"""Brings the database's schema up to date; safe when several processes start at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text

from askwatch.state.engine import Database, Transaction

_SCRIPTS = Path(__file__).parent / "migrations"
# Any number will do, as long as nobody else on the server uses it for something of theirs.
_ADVISORY_LOCK = 7_303_014_771


def migrate(database: Database, *, revision: str = "head") -> None:
    """Upgrade to `revision` in one transaction; a schema that is there already stays as it is."""

    def upgrade(transaction: Transaction) -> None:
        if not database.is_sqlite:  # SQLite has one writer anyway
            transaction.execute(
                text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK}
            )
        config = Config()
        config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
        config.attributes["connection"] = transaction
        command.upgrade(config, revision)

    if revision != "head" or current_revision(database) != head_revision():
        database.write(upgrade)


def current_revision(database: Database) -> str:
    """Return the revision the schema stands at; "" when it is empty."""

    def look(transaction: Transaction) -> str:
        return MigrationContext.configure(transaction).get_current_revision() or ""

    return database.read(look)


def head_revision() -> str:
    """Return the newest revision that this version knows."""
    names = sorted(path.name for path in (_SCRIPTS / "versions").glob("[0-9]*.py"))
    return names[-1].partition("_")[0]
