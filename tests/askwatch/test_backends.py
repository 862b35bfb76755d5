"""Settings lead to opened back ends, or to one clear sentence."""

from pathlib import Path

import pytest

from askwatch.backends import complete, open_bus, open_database, open_index, opened, prepare
from askwatch.clock import SystemClock
from askwatch.errors import ConfigurationError
from askwatch.settings import Settings
from askwatch.state import sources


def make(tmp_path: Path, **given: object) -> Settings:
    return Settings.load(data_dir=tmp_path / "data", **given)


def test_embedded_needs_only_a_folder(tmp_path: Path) -> None:
    clock = SystemClock()
    for _ in range(2):
        with opened(make(tmp_path), clock=clock) as backends:
            prepare(backends, clock=clock)
            (source,) = backends.database.read(sources.list_sources)
            assert source.source_id == "hand-in"
            assert backends.bus.size("posts") == 0
            assert backends.index.count() == 0
    assert {"bus.db", "state.db", "search.db"} <= {
        path.name for path in (tmp_path / "data").iterdir()
    }


def test_the_folders_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first, second = complete(make(tmp_path)), complete(make(tmp_path))
    assert first.secret_key == second.secret_key
    path = tmp_path / "data" / "secret.key"
    assert path.stat().st_mode & 0o077 == 0
    path.write_text("short")
    with pytest.raises(ConfigurationError, match="damaged"):
        complete(make(tmp_path))


def test_production_needs_a_secret_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="ASKWATCH_SECRET_KEY is empty"):
        complete(make(tmp_path, state_url="postgresql://h/d"))
    with pytest.raises(ConfigurationError, match="fewer than 32"):
        complete(make(tmp_path, secret_key="guess"))


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        complete(make(tmp_path))


def test_an_address_of_an_unknown_kind_is_told_without_itself(tmp_path: Path) -> None:
    clock = SystemClock()
    with pytest.raises(ConfigurationError, match="ASKWATCH_BUS_URL must be"):
        open_bus(make(tmp_path, bus_url="amqp://me:secret@h"), clock=clock)
    with pytest.raises(ConfigurationError, match="ASKWATCH_STATE_URL must be"):
        open_database(make(tmp_path, state_url="mysql://me:secret@h/d"))
    with pytest.raises(ConfigurationError, match="ASKWATCH_SEARCH_URL must be") as caught:
        open_index(make(tmp_path, search_url="solr://me:secret@h"), clock=clock)
    assert "secret" not in str(caught.value)


def test_servers_are_opened_by_their_addresses(tmp_path: Path) -> None:
    clock = SystemClock()
    settings = make(
        tmp_path, bus_url="kafka://127.0.0.1:1", state_url="postgresql://h/d",
        search_url="http://127.0.0.1:1", secret_key="k" * 32,
    )  # fmt: skip
    assert complete(settings) == settings
    open_bus(settings, clock=clock).close()
    open_index(settings, clock=clock).close()
    assert not open_database(settings).is_sqlite
