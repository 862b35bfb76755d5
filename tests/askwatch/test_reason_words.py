"""Reasons in the words that people read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askwatch.model.lead import Reason
from askwatch.reason_words import order_reasons, pick_for_card, shorten, tell_reason

KINDS = (
    "vendor_ask", "candidate_ask", "ask", "asked", "need", "comparison", "hiring", "supplier",
    "role", "business", "topic", "topic:identity", "whole", "offer", "advice_given", "know_how",
    "complaint", "job_seeking", "leisure", "link",
)  # fmt: skip


def make_reason(kind: str, *, weight: float = 1.0, text: str = "en god revisor") -> Reason:
    return Reason(kind=kind, text=text, start=0, end=len(text), weight=weight)


def test_a_reason_is_a_sentence_in_the_language_of_the_reader() -> None:
    reason = make_reason("vendor_ask", text="nogen der kender en god revisor")
    quote = "'nogen der kender en god revisor'"
    assert tell_reason(reason, "en").sentence == f"asks others for a supplier: {quote}"
    assert tell_reason(reason, "da").sentence == f"spørger andre efter en leverandør: {quote}"
    assert tell_reason(reason, "fi").words == "asks others for a supplier"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_words_of_its_own_in_both_languages(kind: str) -> None:
    english, danish = (tell_reason(make_reason(kind), each).words for each in ("en", "da"))
    unknown = tell_reason(make_reason("of a later version"), "en").words
    assert english != danish
    assert english not in {unknown, kind}


def test_a_topic_is_told_by_its_name_or_else_by_its_id() -> None:
    reason = make_reason("topic:identity")
    names = {"identity": "Identitet"}
    assert tell_reason(reason, "da", topic_names=names).words == "nævner emnet Identitet"
    assert tell_reason(reason, "en").words == "names the topic identity"


def test_what_a_post_has_nowhere_is_told_without_quotation_marks() -> None:
    assert tell_reason(make_reason("whole", text=""), "en").sentence.endswith("most clearly")


def test_reasons_come_by_weight_for_before_against_and_topics_last() -> None:
    reasons = [
        make_reason("topic:identity", weight=3), make_reason("offer", weight=-0.5),
        make_reason("need", weight=0.4), make_reason("vendor_ask", weight=2.0),
        make_reason("link", weight=-1.0),
    ]  # fmt: skip
    kinds = [each.kind for each in order_reasons(reasons)]
    assert kinds == ["vendor_ask", "need", "link", "offer", "topic:identity"]


def test_a_card_shows_two_for_and_one_against() -> None:
    reasons = [
        *(make_reason("need", weight=weight) for weight in (0.1, 0.2, 0.3)),
        *(make_reason("offer", weight=weight) for weight in (-0.1, -0.2)),
        make_reason("topic:identity", weight=9),
    ]
    assert [each.weight for each in pick_for_card(reasons)] == [0.3, 0.2, -0.2]
    alone = pick_for_card([make_reason("vendor_ask"), make_reason("topic:identity")])
    assert [each.kind for each in alone] == ["vendor_ask", "topic:identity"]


def test_a_long_span_loses_its_middle_between_words() -> None:
    text = "Vi har brug for en underleverandør på emner i messing,\nserier på 500 til 2.000"
    assert shorten(text, 50) == "Vi har brug for en … serier på 500 til 2.000"
    assert shorten("kort og  godt") == "kort og godt"


def test_a_word_that_never_ends_is_cut_inside() -> None:
    cut = shorten("a" * 50 + "b" * 50, 30)
    assert cut.startswith("aaaa")
    assert cut.endswith("bbbb")
    assert len(cut) <= 30


@given(st.text(max_size=400), st.integers(12, 80))
def test_what_is_shortened_is_one_line_within_its_limit(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == " ".join(short.split())
