"""The start formula, term by term."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askwatch.model.decisions import Disclosure
from askwatch.model.expert import Expert
from askwatch.model.ids import ExpertId, TopicId
from askwatch.model.lead import Entity, TopicScore
from askwatch.model.topic import Topic
from askwatch.state import topics
from router.company import Company, CompanyCache
from router.policy import Policy
from router.rows import make_lead
from router.scoring import Ask, Load, Match, Terms, rate, read_ask
from router.selection import find_free, smallest_set
from router.step import Step, read_reach
from tests.router.worlds import (
    ANNA,
    BO,
    CARL,
    CLOUD,
    IDENTITY,
    World,
    make_expert,
    make_understanding,
)


def read_company(world: World) -> Company:
    now = world.clock.now()
    return world.database.read(lambda tx: CompanyCache().get(tx, now))


def ask_of(world: World, company: Company, text: str = "", **understood: Any) -> Ask:
    post = world.make_post(title="", text=text or "Who hosts Keycloak for us?")
    now = world.clock.now()

    def make(transaction: Any) -> Ask:
        reach = read_reach(world.settings)
        step = Step(transaction=transaction, now=now, company=company, reach=reach)
        return read_ask(make_lead(step, post, make_understanding(**understood), ""), company)

    return world.database.read(make)


def match(world: World, expert_id: ExpertId, load: Load | None = None, **changes: Any) -> Match:
    company = read_company(world)
    ask = ask_of(world, company, **changes)
    return rate(ask, company.experts[expert_id], company, load or Load(), world.clock.now())


def test_the_weights_of_the_formula_add_up_to_one() -> None:
    ones = Terms(1, 1, 1, 1, 1, 1, 1, 1)
    assert ones.score() == pytest.approx(1)
    assert Terms(1, 0, 0, 0, 0, 0, 0, 0).score() == pytest.approx(0.40)


@given(st.lists(st.floats(0, 1), min_size=8, max_size=8))
def test_a_score_of_terms_between_nought_and_one_is_too(values: list[float]) -> None:
    assert 0 <= Terms(*values).score() <= 1


def test_who_knows_the_words_of_the_post_fits_better(small_world: World) -> None:
    anna, bo = match(small_world, ANNA), match(small_world, BO)
    assert anna.terms.topic_fit > bo.terms.topic_fit
    assert anna.terms.skills > bo.terms.skills
    assert anna.value > bo.value
    assert 0 < anna.probability < 1


def test_a_fit_is_absolute_so_a_foreign_post_fits_nobody(small_world: World) -> None:
    found = match(small_world, ANNA, text="Looking for a wedding photographer near Odense")
    assert found.terms.topic_fit == 0


def test_inflected_danish_words_find_the_profile(small_world: World) -> None:
    world = small_world
    profile = "Jeg drifter servere og hjælper virksomheder med regnskaber"
    world.put_experts(make_expert(CARL, skills=(), profile=profile))
    text = "Nogen der kan hjælpe med driften af en server og vores regnskab?"
    found = match(world, CARL, text=text, lang="da")
    assert found.terms.topic_fit > 0
    because = {str(each["kind"]): each["values"] for each in found.because}
    assert set(because["profile"]) & {"server", "regnskab", "hjælpe"}  # type: ignore[arg-type]  # a list of words
    assert because["language"] == ["da"]


def test_reasons_are_kinds_and_values_in_order_of_strength(small_world: World) -> None:
    found = match(small_world, ANNA)
    assert found.because == [
        {"kind": "skill", "values": ["Keycloak"]},
        {"kind": "topic", "values": ["identity"]},
        {"kind": "language", "values": ["en"]},
        {"kind": "free", "values": []},
    ]
    small_world.put_experts(make_expert(ANNA, is_on_duty=True))
    assert match(small_world, ANNA).because[-1] == {"kind": "duty", "values": []}


def test_a_place_that_is_ones_own_counts_and_another_counts_against(small_world: World) -> None:
    world = small_world
    world.put_experts(make_expert(ANNA, regions=("Aarhus",)))
    place = Entity(kind="place", text="aarhus", start=0, end=6)
    other = Entity(kind="place", text="Berlin", start=0, end=6)
    assert match(world, ANNA).terms.region == 0.5
    assert match(world, ANNA, entities=(place,)).terms.region == 1
    assert match(world, ANNA, entities=(other,)).terms.region == 0
    assert {"kind": "region", "values": ["Aarhus"]} in match(world, ANNA, entities=(place,)).because


def test_a_product_of_the_post_is_matched_with_declared_skills(small_world: World) -> None:
    product = Entity(kind="product", text="KC", start=0, end=2, value="keycloak")
    found = match(small_world, ANNA, text="Anyone who runs KC?", entities=(product,))
    assert {"kind": "skill", "values": ["Keycloak"]} in found.because


def test_past_answers_raise_the_record_and_are_told(small_world: World) -> None:
    world = small_world
    before = match(world, ANNA).terms.track_record
    for number in range(3):
        lead = world.find(world.make_post(f"old-{number}"))
        world.decisions.claim(lead.lead_id, ANNA, actor="cli")
        world.decisions.answer(
            lead.lead_id,
            ANNA,
            answer_url="",
            disclosed=Disclosure.YES,
            disclosure_reason="",
            actor="cli",
        )
    after = match(world, ANNA)
    assert after.terms.track_record > before
    assert after.because[0] == {"kind": "answers", "values": ["3", "identity"]}


def test_who_was_told_much_lately_is_worth_less(small_world: World) -> None:
    now = small_world.clock.now()
    fresh = match(small_world, ANNA).value
    tired = match(small_world, ANNA, Load(told_at=(now - timedelta(hours=1),))).value
    older = match(small_world, ANNA, Load(told_at=(now - timedelta(hours=20),))).value
    busy = match(small_world, ANNA, Load(open_claims=2)).value
    assert tired < older < fresh
    assert busy == pytest.approx(fresh * (1 - (2 / 3) ** 2))


def test_an_unknown_language_is_no_obstacle(small_world: World) -> None:
    assert match(small_world, ANNA, lang="und").terms.language == 1
    assert match(small_world, ANNA, lang="fi").terms.language == 0


def test_a_lead_without_topics_weighs_skills_alone(small_world: World) -> None:
    assert match(small_world, ANNA, topics=()).terms.skills == 1
    assert match(small_world, BO, topics=()).terms.skills == 0


def test_somebody_about_to_leave_is_less_available(small_world: World) -> None:
    small_world.clock.advance(5.9 * 3600)
    assert 0 < match(small_world, ANNA).terms.availability < 1


def test_a_company_that_changes_is_read_anew_and_history_each_minute(small_world: World) -> None:
    world, cache = small_world, CompanyCache()

    def get() -> Company:
        now = world.clock.now()
        return world.database.read(lambda tx: cache.get(tx, now))

    first = get()
    assert get() is first
    world.clock.advance(61)
    assert get().history.read_at > first.history.read_at
    assert get().index is first.index
    topic = Topic(topic_id=TopicId("tax"), name="Tax")
    world.database.write(lambda tx: topics.put_topic(tx, topic, now=world.clock.now()))
    assert get().topic_name(TopicId("tax"), "da") == "Tax"
    assert get().topic_name(TopicId("removed"), "en") == "removed"
    assert get().topic_name(None, "en") == ""


def some_match(name: str, probability: float, value: float) -> Match:
    expert = make_expert(ExpertId(name))
    return Match(expert, Terms(0, 0, 0, 0, 0, 0, 0, 0), 0.5, probability, value, [])


def names(matches: tuple[Match, ...]) -> list[str]:
    return [each.expert.expert_id for each in matches]


def test_the_smallest_set_that_is_likely_enough_is_chosen() -> None:
    people = [some_match("a", 0.4, 0.3), some_match("b", 0.6, 0.5), some_match("c", 0.6, 0.4)]
    assert names(smallest_set(people, Policy(), "normal")) == ["b"]
    assert names(smallest_set(people, Policy(), "high")) == ["b", "c"]


def test_never_more_than_three_and_nobody_below_the_cost() -> None:
    people = [some_match(name, 0.1, 0.3) for name in "abcde"]
    assert names(smallest_set(people, Policy(), "high")) == ["a", "b", "c"]
    assert smallest_set([some_match("a", 0.9, 0.001)], Policy(), "high") == ()
    assert smallest_set([], Policy(), "high") == ()


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=12))
def test_a_chosen_set_is_a_prefix_of_the_best_and_no_smaller_one_would_do(
    values: list[tuple[float, float]],
) -> None:
    people = [some_match(f"e{number:02}", *pair) for number, pair in enumerate(values)]
    policy = Policy()
    chosen = smallest_set(people, policy, "normal")
    assert len(chosen) <= policy.set_size
    assert all(each.value >= policy.interruption_cost for each in chosen)
    nobody = 1.0
    for each in chosen[:-1]:
        nobody *= 1 - each.probability
        assert 1 - nobody < policy.target("normal")


def free_at(world: World, expert: Expert, load: Load) -> object:
    world.put_experts(expert)
    return find_free(expert, read_company(world), load, world.clock.now())


def test_caps_free_themselves_with_the_day_and_with_the_hours(small_world: World) -> None:
    world = small_world
    now = world.clock.now()
    expert = make_expert(ANNA, daily_cap=2, is_on_duty=True)
    assert free_at(world, expert, Load((now - timedelta(hours=1),))) == world.clock.now()
    both = Load((now - timedelta(hours=3), now - timedelta(hours=20)))
    assert free_at(world, expert, both) == now - timedelta(hours=20) + timedelta(hours=24)
    # Both of today: the day has to end, and the older of the two has to be a day ago.
    today = Load((now - timedelta(hours=1), now - timedelta(hours=2)))
    assert free_at(world, expert, today) == now - timedelta(hours=2) + timedelta(hours=24)


def test_who_takes_none_is_never_free(small_world: World) -> None:
    assert free_at(small_world, make_expert(ANNA, daily_cap=0), Load()) is None
    assert free_at(small_world, make_expert(ANNA, capacity=0), Load()) is None
    assert free_at(small_world, make_expert(ANNA, hours={}), Load()) is None


def test_full_hands_are_looked_at_again(small_world: World) -> None:
    found = free_at(small_world, make_expert(ANNA, capacity=1), Load(open_claims=1))
    assert found == small_world.clock.now() + timedelta(minutes=15)


@pytest.mark.parametrize(
    "changes",
    [
        {"topics": (CLOUD,)},
        {"languages": {"da": 1.0}},
        {"has_consented": False},
        {"is_active": False},
        {"is_disclosure_trained": False},
        {"channels": ()},
    ],
)
def test_every_gate_keeps_an_expert_out(changes: dict[str, Any], small_world: World) -> None:
    world = small_world
    world.put_experts(make_expert(ANNA, **changes), make_expert(BO, topics=()))
    lead = world.find()
    assert world.alerts(lead.lead_id) == {}
    assert lead.state.value == "pooled"


def test_a_lead_foreign_to_all_alerts_nobody(small_world: World) -> None:
    topic = TopicScore(topic_id=CLOUD, probability=0.9)
    lead = small_world.find(understanding=make_understanding(topics=(topic,)))
    assert lead.state.value == "pooled"


def test_without_a_topic_the_text_alone_must_fit_well(small_world: World) -> None:
    world = small_world
    foreign = world.make_post("1", title="", text="Looking for a wedding photographer")
    assert world.find(foreign, make_understanding(topics=())).state.value == "pooled"
    world.set_policy(topic_fit_floor=0.1)
    close = world.make_post("2", title="Keycloak", text="Keycloak for banks?")
    assert world.find(close, make_understanding(topics=())).state.value == "alerting"


def test_the_first_topic_of_a_lead_is_kept(small_world: World) -> None:
    assert small_world.find().topic_id == IDENTITY
