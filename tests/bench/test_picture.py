from pathlib import Path
from xml.etree import ElementTree

from bench.figures import Figure
from bench.picture import draw, write_picture

SVG = "{http://www.w3.org/2000/svg}"
FIGURES = [
    Figure("JSON parse", 100_000, 1.0),
    Figure("router & <co>", 200, 1.0, unit="leads", processes=2, baseline="JSON parse"),
    Figure("whole way, embedded", 2_000, 1.0, processes=8, baseline="JSON parse"),
    Figure("nothing", 0, 1.0),
]


def test_a_bar_is_drawn_for_each_rate_and_longer_for_more() -> None:
    root = ElementTree.fromstring(draw(FIGURES, "2 cores"))
    bars = {
        each.get("class"): float(each.get("width", "0"))
        for each in root.iter(f"{SVG}rect")
        if each.get("class") != "page"
    }
    assert set(bars) == {"baseline", "stage", "whole"}
    assert bars["stage"] < bars["whole"] < bars["baseline"]


def test_the_words_say_part_processes_and_rate() -> None:
    root = ElementTree.fromstring(draw(FIGURES, "2 cores"))
    words = [each.text for each in root.iter(f"{SVG}text")]
    assert "router & <co>, 2 processes" in words
    assert "100 000 posts" in words
    assert "nothing" not in words


def test_a_picture_without_rates_is_still_one(tmp_path: Path) -> None:
    path = tmp_path / "images" / "performance.svg"
    write_picture(path, [], "2 cores")
    assert ElementTree.fromstring(path.read_text()).tag == f"{SVG}svg"
