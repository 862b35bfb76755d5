"""Urgency and the terms of an ask's value."""

from datetime import UTC, datetime, timedelta

import pytest

from askwatch.model.ids import PostId, SourceId
from askwatch.model.lead import Entity, Intent, Lane, Understanding
from askwatch.model.post import Author, Post
from askwatch.model.value import DEFAULT_WEIGHTS, rate_age, rate_reach, weigh_terms
from askwatch.settings import Settings
from nlp.analysis import analyse
from nlp.normalise import normalise
from nlp.patterns import PatternSet
from nlp.value import add_post_terms, is_urgent, rate_terms

NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)


def make_entity(kind: str, value: str = "") -> Entity:
    return Entity(kind=kind, text="x", start=0, end=1, value=value)


def make_post(*, seen_after: timedelta = timedelta(0), reply: str = "", url: str = "u") -> Post:
    return Post(
        source_id=SourceId("s"),
        post_id=PostId("p"),
        url=url,
        author=Author(name="Ann"),
        published_at=NOON,
        observed_at=NOON + seen_after,
        in_reply_to=reply,
    )


def make_understanding(terms: dict[str, float]) -> Understanding:
    return Understanding(
        lang="en",
        intent=Intent.VENDOR_REQUEST,
        probability=0.8,
        probabilities={},
        b2b_probability=0.5,
        lane=Lane.ALERT,
        value_terms=terms,
    )


def test_the_value_is_the_weighted_mean_of_its_terms_times_the_probability() -> None:
    weights = {"b2b": 3.0, "budget": 1.0}
    assert weigh_terms({"b2b": 1.0, "budget": 0.0}, probability=0.8, weights=weights) == 0.6


def test_every_term_adds_to_the_value() -> None:
    nothing = dict.fromkeys(DEFAULT_WEIGHTS, 0.0)
    for name in DEFAULT_WEIGHTS:
        assert weigh_terms({**nothing, name: 1.0}, probability=1.0) > 0


def test_all_terms_make_a_sure_ask_worth_one_and_none_nothing() -> None:
    assert weigh_terms(dict.fromkeys(DEFAULT_WEIGHTS, 1.0), probability=1.0) == 1.0
    assert weigh_terms({}, probability=1.0) == 0.0
    assert weigh_terms({"b2b": 1.0}, probability=1.0, weights={"b2b": 0.0}) == 0.0


def test_the_settings_begin_with_the_default_weights() -> None:
    assert Settings().value_weights == DEFAULT_WEIGHTS


def test_a_post_seen_late_has_lost_age() -> None:
    assert rate_age(make_post()) == 1.0
    assert rate_age(make_post(seen_after=timedelta(days=1))) == 0.5


def test_a_reply_without_a_link_has_less_reach() -> None:
    assert rate_reach(make_post()) == 1.0
    assert rate_reach(make_post(reply="other", url="")) == 0.25


def test_entities_make_the_terms() -> None:
    entities = [make_entity(kind) for kind in ("budget", "place", "product", "vendor")]
    terms = rate_terms(b2b=0.5, is_urgent_ask=True, entities=entities)
    assert terms == {"b2b": 0.5, "urgency": 1.0, "budget": 1.0, "specificity": 1.0}


def test_the_post_adds_reach_and_age() -> None:
    terms = {"b2b": 1.0, "urgency": 0.0, "budget": 0.0, "specificity": 0.0}
    with_post = add_post_terms(
        make_understanding(terms), make_post(seen_after=timedelta(days=1)), DEFAULT_WEIGHTS
    )
    assert with_post.value_terms == {**terms, "reach": 1.0, "age": 0.5}
    assert with_post.value == pytest.approx(0.8 * (0.4 + 0.1 + 0.05), abs=1e-4)


def test_what_is_no_lead_stays_as_it_is() -> None:
    plain = make_understanding({})
    assert add_post_terms(plain, make_post(), DEFAULT_WEIGHTS) is plain


def test_old_records_are_read_without_terms() -> None:
    old = make_understanding({}).model_dump(exclude={"value_terms"})
    assert Understanding.model_validate(old).value_terms == {}


@pytest.mark.parametrize(
    ("entities", "expected"),
    [
        ([], False),
        ([make_entity("urgency", "high")], True),
        ([make_entity("deadline", "2026-03-13")], True),
        ([make_entity("deadline", "2026-03-13"), make_entity("urgency", "low")], False),
    ],
)
def test_a_deadline_is_urgent_unless_there_is_no_rush(
    entities: list[Entity], expected: bool
) -> None:
    analysis = analyse(normalise("a new office chair"), PatternSet())
    assert is_urgent(analysis, entities) is expected
