"""Reasons are what hiding them changes, in the post's own words."""

import json
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path

import pytest

from askwatch.model.lead import Intent, Lane, Reason, Understanding
from nlp.analysis import Analysis
from nlp.model import ASKS, packaged_model_dir
from nlp.normalise import normalise
from nlp.pipeline import load_parts
from nlp.reasons import ReasonFinder, hide
from nlp.reasons.candidates import propose
from nlp.screening import Screener
from nlp.understand import Understander
from tests.nlp.texts import HOSTILE_TEXTS

GOLDEN = sorted(Path(__file__).with_name("golden").glob("*.jsonl"))
POSTS_A_LANGUAGE, FLOOR = 24, 0.9
ASK = (
    "Hej alle. Vi er et lille firma i Aarhus.\n\nEr der nogen, der kender en god revisor?\n"
    "Se mere på https://firma.example"
)


def golden_leads(understander: Understander) -> Iterator[tuple[str, Understanding]]:
    """Yield leads of every language, evenly over its file."""
    for path in GOLDEN:
        lines = path.read_text(encoding="utf-8").splitlines()
        asks = [each for each in map(json.loads, lines) if each["intent"] in set(ASKS)]
        step = max(1, len(asks) // POSTS_A_LANGUAGE)
        for post in islice(asks, 0, None, step):
            (understood,) = understander.understand([post["text"]])
            if understood.lane is not Lane.NONE:
                yield post["text"], understood


@pytest.fixture(scope="module")
def leads(understander: Understander) -> list[tuple[str, Understanding]]:
    return list(golden_leads(understander))


@pytest.fixture(scope="module")
def screener() -> Screener:
    return load_parts(str(packaged_model_dir())).screener


def analyse(screener: Screener, text: str) -> Analysis:
    return screener.analyse(normalise(text))


def of_the_ask(reasons: tuple[Reason, ...]) -> list[Reason]:
    return [each for each in reasons if not each.kind.startswith("topic:")]


def test_hiding_the_first_span_lowers_the_probability(
    understander: Understander, leads: list[tuple[str, Understanding]]
) -> None:
    faithful = 0
    for text, understood in leads:
        first = understood.reasons[0]
        (after,) = understander.understand([hide(text, first.start, first.end)])
        faithful += first.weight > 0 and after.probability < understood.probability
    assert len(leads) >= 80
    assert faithful >= FLOOR * len(leads)


def test_every_lead_has_reasons_for_before_those_against(
    leads: list[tuple[str, Understanding]],
) -> None:
    for text, understood in leads:
        weights = [each.weight for each in of_the_ask(understood.reasons)]
        assert weights
        assert [weight >= 0 for weight in weights] == sorted(
            [weight >= 0 for weight in weights], reverse=True
        )
        assert weights[0] > 0 or understood.reasons[0].kind == "whole"
        assert all(0 <= each.start <= each.end <= len(text) for each in understood.reasons)


def test_reasons_do_not_lie_over_each_other(leads: list[tuple[str, Understanding]]) -> None:
    for _, understood in leads:
        spoke_for = [each for each in of_the_ask(understood.reasons) if each.weight > 0]
        spans = sorted((each.start, each.end) for each in spoke_for)
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))


def test_an_asking_clause_is_quoted_from_its_ask_to_what_is_asked_for(
    understander: Understander,
) -> None:
    (understood,) = understander.understand([ASK])
    asks = [each for each in understood.reasons if each.kind == "vendor_ask"]
    assert asks
    assert "kender" in asks[0].text or "nogen" in asks[0].text
    for each in understood.reasons:
        assert ASK[each.start : each.end] == each.text


def test_reasons_are_the_same_every_time(understander: Understander) -> None:
    alone = understander.understand([ASK])[0].reasons
    assert understander.understand(["Hello", ASK, "Farvel"])[1].reasons == alone


def test_a_candidate_search_is_told_as_one(screener: Screener) -> None:
    analysis = analyse(screener, "We are hiring a backend developer. Does anyone know somebody?")
    kinds = {each.kind for each in propose(analysis, Intent.CANDIDATE_SEARCH)}
    assert {"hiring", "candidate_ask"} & kinds
    assert "vendor_ask" not in kinds


def test_a_clause_ends_at_its_comma(screener: Screener) -> None:
    text = "Can anyone recommend a good accountant, my brother has moved to Spain"
    analysis = analyse(screener, text)
    spans = propose(analysis, Intent.VENDOR_REQUEST)
    texts = [text[slice(*analysis.words.span(each.first, each.last))] for each in spans]
    assert "Can anyone recommend a good accountant" in texts


def test_offers_and_links_are_tried_as_spans_against(screener: Screener) -> None:
    analysis = analyse(screener, "Check out our new platform: https://example.com Sign up today")
    against = {each.kind for each in propose(analysis, Intent.VENDOR_REQUEST) if not each.is_for}
    assert {"offer", "link"} <= against


def test_a_place_is_tried_once(screener: Screener) -> None:
    spans = propose(analyse(screener, ASK * 3), Intent.VENDOR_REQUEST)
    assert len({(each.first, each.last) for each in spans}) == len(spans)


def test_a_text_without_a_deciding_span_names_its_first_sentence(screener: Screener) -> None:
    parts = load_parts(str(packaged_model_dir()))
    for text, expected in (("xyzzy plugh.", "xyzzy plugh"), ("", None)):
        analysis = analyse(screener, text)
        judgement = parts.judge.settle(screener.screen(analysis))
        found = ReasonFinder(screener, parts.judge).find(
            analysis, judgement, "en", (), parts.builtin
        )
        whole = [each for each in found if each.kind == "whole"]
        assert [each.text for each in whole] == ([expected] if expected and whole else [])
        assert all(each.weight == 0 for each in whole)


@pytest.mark.parametrize("number", range(len(HOSTILE_TEXTS)))
def test_broken_text_has_reasons_inside_it(understander: Understander, number: int) -> None:
    text = HOSTILE_TEXTS[number]
    (understood,) = understander.understand([text], is_complete=True)
    for each in understood.reasons:
        assert 0 <= each.start <= each.end <= len(text)


def test_hiding_keeps_every_place_and_line() -> None:
    assert hide("ab\ncd ef", 1, 7) == "a \n    f"
    assert hide("ab", 0, 0) == "ab"
