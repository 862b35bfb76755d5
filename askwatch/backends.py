"""Knows which class stands behind each interface: settings in, opened back ends out."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from askwatch.bus.base import Bus
from askwatch.bus.streams import STREAMS
from askwatch.clock import Clock
from askwatch.errors import ConfigurationError
from askwatch.model.source import Permission, Source, SourceKind
from askwatch.search.base import LeadIndex
from askwatch.settings import Settings
from askwatch.state import sources
from askwatch.state.engine import Database, Transaction
from askwatch.state.hand_ins import HAND_IN_SOURCE
from askwatch.state.migrate import migrate

# Shorter secrets can be guessed; ours have 43 characters.
_SECRET_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Backends:
    """The three opened back ends of one process, and the settings they were opened by."""

    settings: Settings
    database: Database
    bus: Bus
    index: LeadIndex


@contextmanager
def opened(settings: Settings, *, clock: Clock) -> Iterator[Backends]:
    """Open everything, and close it at the end.

    Raises:
        ConfigurationError: A setting names something that cannot be, or a file cannot be used.
        BackendUnavailableError: A server does not answer.
    """
    settings = complete(settings)
    with ExitStack() as stack:
        database = open_database(settings)
        stack.callback(database.close)
        bus = open_bus(settings, clock=clock)
        stack.callback(bus.close)
        index = open_index(settings, clock=clock)
        stack.callback(index.close)
        yield Backends(settings, database, bus, index)


def prepare(backends: Backends, *, clock: Clock) -> None:
    """Bring schema, streams, index and the hand-in source into being; again changes nothing."""
    migrate(backends.database)
    backends.bus.ensure_streams(STREAMS)
    backends.index.ensure()
    now = clock.now()

    def write(transaction: Transaction) -> None:
        known = {source.source_id for source in sources.list_sources(transaction)}
        if HAND_IN_SOURCE not in known:
            sources.put_source(transaction, _hand_in_source(clock), now=now)

    backends.database.write(write)


def complete(settings: Settings) -> Settings:
    """Return the settings with the folder made and a secret in them.

    Raises:
        ConfigurationError: The folder cannot be written, or production has no secret.
    """
    _make_folder(settings.data_dir)
    if settings.secret_key:
        if len(settings.secret_key) < _SECRET_LENGTH:
            raise ConfigurationError(
                f"ASKWATCH_SECRET_KEY has fewer than {_SECRET_LENGTH} characters: make one with "
                "'openssl rand -base64 32'"
            )
        return settings
    if settings.state_url != "sqlite":
        raise ConfigurationError(
            "ASKWATCH_SECRET_KEY is empty: all processes of one installation need the same; make "
            "one with 'openssl rand -base64 32'"
        )
    return settings.model_copy(update={"secret_key": _read_secret(settings.data_dir)})


def open_bus(settings: Settings, *, clock: Clock) -> Bus:
    """Open the bus that ASKWATCH_BUS_URL names."""
    retention_s = settings.retention_hours * 3600
    if settings.bus_url == "sqlite":
        from askwatch.bus.sqlite import SqliteBus  # noqa: PLC0415 - only what is used is loaded

        return SqliteBus(
            settings.data_dir / "bus.db",
            partitions=settings.stream_partitions,
            retention_s=retention_s,
            clock=clock,
        )
    address = urlsplit(settings.bus_url)
    if address.scheme != "kafka" or not address.netloc:
        raise _wrong_url("ASKWATCH_BUS_URL", "sqlite or kafka://host:port[,host:port]")
    from askwatch.bus.kafka import KafkaBus  # noqa: PLC0415 - as above

    return KafkaBus(
        address.netloc,
        prefix=settings.stream_prefix,
        partitions=settings.stream_partitions,
        retention_s=retention_s,
        clock=clock,
    )


def open_database(settings: Settings) -> Database:
    """Open the database that ASKWATCH_STATE_URL names."""
    if settings.state_url == "sqlite":
        return Database(f"sqlite:///{settings.data_dir / 'state.db'}")
    if not urlsplit(settings.state_url).scheme.startswith("postgres"):
        raise _wrong_url("ASKWATCH_STATE_URL", "sqlite or postgresql://user:password@host/database")
    return Database(settings.state_url)


def open_index(settings: Settings, *, clock: Clock) -> LeadIndex:
    """Open the index that ASKWATCH_SEARCH_URL names."""
    if settings.search_url == "sqlite":
        from askwatch.search.sqlite import SqliteIndex  # noqa: PLC0415 - as above

        return SqliteIndex(settings.data_dir / "search.db", clock=clock)
    if urlsplit(settings.search_url).scheme not in {"http", "https"}:
        raise _wrong_url("ASKWATCH_SEARCH_URL", "sqlite or http(s)://host:port")
    from askwatch.search.elastic import ElasticIndex  # noqa: PLC0415 - as above

    return ElasticIndex(settings.search_url, prefix=settings.stream_prefix)


def _wrong_url(variable: str, form: str) -> ConfigurationError:
    # Never the value itself: it may hold a password.
    return ConfigurationError(f"{variable} must be {form}")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ConfigurationError(
            f"the data folder {folder} cannot be written ({error.strerror}): choose another with "
            "--data or ASKWATCH_DATA_DIR"
        ) from error


def _read_secret(folder: Path) -> str:
    """Return the folder's own secret, made at its first use."""
    path = folder / "secret.key"
    try:
        with path.open("x", encoding="ascii") as made:
            path.chmod(0o600)
            made.write(secrets.token_urlsafe(32))
    except FileExistsError:
        pass  # an earlier start made it
    secret = path.read_text(encoding="ascii").strip()
    if len(secret) < _SECRET_LENGTH:
        raise ConfigurationError(f"{path} is damaged: restore it, or delete it to end all sessions")
    return secret


def _hand_in_source(clock: Clock) -> Source:
    return Source(
        source_id=HAND_IN_SOURCE,
        kind=SourceKind.HAND_IN,
        name="Handed in by colleagues",
        permission=Permission(
            permission_basis="brought by a person who may read it",
            approved_by="Askwatch",
            approved_on=clock.now().date(),
        ),
    )
