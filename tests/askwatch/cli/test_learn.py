"""`askwatch learn` and `askwatch backtest`, as somebody types them."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from askwatch.backends import open_database, opened, prepare
from askwatch.cli.main import app
from askwatch.clock import ManualClock, SystemClock
from askwatch.errors import ConfigurationError, ConflictError
from askwatch.model.adaptation import Adaptation
from askwatch.settings import Settings
from askwatch.state import adaptations
from tests.nlp.test_stage import ASK, CHATTER


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a data folder that is ready to be used."""
    clock = SystemClock()
    with opened(Settings(data_dir=tmp_path / "data"), clock=clock) as backends:
        prepare(backends, clock=clock)
    return tmp_path / "data"


def run(*words: str | Path) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def publish(folder: Path, clock: ManualClock) -> None:
    database = open_database(Settings(data_dir=folder))
    database.write(
        lambda tx: adaptations.add(
            tx,
            Adaptation(alert_shift=0.1),
            is_better=True,
            figures={"unwanted_alerts": [9, 4], "reasons": []},
            actor="cli",
            now=clock.now(),
        )
    )
    database.close()


def test_without_taps_nothing_is_learned(folder: Path) -> None:
    said = run("learn", "--data", folder)
    assert "there are 0 taps, 20 are needed" in said
    assert "the model alone is applied" in run("learn", "list", "--data", folder)


def test_versions_are_listed_and_rolled_back(folder: Path, clock: ManualClock) -> None:
    publish(folder, clock)
    assert "champion" in run("learn", "list", "--data", folder)
    assert "the model alone is applied" in run("learn", "rollback", "--data", folder)
    assert "adaptation 1 is applied" in run("learn", "rollback", "1", "--data", folder)
    run("learn", "rollback", "--data", folder)
    with pytest.raises(ConflictError):
        run("learn", "rollback", "--data", folder)


def test_a_change_is_tried_on_a_file(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    lines = [orjson.dumps({"id": "1", "text": ASK}), orjson.dumps({"id": "2", "text": CHATTER})]
    file.write_bytes(b"\n".join([*lines, b"broken", b""]))
    said = run("backtest", "--file", file, "--alert", "0.99999", "--data", folder)
    assert "2 in" in said
    assert "0 gained, 1 lost" in said
    assert "alert -> review" in said
    with pytest.raises(ConfigurationError, match="between 0 and 1"):
        run("backtest", "--file", file, "--alert", "2", "--data", folder)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        run("backtest", "--file", tmp_path / "none", "--data", folder)


def test_an_empty_stream_is_told_as_such(folder: Path) -> None:
    assert "posts         0 in" in run("backtest", "--data", folder)
