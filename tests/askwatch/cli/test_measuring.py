"""evaluate, compare and corpus check, as they are called."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from askwatch.cli.main import app
from askwatch.errors import ConfigurationError

POSTS = [
    {"id": "1", "text": "Can anyone recommend a CRM?", "lang": "en", "intent": "vendor_request",
     "b2b": True, "topic": "crm_sales"},
    {"id": "2", "text": "lovely sunset tonight", "lang": "en", "intent": "other", "b2b": False},
]  # fmt: skip


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, POSTS)))
    return path


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_figures_go_to_the_terminal_a_page_and_a_file(posts: Path, tmp_path: Path) -> None:
    page, json = tmp_path / "out" / "page.html", tmp_path / "new" / "figures.json"
    said = run("evaluate", posts, "--full", "--page", page, "--json", json)
    assert "2 posts, 2 labelled" in said
    assert "threshold" in said
    assert str(page) in said
    assert "<svg" in page.read_text(encoding="utf-8")
    assert orjson.loads(json.read_bytes())["files"][0]["posts"] == 2


def test_a_model_and_saved_answers_are_compared(posts: Path, tmp_path: Path) -> None:
    from nlp.model import packaged_model_dir

    saved, json = tmp_path / "saved.jsonl", tmp_path / "c.json"
    run("classify", posts, saved, "--workers", "1")
    said = run(
        "compare", posts, "--model", packaged_model_dir(), "--answers", saved, "--json", json
    )
    assert "intent differs in 0" in said
    assert orjson.loads(json.read_bytes())["posts"] == 2


def test_compare_wants_two_models(posts: Path) -> None:
    with pytest.raises(ConfigurationError, match="compare needs two"):
        CliRunner().invoke(app, ["compare", str(posts)], catch_exceptions=False)


def test_a_corpus_is_checked_and_a_fault_ends_with_1(posts: Path, tmp_path: Path) -> None:
    said = run("corpus", "check", "--folder", tmp_path)
    assert "no faults" in said
    result = CliRunner().invoke(
        app, ["corpus", "check", "--folder", str(tmp_path), "--golden", str(posts)]
    )
    assert result.exit_code == 1
    assert "1 golden posts share" in result.output


def test_a_file_that_cannot_be_written_is_named(posts: Path) -> None:
    for option, name in (("--json", "a.json"), ("--page", "a.html")):
        with pytest.raises(ConfigurationError, match="cannot be written"):
            CliRunner().invoke(
                app, ["evaluate", str(posts), option, str(posts / name)], catch_exceptions=False
            )
