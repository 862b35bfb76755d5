"""`askwatch train-entities`: makes the weights of the entity reader from annotated posts."""

import json
from pathlib import Path

from typer.testing import CliRunner

from askwatch.cli.main import app
from askwatch.errors import ConfigurationError

LINE = {
    "id": "x-1", "lang": "en", "intent": "vendor_request",
    "text": "Any good flumberer near us? We use Zorblat now",
    "entities": [["product", "flumberer", 9], ["vendor", "Zorblat", 35, "incumbent"]],
}  # fmt: skip


def test_weights_are_made_and_told(tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(json.dumps(LINE), encoding="utf-8")
    out = tmp_path / "made"
    result = CliRunner().invoke(
        app, ["train-entities", "--annotated", str(tmp_path), "--out", str(out)]
    )
    assert result.exit_code == 0, result.output
    assert "1 posts, 1 vendors" in result.output
    assert {path.name for path in out.iterdir()} == {"relations.npz", "tagger.npz"}


def test_a_folder_without_posts_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["train-entities", "--annotated", str(tmp_path)])
    assert isinstance(result.exception, ConfigurationError)
    assert "no annotated posts" in str(result.exception)
