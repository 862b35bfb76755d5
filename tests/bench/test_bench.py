"""The whole bench, in small: every part measures something on the embedded back ends."""

from pathlib import Path

import pytest

from bench.__main__ import main
from bench.report import BEGIN, END


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_quick_run_measures_every_stage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"# Performance\n\n{BEGIN}\n{END}\n")
    arguments = ["--quick", "--embedded", "--folder", str(tmp_path), "--output", str(page)]
    assert main(arguments) == 0, capsys.readouterr().err
    written = page.read_text()
    for part in ("SQLite append", "collectors, SQLite", "nlp, whole stage", "router, SQLite",
                 "relay, SQLite", "search, words", "whole way, embedded"):  # fmt: skip
        assert f"| {part}" in written
    assert "| memory, embedded |" in written
    assert (tmp_path / "images" / "performance.svg").exists()
