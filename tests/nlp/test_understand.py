"""The whole cascade on one post and on many."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askwatch.model.ids import TopicId
from askwatch.model.lead import Intent, Lane, Understanding
from askwatch.model.post import TEXT_LIMIT
from askwatch.model.topic import Topic, Wants
from nlp.model import packaged_model_dir
from nlp.pipeline import build_pipeline
from nlp.understand import Understander, index_topics
from tests.nlp.texts import HOSTILE_TEXTS

ASK = (
    "Er der nogen der kan anbefale en dygtig revisor i Aarhus? Vi er 12 ansatte, budget 30.000 kr."
)
ADVERT = (
    "We're hiring a senior backend developer, remote within Europe, full time. "
    "Send your CV, apply now."
)
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=400)
PIECES = [
    "can", "anyone", "recommend", "a", "good", "crm", "?", "we", "need", "hiring", "kender",
    "nogen", "en", "revisor", "tilbud", "$", "500", "kr", "per month", "\n", ".", "!", "@you",
    "#tag", "https://a.b/c", "\u200b", "Ålborg", "by friday", "10-20 ansatte",
]  # fmt: skip
WORDS = st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join)


def test_a_danish_ask_is_understood_with_its_reasons(understander: Understander) -> None:
    (understood,) = understander.understand([ASK])
    assert understood.lang == "da"
    assert understood.intent is Intent.VENDOR_REQUEST
    assert understood.lane is Lane.ALERT
    assert understood.topics[0].topic_id == "accounting_finance"
    assert {"place", "budget", "company_size"} <= {each.kind for each in understood.entities}
    assert any(each.kind == "vendor_ask" and each.weight > 0 for each in understood.reasons)
    for start, end, text in _spans(understood):
        assert ASK[start:end] == text
    assert sum(understood.probabilities.values()) == pytest.approx(1.0, abs=1e-3)
    assert understood.model == understander.model_name


def test_probabilities_of_the_two_asks_make_the_probability(understander: Understander) -> None:
    (understood,) = understander.understand([ADVERT])
    asks = [Intent.VENDOR_REQUEST, Intent.CANDIDATE_SEARCH]
    total = sum(understood.probabilities[intent] for intent in asks)
    assert understood.probability == pytest.approx(total, abs=1e-3)
    assert understood.intent is Intent.CANDIDATE_SEARCH


def test_an_advert_alerts_only_whom_it_is_wanted_by(understander: Understander) -> None:
    lanes = {}
    for wants in Wants:
        topic = Topic(
            topic_id=TopicId("dev"), name="Developers", phrases=("backend developer",), wants=wants
        )
        (understood,) = understander.understand([ADVERT], topics=index_topics([topic]))
        lanes[wants] = understood.lane
    assert lanes == {
        Wants.VENDOR: Lane.REVIEW, Wants.CANDIDATE: Lane.ALERT, Wants.BOTH: Lane.ALERT,
    }  # fmt: skip


def test_an_ask_outside_the_companys_topics_is_for_review(understander: Understander) -> None:
    topic = Topic(topic_id=TopicId("roofs"), name="Roofs", phrases=("roofing",))
    (understood,) = understander.understand([ASK], topics=index_topics([topic]))
    assert understood.lane is Lane.REVIEW


def test_chatter_is_dropped_at_the_gate_unless_all_is_asked_for(understander: Understander) -> None:
    text = "lovely sunset over the harbour tonight"
    (dropped,) = understander.understand([text])
    (whole,) = understander.understand([text], is_complete=True)
    assert (dropped.lang, dropped.intent, dropped.lane) == ("und", Intent.OTHER, Lane.NONE)
    assert (whole.lang, whole.lane) == ("en", Lane.NONE)


def test_a_copy_with_another_link_shares_a_band(understander: Understander) -> None:
    first, second = understander.understand([ASK, ASK + " https://example.org/x"], is_complete=True)
    assert set(first.signature) & set(second.signature)


def test_the_pipeline_gives_a_doc_with_everything_on_it(understander: Understander) -> None:
    doc = build_pipeline(packaged_model_dir())(ASK)
    (understood,) = understander.understand([ASK])
    assert doc.text == ASK
    assert doc._.intent is understood.intent
    assert doc._.topics == understood.topics
    assert doc._.entities == understood.entities
    assert doc._.reasons == understood.reasons


def test_no_company_topics_means_the_built_in_ones() -> None:
    assert index_topics([]) is None
    hidden = Topic(topic_id=TopicId("a"), name="A", is_active=False)
    assert index_topics([hidden]) is None


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=lambda text: repr(text[:10]))
def test_the_time_for_a_hostile_text_grows_no_faster_than_its_length(
    understander: Understander, text: str
) -> None:
    def cost_s(part: str) -> float:
        costs = []
        for _ in range(3):
            began_s = time.process_time()
            understander.understand([part], is_complete=True)
            costs.append(time.process_time() - began_s)
        return min(costs)

    whole = text[:TEXT_LIMIT]
    # A cost that grows with the square would be sixteen times that of a quarter.
    assert cost_s(whole) < 10 * cost_s(whole[: len(whole) // 4]) + 0.01


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(ANY_TEXT | WORDS, min_size=1, max_size=4))
def test_a_post_is_understood_alike_alone_and_in_a_batch(
    understander: Understander, texts: list[str]
) -> None:
    for is_complete in (False, True):
        batch = understander.understand(texts, is_complete=is_complete)
        alone = [understander.understand([text], is_complete=is_complete)[0] for text in texts]
        assert batch == alone


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(ANY_TEXT | WORDS)
def test_every_span_lies_in_the_text(understander: Understander, text: str) -> None:
    (understood,) = understander.understand([text], is_complete=True)
    for start, end, _ in _spans(understood):
        assert 0 <= start < end <= len(text)
    assert all(len(key) <= 40 for key in understood.signature)
    understood.model_dump_json()


def _spans(understood: Understanding) -> list[tuple[int, int, str]]:
    reasons = [(each.start, each.end, each.text) for each in understood.reasons]
    return reasons + [(each.start, each.end, each.text) for each in understood.entities]
