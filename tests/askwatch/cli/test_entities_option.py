"""`askwatch evaluate --entities`: prints the scores of a file of golden entities."""

from pathlib import Path

from typer.testing import CliRunner

from askwatch.cli.main import app

GOLDEN = Path(__file__).parents[2] / "nlp" / "entities_blind.jsonl"


def test_entities_are_scored_by_kind_and_language() -> None:
    result = CliRunner().invoke(app, ["evaluate", "--entities", str(GOLDEN)])
    assert result.exit_code == 0, result.output
    for word in ("product", "company_size", "language", "95 %", "relations of the vendors"):
        assert word in result.output


def test_something_to_evaluate_must_be_named() -> None:
    result = CliRunner().invoke(app, ["evaluate"])
    assert result.exit_code == 2
    assert "--entities" in result.output
