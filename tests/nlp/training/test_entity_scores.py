"""Scores of entities: what counts as right, and floors for the finder."""

from pathlib import Path

import pytest

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Entity, Intent
from nlp.training.entity_scores import (
    EntityReport,
    GoldenPost,
    evaluate_entities,
    read_golden,
    score_post,
    score_posts,
)

FOLDER = Path(__file__).parents[1]
GOLDEN, OTHERS = FOLDER / "entities_golden.jsonl", FOLDER / "entities_others.jsonl"
BLIND, FRESH = FOLDER / "entities_blind.jsonl", FOLDER / "entities_fresh.jsonl"
UNSEEN = FOLDER / "entities_unseen.jsonl"
TEXT = "a plumber in Leeds, 200 a day, Leeds again"


def make_entity(kind: str, text: str, value: str, *, start: int | None = None) -> Entity:
    start = TEXT.index(text) if start is None else start
    return Entity(kind=kind, text=text, start=start, end=start + len(text), value=value)


PLACE = make_entity("place", "Leeds", "Leeds, GB")
PLUMBER = make_entity("product", "plumber", "plumber")
POST = GoldenPost(
    id="x-001", lang="en", intent=Intent.VENDOR_REQUEST, text=TEXT, entities=(PLUMBER, PLACE)
)


def count(*found: Entity) -> tuple[int, int, int]:
    outcome = score_post(POST, found)
    return len(outcome.right), len(outcome.wrong), len(outcome.missed)


def test_the_golden_entities_themselves_are_right() -> None:
    assert count(PLUMBER, PLACE) == (2, 0, 0)


def test_nothing_found_is_all_missed() -> None:
    assert count() == (0, 0, 2)


def test_spans_must_share_half_of_the_longer_one() -> None:
    assert count(make_entity("product", "a plumber in", "x"))[0] == 1
    assert count(make_entity("product", "a plumber in Leeds", "x")) == (0, 1, 2)


def test_a_place_needs_the_same_value_a_product_does_not() -> None:
    assert count(PLACE.model_copy(update={"value": "Leeds, US"})) == (0, 1, 2)
    assert count(PLACE.model_copy(update={"value": "leeds, gb"})) == (1, 0, 1)
    assert count(PLUMBER.model_copy(update={"value": "other"})) == (1, 0, 1)


def test_the_kind_must_be_right() -> None:
    assert count(PLUMBER.model_copy(update={"kind": "role"})) == (0, 1, 2)


def test_a_second_mention_counts_neither_way() -> None:
    again = make_entity("place", "Leeds", "Leeds, GB", start=TEXT.rindex("Leeds"))
    assert count(PLACE, again) == (1, 0, 1)


def test_relations_of_found_vendors_are_scored_apart() -> None:
    vendor = Entity(kind="vendor", text="a", start=0, end=1, value="a", relation="compared")
    post = POST.model_copy(update={"entities": (vendor,)})
    report = score_posts([post], lambda *_: [vendor.model_copy(update={"relation": ""})])
    assert (report.find().f1, report.relations, report.relations_right) == (1.0, 1, 0)
    assert "0.000 right of 1" in report.to_text()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("no json", "no golden post"),
        (POST.model_dump_json().replace('"start":2', '"start":3'), "does not stand at 3"),
        (POST.model_dump_json().replace('"kind":"place"', '"kind":"town"'), "unknown kind"),
    ],
)
def test_a_broken_line_is_told_with_its_number(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "golden.jsonl"
    path.write_text(f"{POST.model_dump_json()}\n\n{line}\n")
    with pytest.raises(ConfigurationError, match=f"line 3: .*{says}"):
        read_golden(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_golden(tmp_path / "none.jsonl")


@pytest.fixture(scope="module")
def golden() -> EntityReport:
    return evaluate_entities(GOLDEN)


@pytest.mark.parametrize("half", ["even", "odd"])
def test_the_golden_posts_are_read(golden: EntityReport, half: str) -> None:
    assert golden.find(half=half).f1 >= 0.90, golden.to_text()


@pytest.mark.parametrize("lang", ["en", "da", "sv", "no", "de"])
def test_no_language_is_left_behind(golden: EntityReport, lang: str) -> None:
    assert golden.find(lang=lang).f1 >= 0.86, golden.to_text()


@pytest.mark.parametrize(
    ("path", "floor", "relations"),
    [(OTHERS, 0.70, 0.73), (BLIND, 0.68, 0.70), (FRESH, 0.68, 0.60), (UNSEEN, 0.78, 0.70)],
)
def test_posts_that_are_not_ours_are_read_less_well_but_read(
    path: Path, floor: float, relations: float
) -> None:
    report = evaluate_entities(path)
    assert report.find().f1 >= floor, report.to_text()
    assert report.relations_right >= relations * report.relations, report.to_text()
    assert report.find().precision >= 0.69, report.to_text()


def test_the_interval_holds_the_figure(golden: EntityReport) -> None:
    low, high = golden.interval()
    assert low < golden.find().f1 < high
    assert EntityReport().interval() == (0.0, 0.0)


def test_there_are_enough_golden_posts_in_every_language() -> None:
    posts = read_golden(GOLDEN)
    by_lang = {
        lang: sum(post.lang == lang for post in posts) for lang in ("en", "da", "sv", "no", "de")
    }
    assert len(posts) >= 400
    assert min(by_lang["en"], by_lang["da"]) >= 110
    assert min(by_lang.values()) >= 70
